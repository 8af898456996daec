import Chain
import Crypto
import EVM
import Primitives
import Testing
import Validation

@testable import EthereumChain

struct OldChainTests {
    /// The examples of EIP-2124 for Ethereum's main network.
    @Test func `a fork identifier sums up the genesis and the forks passed`() throws {
        let genesis = try Hash32(hex: "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3")
        let heights: [Height] = [1_150_000, 1_920_000, 2_463_000, 2_675_000, 4_370_000, 7_280_000]
        let sums: [UInt32] = [
            0xfc64_ec04, 0x97c2_c34c, 0x91d1_f948, 0x7a64_da13, 0x3edd_5b10, 0xa00b_c324, 0x668d_b0af,
        ]
        for (passed, sum) in sums.enumerated() {
            let known = ForkIdentifier(genesis: genesis, heights: Array(heights.prefix(passed)), times: [])
            #expect(known.checksum == sum)
        }
    }

    private static let rules = EthereumRules(
        chainID: 1,
        phases: [
            EthereumRules.Phase(activation: 100, fork: .shanghai, blobs: .none),
            EthereumRules.Phase(activation: 200, fork: .cancun, blobs: .cancun),
        ],
        earlyForks: [
            EthereumRules.EarlyFork(activation: 0, fork: .homestead),
            EthereumRules.EarlyFork(activation: 5, fork: .london),
        ])

    private static func header(_ number: Height, at timestamp: UInt64, difficulty: UInt256) -> EthereumHeader {
        var header = EthereumHeader(
            parentHash: .zero, stateRoot: .zero, number: number, gasLimit: 10_000_000, timestamp: timestamp,
            baseFeePerGas: nil, withdrawalsRoot: nil, blobGasUsed: nil, excessBlobGas: nil,
            parentBeaconBlockRoot: nil, requestsHash: nil)
        header.difficulty = difficulty
        return header
    }

    @Test(
        arguments: [
            (0, 0, 1, .homestead), (4, 40, 1, .homestead), (5, 50, 1, .london), (6, 60, 0, .paris),
            (7, 100, 0, .shanghai), (8, 199, 0, .shanghai), (9, 200, 0, .cancun),
        ] as [(Height, UInt64, UInt64, Fork)])
    func `a block keeps the rules of its height and time`(
        number: Height, timestamp: UInt64, difficulty: UInt64, fork: Fork
    ) {
        let header = Self.header(number, at: timestamp, difficulty: UInt256(difficulty))
        #expect(Self.rules.phase(of: header).fork == fork)
    }

    @Test func `the base fee begins with London`() {
        var parent = Self.header(3, at: 30, difficulty: 1)
        #expect(Self.rules.baseFee(after: parent) == 0)
        parent.number = 4
        #expect(Self.rules.baseFee(after: parent) == 1_000_000_000)
        parent.number = 5
        parent.baseFeePerGas = 800
        #expect(Self.rules.baseFee(after: parent) == 700)
    }

    @Test func `a header from before London decodes without a base fee`() throws {
        let header = Self.header(3, at: 30, difficulty: 7)
        let decoded = try EthereumHeader(rlp: header.rlp)
        #expect(decoded == header && decoded.baseFeePerGas == nil)
    }

    @Test(arguments: [(Fork.homestead, 5), (.byzantium, 3), (.petersburg, 2)] as [(Fork, UInt64)])
    func `a miner is paid for the block and its ommers, and theirs by age`(fork: Fork, ether: UInt64) {
        let full = UInt256(ether) * 1_000_000_000_000_000_000
        var header = Self.header(10, at: 30, difficulty: 7)
        header.beneficiary = Address(Bytes(repeating: 1, count: 20))
        var ommer = Self.header(8, at: 20, difficulty: 7)
        ommer.beneficiary = Address(Bytes(repeating: 2, count: 20))
        let block = EthereumBlock(header: header, transactions: [], ommers: [ommer], withdrawals: nil)
        let rewards = EarlyReward.all(of: block, fork)
        #expect(rewards.map(\.to) == [ommer.beneficiary, header.beneficiary])
        #expect(rewards.map(\.amount) == [full * 6 / 8, full + full / 32])
    }

