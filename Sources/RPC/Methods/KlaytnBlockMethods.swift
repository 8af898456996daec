import Chain
import EthereumChain
import Primitives
import SystemContracts

/// What Klaytn tells of blocks beside Ethereum: who sealed them, and who was paid.
func klaytnBlockMethods(_ context: RPCContext, of family: String) -> [RPCMethod] {
    [
        RPCMethod(
            "\(family)_getBlockWithConsensusInfoByNumber",
            "The block at that height with its whole transactions, proposer and committee.",
            [.required("block", .block)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                let block = try context.block(arguments.block(0))
                try await context.consensusInfo(of: block, &writer)
            }),
        RPCMethod(
            "\(family)_getBlockWithConsensusInfoByHash",
            "The block with that hash with its whole transactions, proposer and committee.",
            [.required("hash", .hash)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                let block = try context.block(.hash(arguments.hash(0)))
                try await context.consensusInfo(of: block, &writer)
            }),
        RPCMethod(
            "\(family)_getHeaderByNumber", "The header of the block at that height.", [.required("block", .block)],
            result: "header or null",
            .reading { arguments, writer throws(RPCError) in
                writer.headerOrNull(try context.block(arguments.block(0)))
            }),
        RPCMethod(
            "\(family)_getHeaderByHash", "The header of the block with that hash.", [.required("hash", .hash)],
            result: "header or null",
            .reading { arguments, writer throws(RPCError) in
                writer.headerOrNull(try context.block(.hash(arguments.hash(0))))
            }),
        RPCMethod(
            "\(family)_getRewards", "What a block made and took, and who was paid; the head by default.",
            [.optional("block", .blockOrHash)], result: "object",
            .reading { arguments, writer throws(RPCError) in
                guard let block = try context.block(arguments.blockOrHash(0)) else { throw .server("unknown block") }
                try context.rewards(of: block, &writer)
            }),
    ]
}

extension RPCContext {
    /// The block, and beside its members who proposed and who was drawn to seal. Seals are told by
    /// council_certificate.
    fileprivate func consensusInfo(of block: LoadedBlock?, _ writer: inout JSONWriter) async throws(RPCError) {
        guard let block else { return writer.null() }
        let height = block.header.number
        let found = try reading { () throws(ChainReadError) in try chain.certificate(at: height) }
        let committee = height == 0 ? nil : await node.sealers(at: height)?.committee
        try writer.block(block, hydrated: true) { writer in
            writer.name("round")
            if let found { writer.number(Int(clamping: found.round)) } else { writer.null() }
            writer.name("sigHash")
            writer.hex(block.hash)
            writer.name("proposer")
            if let found, let committee {
                writer.hex(committee.proposer(height: height, round: found.round).address)
            } else {
                writer.null()
            }
            writer.name("originProposer")
            if let committee { writer.hex(committee.proposer(height: height, round: 0).address) } else { writer.null() }
            writer.name("committee")
            if let committee { writer.addresses(committee.members.map(\.address)) } else { writer.null() }
        }
    }

    /// The block reward is divided by the rules; base fees are burnt, and tips are the proposer's.
    fileprivate func rewards(of block: LoadedBlock, _ writer: inout JSONWriter) throws(RPCError) {
        guard case .own(let rules) = profile.rules else { throw .server("this chain divides no rewards") }
        var (tips, gasBefore) = (UInt256.zero, Gas(0))
        for (transaction, receipt) in zip(block.block.transactions, try block.receipts()) {
            let gas = UInt256(receipt.cumulativeGasUsed - gasBefore)
            tips = tips &+ transaction.tip(baseFee: block.header.baseFee) &* gas
            gasBefore = receipt.cumulativeGasUsed
        }
        let burnt = block.header.baseFee &* UInt256(block.header.gasUsed)
        let isGenesis = block.header.number == 0
        let shares = isGenesis ? Rewards.Shares(proposer: 0, poc: 0, kir: 0) : Rewards.shares(under: rules)
        writer.beginObject()
        writer.name("minted")
        writer.quantity(shares.proposer &+ shares.poc &+ shares.kir)
        writer.name("totalFee")
        writer.quantity(burnt &+ tips)
        writer.name("burntFee")
        writer.quantity(burnt)
        writer.name("proposer")
        writer.quantity(shares.proposer &+ tips)
        writer.name("stakers")
        writer.quantity(0)
        writer.name("kgf")
        writer.quantity(shares.poc)
        writer.name("kir")
        writer.quantity(shares.kir)
        writer.name("rewards")
        let paid = [
            (block.header.beneficiary, shares.proposer &+ tips), (rules.pocFund, shares.poc),
            (rules.kirFund, shares.kir),
        ]
        var sums: [(account: Address, amount: UInt256)] = []
        for (account, amount) in paid where !amount.isZero {
            if let place = sums.firstIndex(where: { $0.account == account }) {
                sums[place].amount = sums[place].amount &+ amount
            } else {
                sums.append((account, amount))
            }
        }
        writer.value(
            .object(JSONObject(sums.map { JSONObject.Member($0.account.hex, .string($0.amount.quantity)) })))
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func headerOrNull(_ block: LoadedBlock?) {
        guard let block else { return null() }
        beginObject()
        header(block.header, hash: block.hash)
        endObject()
    }
}
