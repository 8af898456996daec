import Chain
import Crypto
import EVM
import Primitives
import Testing
import Validation

@testable import EthereumChain
@testable import conformance

/// A chain of one fork, with blocks made by asking the rules what their header must say.
struct SampleBlocks {
    let rules: EthereumRules
    let world: TestWorld
    let parent: EthereumHeader
    let key: AccountKey

    /// - Parameter code: Contracts by address, beside those that Prague needs.
    init(_ fork: Fork, code: [Address: Bytes] = [:]) throws {
        rules = EthereumRules(
            chainID: 1,
            phases: [EthereumRules.Phase(activation: 0, fork: fork, blobs: fork == .cancun ? .cancun : .prague)])
        key = try AccountKey(keccak256(Bytes("sender".utf8)))
        var accounts: FixtureObject = [key.address.hex: ["balance": "0x56bc75e2d63100000"]]
        // STOP: no requests.
        var contracts: [Address: Bytes] = [SystemCalls.withdrawals: [0], SystemCalls.consolidations: [0]]
        contracts.merge(code) { $1 }
        for (address, code) in contracts where !code.isEmpty {
            accounts[address.hex] = ["nonce": "0x1", "code": code.hex]
        }
        var world = try TestWorld(accounts, blockHashes: .known([:]))
        world.buildTries()
        self.world = world
        parent = EthereumHeader(
            parentHash: .zero, stateRoot: world.stateRoot, number: 0, gasLimit: 30_000_000, timestamp: 0,
            baseFeePerGas: 1_000, requestsHash: fork == .cancun ? nil : Header.emptyRequestsHash)
    }

    /// The next header, as far as it does not depend on a body.
    var nextHeader: EthereumHeader {
        EthereumHeader(
            parentHash: parent.hash, stateRoot: parent.stateRoot, number: 1, gasLimit: 30_000_000, timestamp: 12,
            baseFeePerGas: baseFee(after: parent), requestsHash: parent.requestsHash)
    }

    func transaction(
        _ kind: Transaction.Kind = .dynamicFee, nonce: UInt64 = 0, to: Address, data: Bytes = [],
        gasLimit: Gas = 1_000_000, blobs: Int = 0
    ) -> Transaction {
        Transaction.signed(
            Transaction.Content(
                kind: kind, chainID: 1, nonce: nonce, maxFeePerGas: 1_000, gasLimit: gasLimit, to: to, data: data,
                maxFeePerBlobGas: 1,
                blobVersionedHashes: (0..<blobs).map { Hash32(0x0100_0000_0000_0000, 0, 0, UInt64($0)) }),
            by: key)
    }

    func validate(_ block: EthereumBlock) throws(EthereumFailure<StateGap>) -> EthereumBlockResult {
        try EthereumChain.validate(block, after: parent, reading: world, under: rules)
    }

    /// A valid block with this body, and what it did.
    func seal(
        _ transactions: [Transaction] = [], withdrawals: [Withdrawal] = [],
        changing change: (inout EthereumHeader) -> Void = { _ in }
    ) throws -> (block: EthereumBlock, result: EthereumBlockResult) {
        var header = nextHeader
        header.transactionsRoot = Block.transactionsRoot(of: transactions)
        header.withdrawalsRoot = Withdrawal.root(of: withdrawals)
        change(&header)
        // Each try tells one more of the six fields that execution decides.
        for _ in 0..<7 {
            let block = EthereumBlock(header: header, transactions: transactions, withdrawals: withdrawals)
            do {
                return (block, try validate(block))
            } catch EthereumFailure.invalid(let fault) {
                try header.correct(fault)
            }
        }
        throw FixtureError("the header does not become right")
    }

    /// What the block with this body breaks.
    func fault(
        _ transactions: [Transaction] = [], withdrawals: [Withdrawal] = [],
        changing change: (inout EthereumHeader) -> Void = { _ in }
    ) throws -> EthereumFault? {
        do {
            _ = try seal(transactions, withdrawals: withdrawals, changing: change)
            return nil
        } catch let fault as EthereumFault {
            return fault
        }
    }
}

extension EthereumHeader {
    /// Takes over what the rules expected in a field that execution decides; any other fault is thrown.
    fileprivate mutating func correct(_ fault: EthereumFault) throws {
        switch fault.rule {
        case .gasUsed where UInt64(fault.expected) != nil: gasUsed = try #require(UInt64(fault.expected))
        case .blobGasUsed: blobGasUsed = UInt64(fault.expected)
        case .receiptsRoot: receiptsRoot = try Hash32(hex: fault.expected)
        case .logsBloom: logsBloom = LogsBloom(try Bytes(hex: fault.expected))
        case .requestsHash: requestsHash = try Hash32(hex: fault.expected)
        case .stateRoot: stateRoot = try Hash32(hex: fault.expected)
        default: throw fault
        }
    }
}
