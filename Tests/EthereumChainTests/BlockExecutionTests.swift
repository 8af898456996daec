import Chain
import Crypto
import EVM
import Primitives
import Testing
import Validation

@testable import EthereumChain

struct BlockExecutionTests {
    /// PUSH0 CALLDATALOAD PUSH0 SSTORE: keeps the first word of what it is called with.
    static let keeper: Bytes = [0x5f, 0x35, 0x5f, 0x55]
    /// INVALID
    static let failing: Bytes = [0xfe]
    static let nobody = Address(Bytes(repeating: 0xaa, count: 20))

    @Test func `withdrawals pay Gwei, and one of nothing makes no account`() throws {
        let sample = try SampleBlocks(.osaka)
        let other = Address(Bytes(repeating: 0xbb, count: 20))
        let (_, result) = try sample.seal(withdrawals: [
            Withdrawal(index: 0, validatorIndex: 0, address: BlockExecutionTests.nobody, amount: 3),
            Withdrawal(index: 1, validatorIndex: 0, address: BlockExecutionTests.nobody, amount: 4),
            Withdrawal(index: 2, validatorIndex: 0, address: other, amount: 0),
        ])
        #expect(result.changes.accounts.map(\.address) == [BlockExecutionTests.nobody])
        #expect(result.changes.accounts.first?.after?.balance == 7_000_000_000)
    }

    @Test func `the beacon root and, from Prague on, the parent's hash are told to their contracts`() throws {
        let keepers = [
            SystemCalls.beaconRoots: BlockExecutionTests.keeper, SystemCalls.blockHashes: BlockExecutionTests.keeper,
        ]
        let root = Hash32(1, 2, 3, 4)
        for fork in Fork.fromCancun {
            let sample = try SampleBlocks(fork, code: keepers)
            let changes = try sample.seal { $0.parentBeaconBlockRoot = root }.result.changes.storage
            let told = Dictionary(uniqueKeysWithValues: changes.map { ($0.address, $0.after.hash) })
            #expect(told[SystemCalls.beaconRoots] == root)
            #expect(told[SystemCalls.blockHashes] == (fork == .cancun ? nil : sample.parent.hash))
        }
    }

    @Test func `a system call that fails before the transactions does no harm`() throws {
        let sample = try SampleBlocks(.osaka, code: [SystemCalls.beaconRoots: BlockExecutionTests.failing])
        #expect(try sample.fault() == nil)
    }

    @Test(arguments: [SystemCalls.withdrawals, SystemCalls.consolidations], [[], failing] as [Bytes])
    func `a block whose request contract is absent or fails is refused`(contract: Address, code: Bytes) throws {
        let sample = try SampleBlocks(.prague, code: [contract: code])
        #expect(try sample.fault()?.rule == .systemCall)
        // Cancun asks nobody.
        #expect(try SampleBlocks(.cancun, code: [contract: code]).fault() == nil)
    }

    // MARK: Requests

    /// CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH32 topic CALLDATASIZE PUSH0 LOG1: leaves what it is called with.
    static let depositContract: Bytes =
        [0x36, 0x5f, 0x5f, 0x37, 0x7f]
        + Bytes(UInt256(depositEvent).bigEndianBytes) + [0x36, 0x5f, 0xa1]
    static let depositEvent = keccak256(Bytes("DepositEvent(bytes,bytes,bytes,bytes,bytes)".utf8))

    /// A deposit's event as Solidity encodes it, with every byte of every field 1.
    static var deposit: Bytes {
        let fields = [48, 32, 8, 96, 8]
        var offset: UInt64 = 160
        var head: Bytes = []
        var tail: Bytes = []
        for count in fields {
            head += UInt256(offset).bigEndianBytes
            let padded = (count + 31) / 32 * 32
            tail += UInt256(UInt64(count)).bigEndianBytes
            tail += Bytes(repeating: 1, count: count) + Bytes(repeating: 0, count: padded - count)
            offset += UInt64(32 + padded)
        }
        return head + tail
    }

    @Test func `the requests' hash covers deposits, withdrawals and consolidations, in this order`() throws {
        // PUSH1 76 PUSH0 RETURN: a withdrawal request of zeros.
        let sample = try SampleBlocks(
            .prague,
            code: [
                ExecutionRequests.depositContract: BlockExecutionTests.depositContract,
                SystemCalls.withdrawals: [0x60, 76, 0x5f, 0xf3], SystemCalls.consolidations: [0x60, 116, 0x5f, 0xf3],
            ])
        let transaction = sample.transaction(
            to: ExecutionRequests.depositContract, data: BlockExecutionTests.deposit)
        let (block, result) = try sample.seal([transaction])
        #expect(result.receipts.map(\.logs.count) == [1])
        let kinds: [Bytes] = [
            [0] + Bytes(repeating: 1, count: 192), [1] + Bytes(repeating: 0, count: 76),
            [2] + Bytes(repeating: 0, count: 116),
        ]
        #expect(block.header.requestsHash == sha256(kinds.flatMap { sha256($0).bytes }))
    }

