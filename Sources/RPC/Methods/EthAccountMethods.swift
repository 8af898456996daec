import Chain
import Crypto
import Primitives

/// eth_* that sign, for the development accounts of a test network and nobody else.
func ethAccountMethods(_ context: RPCContext) -> [RPCMethod] {
    let typedData = RPCMethod.Body.reading { arguments, writer throws(RPCError) in
        let key = try context.accounts.key(of: arguments.address(0))
        let digest = try arguments.read(1) { data throws(ArgumentError) in try TypedData(data).digest() }
        writer.hex(key.signWhole(digest))
    }
    let typedParameters: [Parameter] = [.required("address", .address), .required("data", .typedData)]
    return [
        RPCMethod(
            "eth_accounts", "The development accounts that this node signs for; none outside test networks.",
            result: "array of addresses",
            .immediate { _, writer in writer.addresses(context.accounts.addresses) }),
        RPCMethod(
            "eth_sign", "Signs a text with a development account (EIP-191).",
            [.required("address", .address), .required("message", .data)], result: "65 bytes",
            .reading { arguments, writer throws(RPCError) in
                let key = try context.accounts.key(of: arguments.address(0))
                writer.hex(key.signPersonal(try arguments.data(1)))
            }),
        RPCMethod(
            "personal_sign", "Signs a text with a development account (EIP-191), as wallets do.",
            [.required("message", .data), .required("address", .address), .optional("password", .text)],
            result: "65 bytes",
            .reading { arguments, writer throws(RPCError) in
                let key = try context.accounts.key(of: arguments.address(1))
                writer.hex(key.signPersonal(try arguments.data(0)))
            }),
        RPCMethod(
            "eth_signTypedData_v4", "Signs a structured message with a development account (EIP-712).",
            typedParameters, result: "65 bytes", typedData),
        RPCMethod(
            "eth_signTypedData", "eth_signTypedData_v4 by the name that some libraries call.", typedParameters,
            result: "65 bytes", typedData),
        RPCMethod(
            "eth_signTransaction", "Signs a transaction with a development account and does not send it.",
            [.required("transaction", .call)], result: "signed transaction",
            .asking { arguments, writer throws(RPCError) in
                let request = try arguments.read(0, CallRequest.init)
                let key = try context.accounts.key(of: request.from)
                // Whoever keeps a signed transaction should have decided all that it says.
                if request.gas == nil { throw .server("gas not specified") }
                if request.gasPrice == nil, request.maxFeePerGas == nil || request.maxPriorityFeePerGas == nil {
                    throw .server("missing gasPrice or maxFeePerGas/maxPriorityFeePerGas")
                }
                if request.nonce == nil { throw .server("nonce not specified") }
                let transaction = try await context.signed(context.filled(request), by: key)
                writer.beginObject()
                writer.name("raw")
                writer.hex(transaction.envelope)
                writer.name("tx")
                writer.transaction(transaction, sender: key.address, in: nil, at: nil)
                writer.endObject()
            }),
        RPCMethod(
            "eth_sendTransaction", "Fills in what is left open, signs with a development account, and sends.",
            [.required("transaction", .call)], result: "transaction hash",
            .asking { arguments, writer throws(RPCError) in
                let request = try arguments.read(0, CallRequest.init)
                let key = try context.accounts.key(of: request.from)
                writer.hex(try await context.send(request, by: key))
            }),
    ]
}

extension RPCContext {
    /// Signs a filled transaction, if the chain has room for one like it.
    fileprivate func signed(_ content: Transaction.Content, by key: AccountKey) throws(RPCError) -> Transaction {
        let transaction = Transaction.signed(content, by: key)
        let header = try head().header
        do {
            try profile.check(transaction, after: header)
        } catch {
            throw .server(error.gethMessage)
        }
        return transaction
    }

    fileprivate func send(_ request: CallRequest, by key: AccountKey) async throws(RPCError) -> Hash32 {
        await accounts.turn.take()
        let outcome: Result<Hash32, RPCError>
        do throws(RPCError) {
            let transaction = try await signed(filled(request), by: key)
            let fates = await node.submit([SentTransaction(transaction, sender: key.address)])
            guard let fate = fates.first else { throw .internalError("the node is shutting down") }
            outcome = fate.mapError { RPCError(code: $0.code, message: $0.message) }
        } catch {
            outcome = .failure(error)
        }
        await accounts.turn.leave()
        return try outcome.get()
    }
}
