import Chain
import EVM
import Primitives
import Testing

@testable import EthereumChain

struct HeaderTests {
    /// Hashes by execution-specs.
    @Test(arguments: [
        (Fork.cancun, "0x77f923316fcd6052076bb53cbbfe85b18b8c2f0c3b63eefd04369cb61976f73b"),
        (Fork.osaka, "0x1e544c9e7ea8c10365c6c7bbb76cb0d073d17af994233add305e9cc592ff7885"),
    ])
    func `a header has the fields of its fork and no others`(fork: Fork, hash: String) throws {
        let header = EthereumHeader(
            parentHash: .zero, stateRoot: Header.emptyTrieRoot, number: 1, gasLimit: 30_000_000, timestamp: 12,
            baseFeePerGas: 1, blobGasUsed: 786_432,
            requestsHash: fork == .cancun ? nil : Header.emptyRequestsHash)
        #expect(header.hash.hex == hash)
        #expect(try EthereumHeader(rlp: header.rlp) == header)
    }

    @Test func `a header with a field behind the last one does not decode`() throws {
        var encoder = RLPEncoder()
        var decoder = RLPDecoder(try SampleBlocks(.osaka).nextHeader.rlp)
        var list = try decoder.list()
        try encoder.list { (encoder) throws(RLPError) in
            while !list.isAtEnd { encoder.appendRaw(try list.rawItem()) }
            encoder.append(UInt64(1))
        }
        #expect(throws: RLPError.self) { try EthereumHeader(rlp: encoder.bytes) }
    }

    @Test(
        arguments: [
            (0, 1_000, 875), (15_000_000, 1_000, 1_000), (30_000_000, 1_000, 1_125), (15_000_001, 7, 8),
            (14_999_999, 7, 7), (20_000_000, 1_000_000_000, 1_041_666_666),
        ] as [(Gas, UInt64, UInt64)])
    func `the base fee follows the gas used`(used: Gas, fee: UInt64, next: UInt64) {
        var parent = EthereumHeader(
            parentHash: .zero, stateRoot: .zero, number: 0, gasLimit: 30_000_000, timestamp: 0,
            baseFeePerGas: UInt256(fee))
        parent.gasUsed = used
        #expect(baseFee(after: parent) == UInt256(next))
    }

    struct Mutation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: EthereumRule
        let apply: @Sendable (inout EthereumHeader) -> Void

        init(_ name: String, _ rule: EthereumRule, _ apply: @escaping @Sendable (inout EthereumHeader) -> Void) {
            testDescription = name
            self.rule = rule
            self.apply = apply
        }
    }

    static let mutations = [
        Mutation("another parent", .parentHash) { $0.parentHash = .zero },
        Mutation("a number left out", .number) { $0.number = 2 },
        Mutation("the parent's time", .timestamp) { $0.timestamp = 0 },
        Mutation("a gas limit a 1,024th higher", .gasLimit) { $0.gasLimit = 30_000_000 + 29_296 },
        Mutation("a gas limit a 1,024th lower", .gasLimit) { $0.gasLimit = 30_000_000 - 29_296 },
        Mutation("more gas used than allowed", .gasUsed) { $0.gasUsed = 30_000_001 },
        Mutation("a base fee higher by 1", .baseFee) { $0.baseFeePerGas = 876 },
        Mutation("33 bytes of extra data", .extraData) { $0.extraData = Bytes(repeating: 1, count: 33) },
        Mutation("difficulty", .difficulty) { $0.difficulty = 1 },
        Mutation("a nonce", .nonce) { $0.nonce = 1 },
        Mutation("ommers", .ommersHash) { $0.ommersHash = .zero },
        Mutation("no withdrawals root", .forkFields) { $0.withdrawalsRoot = nil },
        Mutation("no blob gas", .forkFields) { $0.blobGasUsed = nil },
        Mutation("no excess", .forkFields) { $0.excessBlobGas = nil },
        Mutation("no beacon root", .forkFields) { $0.parentBeaconBlockRoot = nil },
        Mutation("an excess", .excessBlobGas) { $0.excessBlobGas = 131_072 },
    ]

    @Test(arguments: [Fork.cancun, .prague, .osaka], mutations)
    func `a header that breaks a rule is refused by its name`(fork: Fork, mutation: Mutation) throws {
        let sample = try SampleBlocks(fork)
        var header = sample.nextHeader
        try checkHeader(header, after: sample.parent, under: sample.rules)
        mutation.apply(&header)
        let fault = #expect(throws: EthereumFault.self) {
            try checkHeader(header, after: sample.parent, under: sample.rules)
        }
        #expect(fault?.rule == mutation.rule)
    }

    @Test(arguments: [(Fork.cancun, Header.emptyRequestsHash), (.prague, nil), (.osaka, nil)] as [(Fork, Hash32?)])
    func `the requests' hash belongs to Prague and later`(fork: Fork, hash: Hash32?) throws {
        let sample = try SampleBlocks(fork)
        #expect(try sample.fault { $0.requestsHash = hash }?.rule == .forkFields)
    }

    @Test func `a gas limit below 5,000 is refused`() throws {
        let sample = try SampleBlocks(.osaka)
        var parent = sample.parent
        parent.gasLimit = 5_001
        var header = sample.nextHeader
        header.parentHash = parent.hash
        header.gasLimit = 4_999
        let fault = #expect(throws: EthereumFault.self) {
            try checkHeader(header, after: parent, under: sample.rules)
        }
        #expect(fault?.rule == .gasLimit)
    }

    @Test func `a chain changes its rules at the first block that reaches the time`() {
        let rules = EthereumRules(
            chainID: 1,
            phases: [
                EthereumRules.Phase(activation: 0, fork: .cancun, blobs: .cancun),
                EthereumRules.Phase(activation: 15_000, fork: .prague, blobs: .prague),
            ])
        #expect(rules.phase(at: 14_999).fork == .cancun)
        #expect(rules.phase(at: 15_000).fork == .prague)
    }
}
