import Chain
import EVM
import Primitives

/// eth_* about accounts in the state after any block.
func ethStateMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_getBalance", "The balance of an account, in peb.",
            [.required("address", .address), .optional("block", .blockOrHash)], result: "quantity",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                writer.quantity(try context.account(arguments)?.balance ?? .zero)
            }),
        RPCMethod(
            "eth_getTransactionCount", "The nonce of an account; with pending, after what waits in the pool.",
            [.required("address", .address), .optional("block", .blockOrHash)], result: "quantity",
            .asking { arguments, writer throws(RPCError) in
                guard try arguments.blockOrHash(1) == .pending else {
                    return writer.quantity(try context.account(arguments)?.nonce ?? 0)
                }
                writer.quantity(try await context.nextNonce(of: arguments.address(0)))
            }),
        RPCMethod(
            "eth_getCode", "The code of an account.",
            [.required("address", .address), .optional("block", .blockOrHash)], result: "bytes",
            .asking { arguments, writer throws(RPCError) in
                let context = try await context.at(arguments.blockOrHash(1))
                writer.hex(try context.code(of: context.account(arguments)))
            }),
        RPCMethod(
            "eth_getStorageAt", "The word in a storage slot of an account.",
            [.required("address", .address), .required("key", .storageKey), .optional("block", .blockOrHash)],
            result: "32 bytes",
            .asking { arguments, writer throws(RPCError) in
                let address = try arguments.address(0)
                let slot = try arguments.storageKey(1).slot
                let reference = try arguments.blockOrHash(2)
                let context = try await context.at(reference)
                let height = try context.stateHeight(reference)
                let word = try reading { () throws(ChainReadError) in
                    try context.chain.storage(address, slot, at: height)
                }
                writer.hex(word.hash)
            }),
        RPCMethod(
            "eth_getStorageValues", "The words in storage slots of several accounts.",
            [.required("requests", .storageRequests), .optional("block", .blockOrHash)], result: "object of 32 bytes",
            .reading { arguments, writer throws(RPCError) in try context.storageValues(arguments, &writer) }),
        RPCMethod(
            "eth_getProof", "Merkle proof of an account and its slots against the state root (EIP-1186).",
            [.required("address", .address), .required("keys", .storageKeys), .optional("block", .blockOrHash)],
            result: "proof",
            .reading { arguments, writer throws(RPCError) in try context.proof(arguments, &writer) }),
    ]
}

extension Arguments {
    /// A storage key; the reason stands alone, as geth words it.
    fileprivate func storageKey(_ index: Int) throws(RPCError) -> (slot: UInt256, isFull: Bool) {
        try storageKey(required(index))
    }

    fileprivate func storageKey(_ value: JSONValue) throws(RPCError) -> (slot: UInt256, isFull: Bool) {
        do {
            return try storageKeyArgument(value)
        } catch {
            throw .invalidParameters(error.reason)
        }
    }
}

extension RPCContext {
    /// The account of argument 0 in the state of argument 1.
    fileprivate func account(_ arguments: Arguments) throws(RPCError) -> Account? {
        let address = try arguments.address(0)
        return try account(address, at: stateHeight(arguments.blockOrHash(1)))
    }

    func account(_ address: Address, at height: Height) throws(RPCError) -> Account? {
        try reading { () throws(ChainReadError) in try chain.account(address, at: height) }
    }

    fileprivate func code(of account: Account?) throws(RPCError) -> Bytes {
        guard let account, account.codeHash != Account.emptyCodeHash else { return [] }
        return try reading { () throws(ChainReadError) in try chain.code(account.codeHash) }
    }

    fileprivate func storageValues(_ arguments: Arguments, _ writer: inout JSONWriter) throws(RPCError) {
        let requests = try arguments.required(0)
        guard let requests = requests.object else {
            throw .invalidArgument(0, "expected an object, found \(requests.kind)")
        }
        var wanted: [(address: Address, slots: [UInt256])] = []
        var count = 0
        for member in requests.members {
            let address: Address
            do {
                address = try addressArgument(.string(member.name))
            } catch {
                throw .invalidArgument(0, error.reason)
            }
            guard let keys = member.value.array else {
                throw .invalidArgument(0, "expected an array of storage keys, found \(member.value.kind)")
            }
            count += keys.count
            guard count <= limits.storageValuesMax else {
                throw .invalidParameters("too many slots (max \(limits.storageValuesMax))")
            }
            var slots: [UInt256] = []
            for key in keys { try slots.append(arguments.storageKey(key).slot) }
            wanted.append((address, slots))
        }
        guard count > 0 else { throw .invalidParameters("empty request") }
        let height = try stateHeight(arguments.blockOrHash(1))
        var members: [JSONObject.Member] = []
        for (address, slots) in wanted {
            var words: [JSONValue] = []
            for slot in slots {
                let word = try reading { () throws(ChainReadError) in try chain.storage(address, slot, at: height) }
                words.append(.string(word.hash.hex))
            }
            members.append(JSONObject.Member(address.hex, .array(words)))
        }
        writer.value(.object(JSONObject(members)))
    }

    fileprivate func proof(_ arguments: Arguments, _ writer: inout JSONWriter) throws(RPCError) {
        let address = try arguments.address(0)
        guard let keys = try arguments.required(1).array else {
            throw .invalidArgument(1, "expected an array of storage keys")
        }
        guard keys.count <= limits.proofSlotsMax else {
            throw .invalidParameters("too many slots (max \(limits.proofSlotsMax))")
        }
        var slots: [(slot: UInt256, isFull: Bool)] = []
        for key in keys { try slots.append(arguments.storageKey(key)) }
        let height = try stateHeight(arguments.blockOrHash(2))
        let proof = try reading { () throws(ChainReadError) in
            try chain.proof(of: address, slots: slots.map(\.slot), at: height)
        }
        guard proof.slots.count == slots.count else { throw .internalError("a slot has no proof") }
        writer.beginObject()
        writer.name("address")
        writer.hex(address)
        writer.name("accountProof")
        writer.nodes(proof.nodes)
        writer.name("balance")
        writer.quantity(proof.leaf?.balance ?? .zero)
        writer.name("codeHash")
        writer.hex(proof.leaf?.codeHash ?? Account.emptyCodeHash)
        writer.name("nonce")
        writer.quantity(proof.leaf?.nonce ?? 0)
        writer.name("storageHash")
        writer.hex(proof.leaf?.storageRoot ?? Header.emptyTrieRoot)
        writer.name("storageProof")
        writer.beginArray()
        for (key, slot) in zip(slots, proof.slots) {
            writer.beginObject()
            writer.name("key")
            // The key comes back as it was given: in full or as a number.
            if key.isFull { writer.hex(key.slot.hash) } else { writer.quantity(key.slot) }
            writer.name("value")
            writer.quantity(slot.value)
            writer.name("proof")
            writer.nodes(slot.proof)
            writer.endObject()
            try writer.checkSize()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func nodes(_ nodes: [Bytes]) {
        beginArray()
        for node in nodes { hex(node) }
        endArray()
    }
}