    @Test func `a receipt from before Byzantium commits to a state instead of a status`() throws {
        let root = keccak256(Bytes("state".utf8))
        let receipt = Receipt(kind: .legacy, succeeded: true, cumulativeGasUsed: 21_000, logs: [], stateRoot: root)
        var list = try RLPDecoder(receipt.envelope).firstList()
        #expect(try list.hash() == root)
        #expect(try list.uint64() == 21_000)
    }

    // MARK: The archive

    @Test func `every state of an archive is as it was`() throws {
        let (one, two) = (Address(Bytes(repeating: 1, count: 20)), Address(Bytes(repeating: 2, count: 20)))
        let genesis = GenesisAccount(
            address: one, nonce: 1, balance: 5, code: [0],
            storage: [GenesisAccount.StorageSlot(slot: 1, value: 7)])
        var archive = EthereumArchive(holding: [genesis], after: [.zero])
        let first = try #require(archive.state(at: 0))
        let before = Account(nonce: 1, balance: 5, codeHash: genesis.codeHash)
        let changes = StateChanges(
            accounts: [
                StateChanges.AccountChange(address: one, before: before, after: nil),
                StateChanges.AccountChange(address: two, before: nil, after: Account(balance: 9)),
            ],
            storage: [])
        let settlement = try settle(changes, on: first)
        archive.append(
            EthereumBlockResult(changes: changes, settlement: settlement, receipts: [], senders: []),
            hash: keccak256([1]))
        let second = try #require(archive.state(at: 1))
        #expect(try first.account(one) == before && first.storage(one, 1) == 7 && first.account(two) == nil)
        #expect(try second.account(one) == nil && second.account(two)?.balance == 9)
        // A contract takes its storage with it.
        #expect(try second.storage(one, 1) == 0)
        #expect(try first.hasStorage(one) && !second.hasStorage(one))
        #expect(try second.blockHash(1) == keccak256([1]) && first.blockHash(0) == .zero)
        #expect(archive.state(at: 2) == nil)
    }

    // MARK: Transactions with blobs

    private static func sent(commitments: [Bytes], proofs: Int, version: UInt64?) -> Bytes {
        let hashes = [Bytes(repeating: 7, count: 48)].map { commitment in
            Hash32([0x01] + sha256(commitment).bytes.dropFirst())
        }
        let transaction = Transaction(
            Transaction.Content(
                kind: .blob, chainID: 1, nonce: 0, maxFeePerGas: 1, gasLimit: 21_000, to: .zero,
                maxFeePerBlobGas: 1, blobVersionedHashes: hashes),
            signature: AccountSignature(r: 1, s: 1, yParity: false))
        var encoder = RLPEncoder()
        encoder.list { list in
            list.appendRaw(Bytes(transaction.envelope.dropFirst()))
            if let version { list.append(version) }
            list.list { list in list.append(Bytes(repeating: 0, count: 1 << 17)) }
            list.list { list in
                for commitment in commitments { list.append(commitment) }
            }
            list.list { list in
                for _ in 0..<proofs { list.append(Bytes(repeating: 0, count: 48)) }
            }
        }
        return [3] + encoder.bytes
    }

    @Test(
        arguments: [
            (7, 1, 1, nil, true), (7, 1, 128, 1, true), (8, 1, 1, nil, false), (7, 2, 1, nil, false),
            (7, 1, 2, nil, false), (7, 1, 1, 1, false), (7, 1, 128, 2, false),
        ] as [(UInt8, Int, Int, UInt64?, Bool)])
    func `a blob transaction comes with a sidecar that fits it`(
        byte: UInt8, commitments: Int, proofs: Int, version: UInt64?, fits: Bool
    ) {
        let envelope = Self.sent(
            commitments: Array(repeating: Bytes(repeating: byte, count: 48), count: commitments), proofs: proofs,
            version: version)
        let decoded = try? Transaction(pooled: envelope)
        #expect((decoded != nil) == fits)
        if let decoded { #expect(decoded.kind == .blob && decoded.blobVersionedHashes.count == 1) }
    }
}

extension RLPDecoder {
    fileprivate func firstList() throws(RLPError) -> RLPDecoder {
        var decoder = self
        return try decoder.list()
    }
}
