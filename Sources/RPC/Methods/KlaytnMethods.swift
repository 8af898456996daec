import Chain
import EVM
import Primitives

/// What Klaytn's users know by other names: klay_* and kaia_* for each eth_*, and the council.
///
/// - Parameter table: The rows that get names of Klaytn.
func klaytnMethods(_ context: RPCContext, besides table: [RPCMethod]) -> [RPCMethod] {
    var rows = istanbulMethods(context)
    for family in ["klay", "kaia"] {
        rows += councilMethods(context, of: family) + klaytnBlockMethods(context, of: family)
        rows += klaytnAccountMethods(context, of: family) + ethSubscriptionMethods(context, of: family)
        let own = Set(rows.map(\.name))
        rows += table.filter { $0.name.hasPrefix("eth_") }
            .map { $0.alias(family + $0.name.dropFirst("eth".count)) }
            .filter { !own.contains($0.name) }
        rows += [("web3_clientVersion", "clientVersion"), ("web3_sha3", "sha3"), ("eth_chainId", "chainID")]
            .compactMap { original, name in
                table.first { $0.name == original }?.alias("\(family)_\(name)")
            }
    }
    return rows
}

extension RPCMethod {
    /// The same under another name.
    fileprivate func alias(_ name: String) -> RPCMethod {
        RPCMethod(name, "As \(self.name). \(summary)", parameters, result: result, body)
    }
}

/// *_getCouncil and the like: who may seal, and who is drawn to. A node that does not know answers null.
private func councilMethods(_ context: RPCContext, of family: String) -> [RPCMethod] {
    let block: [Parameter] = [.optional("block", .block)]
    return [
        RPCMethod(
            "\(family)_getCouncil", "The addresses of the council that seals a height.", block,
            result: "array of addresses or null",
            .asking { arguments, writer throws(RPCError) in
                let sealers = try await context.sealers(arguments)
                writer.addressesOrNull(sealers?.council.members.map(\.address))
            }),
        RPCMethod(
            "\(family)_getCouncilSize", "How many seats the council has.", block, result: "number or null",
            .asking { arguments, writer throws(RPCError) in
                let sealers = try await context.sealers(arguments)
                if let sealers { writer.number(sealers.council.members.count) } else { writer.null() }
            }),
        RPCMethod(
            "\(family)_getCommittee", "The addresses of the committee that is drawn from the council for a height.",
            block, result: "array of addresses or null",
            .asking { arguments, writer throws(RPCError) in
                let sealers = try await context.sealers(arguments)
                writer.addressesOrNull(sealers?.committee.members.map(\.address))
            }),
        RPCMethod(
            "\(family)_getCommitteeSize", "How many members the committee of a height has.", block,
            result: "number or null",
            .asking { arguments, writer throws(RPCError) in
                let sealers = try await context.sealers(arguments)
                if let sealers { writer.number(sealers.committee.members.count) } else { writer.null() }
            }),
        RPCMethod(
            "\(family)_nodeAddress", "The address of this node's key.", result: "address or null",
            .immediate { _, writer in
                if let identity = context.identity { writer.hex(identity.address) } else { writer.null() }
            }),
        RPCMethod(
            "\(family)_rewardbase", "The account that is paid when this node proposes a block.", result: "address",
            .asking { _, writer throws(RPCError) in
                guard let seat = await context.seat() else { throw .server("rewardbase is not set: no seat") }
                writer.hex(seat.rewardAddress)
            }),
    ]
}

/// istanbul_*, as Klaytn calls its consensus.
private func istanbulMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "istanbul_getValidators", "The addresses of the council that seals a height.",
            [.optional("block", .block)], result: "array of addresses or null",
            .asking { arguments, writer throws(RPCError) in
                let sealers = try await context.sealers(arguments)
                writer.addressesOrNull(sealers?.council.members.map(\.address))
            }),
        RPCMethod(
            "istanbul_getValidatorsAtHash", "The addresses of the council that sealed the block with that hash.",
            [.required("hash", .hash)], result: "array of addresses or null",
            .asking { arguments, writer throws(RPCError) in
                guard let height = try context.height(of: .hash(arguments.hash(0))) else {
                    throw .server("unknown block")
                }
                writer.addressesOrNull(await context.node.sealers(at: height)?.council.members.map(\.address))
            }),
    ]
}

/// What Klaytn asks about accounts that Ethereum does not.
private func klaytnAccountMethods(_ context: RPCContext, of family: String) -> [RPCMethod] {
    let parameters: [Parameter] = [.required("address", .address), .optional("block", .blockOrHash)]
    return [
        RPCMethod(
            "\(family)_accountCreated", "Whether the state has an account at the address.", parameters,
            result: "true or false",
            .reading { arguments, writer throws(RPCError) in
                let height = try context.stateHeight(arguments.blockOrHash(1))
                writer.bool(try context.account(arguments.address(0), at: height) != nil)
            }),
        RPCMethod(
            "\(family)_isContractAccount", "Whether the account has code.", parameters, result: "true or false",
            .reading { arguments, writer throws(RPCError) in
                let height = try context.stateHeight(arguments.blockOrHash(1))
                writer.bool(try context.account(arguments.address(0), at: height)?.hasCode == true)
            }),
    ]
}

extension RPCContext {
    /// Who seals the height of argument 0; the head's by default.
    fileprivate func sealers(_ arguments: Arguments) async throws(RPCError) -> Sealers? {
        switch try arguments.block(0) {
        case .pending: return await node.sealers(at: chain.headHeight + 1)
        case let reference:
            guard let height = try height(of: reference) else { throw .server("unknown block") }
            // Nobody sealed genesis; its council is that of the first block.
            return await node.sealers(at: max(height, 1))
        }
    }
}

extension JSONWriter {
    fileprivate mutating func addressesOrNull(_ addresses: [Address]?) {
        if let addresses { self.addresses(addresses) } else { null() }
    }
}
