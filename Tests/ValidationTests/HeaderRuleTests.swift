import Chain
import Crypto
import Primitives
import SampleChain
import Testing
import Validation

/// One way to spoil a header or extension, and the rule that names it.
struct HeaderMutation: CustomTestStringConvertible, Sendable {
    let name: String
    let rule: BlockRule
    let change: @Sendable (inout Header, inout BlockExtension) -> Void

    init(
        _ name: String, _ rule: BlockRule, _ change: @escaping @Sendable (inout Header, inout BlockExtension) -> Void
    ) {
        (self.name, self.rule, self.change) = (name, rule, change)
    }

    var testDescription: String { "\(name): \(rule.rawValue)" }

    static let all: [HeaderMutation] = [
        HeaderMutation("another parent", .parentHash) { header, _ in header.parentHash = .zero },
        HeaderMutation("a number skipped", .number) { header, _ in header.number += 1 },
        HeaderMutation("a number repeated", .number) { header, _ in header.number -= 1 },
        HeaderMutation("the parent's milliseconds", .timestamp) { header, blockExtension in
            blockExtension.timestampMilliseconds -= 1_000
            header.timestamp -= 1
        },
        HeaderMutation("seconds beside the milliseconds", .timestamp) { header, _ in header.timestamp += 1 },
        HeaderMutation("a gas limit a 1024th higher", .gasLimit) { header, _ in
            header.gasLimit += header.gasLimit / 1_024
        },
        HeaderMutation("a gas limit a 1024th lower", .gasLimit) { header, _ in
            header.gasLimit -= header.gasLimit / 1_024
        },
        HeaderMutation("more gas used than the limit", .gasUsed) { header, _ in
            header.gasUsed = header.gasLimit + 1
        },
        HeaderMutation("one gas too much", .gasUsed) { header, _ in header.gasUsed += 1 },
        HeaderMutation("a base fee one too high", .baseFee) { header, _ in header.baseFeePerGas += 1 },
        HeaderMutation("a base fee one too low", .baseFee) { header, _ in header.baseFeePerGas -= 1 },
        HeaderMutation("a difficulty", .fixedFields) { header, _ in header.difficulty = 1 },
        HeaderMutation("a nonce", .fixedFields) { header, _ in header.nonce = 1 },
        HeaderMutation("ommers", .fixedFields) { header, _ in header.ommersHash = .zero },
        HeaderMutation("withdrawals", .fixedFields) { header, _ in header.withdrawalsRoot = .zero },
        HeaderMutation("blob gas used", .fixedFields) { header, _ in header.blobGasUsed = 131_072 },
        HeaderMutation("excess blob gas", .fixedFields) { header, _ in header.excessBlobGas = 1 },
        HeaderMutation("a beacon root", .fixedFields) { header, _ in header.parentBeaconBlockRoot = keccak256([]) },
        HeaderMutation("requests", .fixedFields) { header, _ in header.requestsHash = .zero },
        HeaderMutation("a chosen prevRandao", .fixedFields) { header, _ in header.prevRandao = .zero },
        HeaderMutation("another extension version", .fixedFields) { _, blockExtension in blockExtension.version = 2 },
        HeaderMutation("another council", .nextCouncil) { _, blockExtension in blockExtension.nextCouncilHash = .zero },
        HeaderMutation("a stranger's beneficiary", .proposer) { header, _ in header.beneficiary = .zero },
        HeaderMutation("another transactions root", .transactionsRoot) { header, _ in
            header.transactionsRoot = Header.emptyTrieRoot
        },
        HeaderMutation("another receipts root", .receiptsRoot) { header, _ in
            header.receiptsRoot = Header.emptyTrieRoot
        },
        HeaderMutation("a bit in the bloom", .logsBloom) { header, _ in header.logsBloom.insert(.zero as Hash32) },
        HeaderMutation("another access list root", .accessListRoot) { _, blockExtension in
            blockExtension.accessListRoot = .zero
        },
        HeaderMutation("another state root", .stateRoot) { header, _ in header.stateRoot = .zero },
    ]
}