    @Test func `requests are hashed as execution-specs does`() {
        let requests: [Bytes] = [[0] + Bytes(repeating: 1, count: 192), [1] + Bytes(repeating: 2, count: 76)]
        #expect(
            ExecutionRequests.hash(of: requests).hex
                == "0xb1fd7e80ced20cebbbd8d8c7a93ad02dc09d39715dde5680f97d07ddc6645ea0")
        #expect(ExecutionRequests.hash(of: []) == Header.emptyRequestsHash)
    }

    /// The last byte of each word that is an offset or a length.
    @Test(arguments: [31, 63, 95, 127, 159, 191, 287, 351, 415, 543])
    func `a deposit's log with another layout makes the block invalid`(position: Int) throws {
        let sample = try SampleBlocks(
            .prague, code: [ExecutionRequests.depositContract: BlockExecutionTests.depositContract])
        var event = BlockExecutionTests.deposit
        event[position] ^= 1
        let transaction = sample.transaction(to: ExecutionRequests.depositContract, data: event)
        #expect(try sample.fault([transaction])?.rule == .depositLog)
        let short = sample.transaction(
            to: ExecutionRequests.depositContract, data: BlockExecutionTests.deposit.dropLast())
        #expect(try sample.fault([short])?.rule == .depositLog)
    }

    // MARK: Transactions

    @Test(arguments: [(Fork.cancun, [6], [4, 3]), (.prague, [6, 3], [6, 4]), (.osaka, [6, 3], [6, 4])])
    func `a block has no more blobs than its fork allows`(fork: Fork, most: [Int], more: [Int]) throws {
        let sample = try SampleBlocks(fork)
        func transactions(_ counts: [Int]) -> [Transaction] {
            counts.enumerated().map { index, blobs in
                sample.transaction(
                    .blob, nonce: UInt64(index), to: BlockExecutionTests.nobody, gasLimit: 21_000, blobs: blobs)
            }
        }
        let block = try sample.seal(transactions(most)).block
        #expect(block.header.blobGasUsed == Gas(most.reduce(0, +)) << 17)
        let fault = try #require(try sample.fault(transactions(more)))
        #expect(fault.rule == .transaction)
        #expect(fault.transactionIndex == 1)
    }

    @Test func `from Osaka on a transaction carries six blobs at most`() throws {
        for (fork, rule) in [(Fork.prague, nil), (.osaka, EthereumRule.transaction)] {
            let sample = try SampleBlocks(fork)
            let transaction = sample.transaction(
                .blob, to: BlockExecutionTests.nobody, gasLimit: 21_000, blobs: 7)
            #expect(try sample.fault([transaction])?.rule == rule)
        }
    }

    @Test func `transactions may not ask for more gas than the block has left`() throws {
        let sample = try SampleBlocks(.prague, code: [BlockExecutionTests.nobody: BlockExecutionTests.failing])
        let greedy = sample.transaction(to: BlockExecutionTests.nobody, gasLimit: 29_979_000)
        let last = sample.transaction(nonce: 1, to: sample.key.address, gasLimit: 21_000)
        #expect(try sample.seal([greedy, last]).result.receipts.map(\.succeeded) == [false, true])
        let greedier = sample.transaction(to: BlockExecutionTests.nobody, gasLimit: 29_979_001)
        #expect(try sample.fault([greedier, last])?.transactionIndex == 1)
    }

    // MARK: What the header says of the body

    @Test(arguments: [
        ("the transactions' root", EthereumRule.transactionsRoot), ("the withdrawals' root", .withdrawalsRoot),
        ("the gas used", .gasUsed), ("the blob gas used", .blobGasUsed), ("the receipts' root", .receiptsRoot),
        ("the bloom", .logsBloom), ("the requests' hash", .requestsHash), ("the state root", .stateRoot),
    ])
    func `a header that lies about its body is refused`(name: String, rule: EthereumRule) throws {
        let sample = try SampleBlocks(.osaka)
        let (block, _) = try sample.seal([sample.transaction(to: BlockExecutionTests.nobody)])
        var header = block.header
        switch rule {
        case .transactionsRoot: header.transactionsRoot = .zero
        case .withdrawalsRoot: header.withdrawalsRoot = .zero
        case .gasUsed: header.gasUsed += 1
        case .blobGasUsed: header.blobGasUsed = 1 << 17
        case .receiptsRoot: header.receiptsRoot = .zero
        case .logsBloom: header.logsBloom.insert(Address.zero)
        case .requestsHash: header.requestsHash = .zero
        default: header.stateRoot = .zero
        }
        let lie = EthereumBlock(header: header, transactions: block.transactions, withdrawals: [])
        do {
            _ = try sample.validate(lie)
            Issue.record("accepted")
        } catch EthereumFailure.invalid(let fault) {
            #expect(fault.rule == rule)
        }
    }

    @Test func `from Osaka on a block has 8 MiB at most`() throws {
        for (fork, rule) in [(Fork.prague, EthereumRule.transactionsRoot), (.osaka, .blockSize)] {
            let sample = try SampleBlocks(fork)
            let transaction = sample.transaction(
                to: BlockExecutionTests.nobody, data: Bytes(repeating: 0, count: EthereumRules.blockBytesMax))
            let block = EthereumBlock(header: sample.nextHeader, transactions: [transaction], withdrawals: [])
            do {
                _ = try sample.validate(block)
                Issue.record("accepted")
            } catch EthereumFailure.invalid(let fault) {
                #expect(fault.rule == rule)
            }
        }
    }

    @Test func `a block comes back from its encoding`() throws {
        let sample = try SampleBlocks(.osaka)
        let withdrawal = Withdrawal(index: 1, validatorIndex: 2, address: BlockExecutionTests.nobody, amount: 3)
        let (block, _) = try sample.seal(
            [sample.transaction(to: BlockExecutionTests.nobody)], withdrawals: [withdrawal])
        let decoded = try EthereumBlock(rlp: block.rlp)
        #expect(decoded.hash == block.hash)
        #expect(decoded.withdrawals == block.withdrawals)
        #expect(decoded.transactions == block.transactions)
        #expect(decoded.encodedBytes == block.encodedBytes)
        #expect(throws: RLPError.self) { try EthereumBlock(rlp: block.rlp + [0]) }
    }
}
