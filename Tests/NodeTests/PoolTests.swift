import Chain
import Crypto
import EVM
import Node
import Primitives
import Testing
import Validation

@Suite struct PoolTests {
    static let rules = ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero)
    static let gasLimit: Gas = 60_000_000
    let key: AccountKey
    let other: AccountKey

    init() throws {
        key = try AccountKey(keccak256([1]))
        other = try AccountKey(keccak256([2]))
    }

    private func entry(
        nonce: UInt64, tip: UInt64 = 1, cap: UInt64 = 100, balance: UInt256 = 1_000_000_000_000,
        accountNonce: UInt64 = 0,
        from sender: AccountKey? = nil, change: (inout Transaction.Content) -> Void = { _ in }
    ) -> PoolEntry {
        var content = Transaction.Content(
            chainID: 7, nonce: nonce, maxPriorityFeePerGas: UInt256(tip), maxFeePerGas: UInt256(cap), to: .zero)
        change(&content)
        let signer = sender ?? key
        return PoolEntry(
            transaction: .signed(content, by: signer), sender: signer.address,
            account: Account(nonce: accountNonce, balance: balance, codeHash: Account.emptyCodeHash))
    }

    private func refusal(_ entry: PoolEntry, in pool: TransactionPool? = nil) -> PoolRefusal? {
        var pool = pool ?? TransactionPool(rules: Self.rules)
        do {
            try pool.add(entry, gasLimit: Self.gasLimit)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a transfer that can be paid for is taken`() {
        #expect(refusal(entry(nonce: 0)) == nil)
    }

    @Test func `each reason to refuse has its own words`() {
        #expect(refusal(entry(nonce: 0, accountNonce: 3)) == .nonceTooLow(expected: 3, found: 0))
        #expect(refusal(entry(nonce: 5_000))?.description.hasPrefix("nonce too high") == true)
        #expect(
            refusal(entry(nonce: 0, balance: 5))?.description.hasPrefix("insufficient funds for gas * price + value")
                == true)
        #expect(refusal(entry(nonce: 0, tip: 101)) == .tipAboveFeeCap)
        #expect(refusal(entry(nonce: 0) { $0.gasLimit = 20_999 }) == .intrinsicGasTooLow(limit: 20_999, need: 21_000))
        #expect(
            refusal(entry(nonce: 0) { $0.gasLimit = (1 << 24) + 1 }) == .exceedsTransactionGasMax(limit: 1 << 24))
        #expect(refusal(entry(nonce: 0) { $0.chainID = 8 }) == .wrongChain(expected: 7, found: 8))
        #expect(refusal(entry(nonce: 0) { $0.to = nil })?.description.contains("contract creation") == true)
    }

    @Test func `the same transaction twice is already known`() throws {
        var pool = TransactionPool(rules: Self.rules)
        try pool.add(entry(nonce: 0), gasLimit: Self.gasLimit)
        #expect(refusal(entry(nonce: 0), in: pool) == .alreadyKnown)
    }

    @Test func `a replacement pays a tenth more in both fees, or is refused`() throws {
        var pool = TransactionPool(rules: Self.rules)
        try pool.add(entry(nonce: 0, tip: 10, cap: 100), gasLimit: Self.gasLimit)
        #expect(refusal(entry(nonce: 0, tip: 11, cap: 109), in: pool) == .replacementUnderpriced)
        #expect(refusal(entry(nonce: 0, tip: 10, cap: 110), in: pool) == .replacementUnderpriced)
        try pool.add(entry(nonce: 0, tip: 11, cap: 110), gasLimit: Self.gasLimit)
        #expect(pool.count == 1)
    }

    @Test func `one sender waits with so many transactions and no more`() throws {
        var pool = TransactionPool(rules: Self.rules)
        for nonce in 0..<UInt64(TransactionPool.perSenderMax) {
            try pool.add(entry(nonce: nonce), gasLimit: Self.gasLimit)
        }
        let next = entry(nonce: UInt64(TransactionPool.perSenderMax))
        #expect(refusal(next, in: pool)?.description.hasPrefix("nonce too high") == true)
        #expect(pool.nextNonce(of: key.address) == UInt64(TransactionPool.perSenderMax))
    }

    @Test func `candidates come best payer first, and each sender's in the order of nonces`() throws {
        var pool = TransactionPool(rules: Self.rules)
        try pool.add(entry(nonce: 1, tip: 50), gasLimit: Self.gasLimit)
        try pool.add(entry(nonce: 0, tip: 5), gasLimit: Self.gasLimit)
        try pool.add(entry(nonce: 0, tip: 20, from: other), gasLimit: Self.gasLimit)
        let candidates = pool.candidates(baseFee: 10, max: 10)
        #expect(candidates.map(\.sender) == [other.address, key.address, key.address])
        #expect(candidates.map(\.transaction.nonce) == [0, 0, 1])
        #expect(pool.candidates(baseFee: 10, max: 1).count == 1)
        // A gap stops a sender, and so does a fee cap below the base fee.
        try pool.add(entry(nonce: 3), gasLimit: Self.gasLimit)
        #expect(pool.candidates(baseFee: 10, max: 10).count == 3)
        #expect(pool.candidates(baseFee: 101, max: 10).isEmpty)
    }

    @Test func `what waits behind a gap, or offers too little, is no work for the next block`() throws {
        var pool = TransactionPool(rules: Self.rules)
        #expect(!pool.hasCandidate(baseFee: 10))
        try pool.add(entry(nonce: 1), gasLimit: Self.gasLimit)
        #expect(!pool.hasCandidate(baseFee: 10))
        try pool.add(entry(nonce: 0), gasLimit: Self.gasLimit)
        #expect(pool.hasCandidate(baseFee: 10) && !pool.hasCandidate(baseFee: 101))
    }

    @Test func `a block takes out what it includes and what it makes impossible`() throws {
        var pool = TransactionPool(rules: Self.rules)
        for nonce: UInt64 in 0..<3 { try pool.add(entry(nonce: nonce), gasLimit: Self.gasLimit) }
        pool.update(accounts: [
            (key.address, Account(nonce: 1, balance: 1_000_000_000_000, codeHash: Account.emptyCodeHash))
        ])
        #expect(pool.count == 2 && pool.nextNonce(of: key.address) == 3)
        pool.update(accounts: [(key.address, Account(nonce: 1, balance: 1, codeHash: Account.emptyCodeHash))])
        #expect(pool.isEmpty)
    }
}