struct `A header` {
    @Test(arguments: HeaderMutation.all)
    func `that breaks one rule is refused for it, and accepted by who waives it`(mutation: HeaderMutation) throws {
        var chain = try SampleChain()
        try chain.grow([chain.transfer(from: 0)])
        let built = try chain.build([chain.transfer(from: 1)])
        var header = built.block.header
        var blockExtension = built.block.extension
        mutation.change(&header, &blockExtension)
        header.extraData = blockExtension.hash.bytes
        let block = Block(header: header, transactions: built.block.transactions, extension: blockExtension)
        let fault = chain.fault(of: block)
        #expect(fault?.rule == mutation.rule, "\(fault?.description ?? "valid")")
        // Some changes pull others behind them: PREVRANDAO hangs on the parent, the state on fee and beneficiary.
        let lax = Conduct(
            waiving: [mutation.rule, .fixedFields, .proposer, .parentHash, .number, .stateRoot, .accessListRoot])
        #expect(chain.fault(of: block, conduct: lax) == nil)
    }

    @Test
    func `commits to its extension`() throws {
        let chain = try SampleChain()
        let built = try chain.build()
        var other = built.block.extension
        other.timestampMilliseconds += 1
        let block = Block(header: built.block.header, transactions: [], extension: other)
        #expect(chain.fault(of: block)?.rule == .extraData)
        #expect(chain.fault(of: block)?.expected == other.hash.hex)
    }

    @Test
    func `may repeat the parent's second while the milliseconds rise`() throws {
        var chain = try SampleChain()
        for _ in 0..<5 {
            let block = try build(
                chain.request(afterMilliseconds: 1), reading: chain.ledger, under: chain.rules)
            #expect(chain.fault(of: block.block) == nil)
            try chain.append(block)
        }
        #expect(chain.head.header.timestamp == chain.genesis.block().header.timestamp)
        #expect(chain.head.extension.timestampMilliseconds == chain.genesis.timestampMilliseconds + 5)
    }

    @Test
    func `may move the gas limit by less than a 1024th`() throws {
        let chain = try SampleChain()
        let built = try chain.build()
        for change in [58_592, -58_592] {
            var header = built.block.header
            header.gasLimit = Gas(Int(header.gasLimit) + change)
            let block = Block(header: header, transactions: [], extension: built.block.extension)
            #expect(chain.fault(of: block) == nil)
            header.gasLimit = Gas(Int(header.gasLimit) + change.signum() * 2)
            let over = Block(header: header, transactions: [], extension: built.block.extension)
            #expect(chain.fault(of: over)?.rule == .gasLimit)
        }
    }

    @Test
    func `never lowers the gas limit under the minimum`() throws {
        let chain = try SampleChain(gasLimit: 5_000)
        let built = try chain.build()
        var header = built.block.header
        header.gasLimit = 4_999
        let block = Block(header: header, transactions: [], extension: built.block.extension)
        #expect(chain.fault(of: block)?.rule == .gasLimit)
        #expect(chain.fault(of: block)?.expected == "at least 5000")
    }

    /// The block pays the proposer of round 2, whatever is known of the round.
    @Test(arguments: [
        (RoundBound.proposedFresh(2), true), (.proposedFresh(0), false), (.proposedFresh(1), false),
        (.proposedFresh(3), false), (.proposedFresh(6), true), (.reproposed(1), false), (.reproposed(2), true),
        (.reproposed(3), true), (.sealed(0), false), (.sealed(1), false), (.sealed(2), true), (.sealed(7), true),
        (.sealed(.max), true), (.proposedFresh(.max), false),
    ])
    func `pays the proposer of a round that its bound allows`(bound: RoundBound, isValid: Bool) throws {
        let chain = try SampleChain()
        let block = try chain.build(round: 2).block
        let fault = chain.fault(of: block, round: bound)
        #expect(fault?.rule == (isValid ? nil : .proposer))
    }

    @Test
    func `carries a PREVRANDAO that is keccak of the parent's hash and the number`() throws {
        var chain = try SampleChain()
        try chain.grow()
        let header = try chain.build().block.header
        #expect(header.prevRandao == keccak256(header.parentHash.bytes + [0, 0, 0, 0, 0, 0, 0, 2]))
    }
}

extension SampleChain {
    /// What an honest validator, or a lax one, says of `block` on top of this chain; nil if it is valid.
    func fault(of block: Block, round: RoundBound = .sealed(0), conduct: Conduct = .honest) -> BlockFault? {
        do throws(ValidationFailure<StateGap>) {
            _ = try validate(block, after: ancestry, reading: ledger, under: rules, round: round, conduct: conduct)
            return nil
        } catch {
            switch error {
            case .invalid(let fault): return fault
            case .unreadable(let gap):
                Issue.record("unreadable: \(gap)")
                return nil
            }
        }
    }
}
