import Chain
import Crypto
import EVM
import Node
import Primitives
import Testing
import Validation

extension TransactionPool {
    /// Takes `entry` in as if it had come at `now`, where the next block's base fee is ten peb.
    @discardableResult
    mutating func add(
        _ entry: PoolEntry, gasLimit: Gas = PoolTests.gasLimit, at now: Duration = .zero, isLocal: Bool = false
    ) throws(PoolRefusal) -> [PooledTransaction] {
        try add(entry, in: PoolConditions(gasLimit: gasLimit, baseFee: 10, now: now, isLocal: isLocal))
    }
}

/// Why a pool, an empty one if none is named, does not take `entry`; nil if it does.
func refusal(_ entry: PoolEntry, in pool: TransactionPool? = nil) -> PoolRefusal? {
    var pool = pool ?? TransactionPool(rules: PoolTests.rules)
    do {
        try pool.add(entry)
        return nil
    } catch {
        return error
    }
}

@Suite struct PoolTests {
    static let rules = ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero)
    static let gasLimit: Gas = 60_000_000
    static let limits = PoolLimits()
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

    /// What each of these that is taken makes pending, by nonce and tip.
    private func news(
        of entries: [PoolEntry], in pool: inout TransactionPool
    ) throws -> [[String]] {
        try entries.map { entry in
            try pool.add(entry, gasLimit: Self.gasLimit).map {
                "\($0.transaction.nonce):\($0.transaction.maxPriorityFeePerGas)"
            }
        }
    }

    @Test func `transactions are news once nothing lacks before them, and so are their replacements`() throws {
        var pool = TransactionPool(rules: Self.rules)
        let news = try news(
            of: [
                entry(nonce: 2), entry(nonce: 1), entry(nonce: 1, tip: 2, cap: 200), entry(nonce: 0),
                entry(nonce: 1, tip: 3, cap: 300), entry(nonce: 3), entry(nonce: 5),
            ], in: &pool)
        #expect(news == [[], [], [], ["0:1", "1:2", "2:1"], ["1:3"], ["3:1"], []])
    }

    @Test func `transactions are news when a block has brought what lacked before them`() throws {
        var pool = TransactionPool(rules: Self.rules)
        #expect(try news(of: [3, 4, 6].map { entry(nonce: $0) }, in: &pool) == [[], [], []])
        let rich: UInt256 = 1_000_000_000_000
        #expect(pool.update(accounts: [(key.address, Account(nonce: 2, balance: rich))]).isEmpty)
        let ready = pool.update(accounts: [(key.address, Account(nonce: 3, balance: rich))])
        #expect(ready.map(\.transaction.nonce) == [3, 4])
        #expect(pool.update(accounts: [(key.address, Account(nonce: 4, balance: rich))]).isEmpty)
    }

    @Test func `a transfer that can be paid for is taken`() {
        #expect(refusal(entry(nonce: 0)) == nil)
    }

    @Test func `each reason to refuse has its own words`() {
        #expect(refusal(entry(nonce: 0, accountNonce: 3)) == .nonceTooLow(expected: 3, found: 0))
        #expect(refusal(entry(nonce: 0, tip: 0)) == .tipTooLow(least: 1, found: 0))
        #expect(
            refusal(entry(nonce: 0, tip: 0))?.description
                == "transaction underpriced: gas tip cap 0, minimum needed 1")
        let poor = refusal(entry(nonce: 0, balance: 5) { $0.value = 7 })
        #expect(poor == .insufficientFunds(balance: 5, need: 2_100_007))
        #expect(
            poor?.description
                == "insufficient funds for gas * price + value: balance 5, tx cost 2100007, overshot 2100002")
        #expect(refusal(entry(nonce: 0, tip: 101)) == .impossible(.tipAboveFeeCap(tip: 101, feeCap: 100)))
        #expect(refusal(entry(nonce: 0) { $0.chainID = 8 }) == .impossible(.wrongChain(expected: 7, found: 8)))
        #expect(
            refusal(
                entry(nonce: 0) {
                    $0.kind = .legacy
                    $0.chainID = nil
                }) == .unprotected)
        let deep = entry(nonce: 0) { $0.gasLimit = (1 << 24) + 1 }
        #expect(refusal(deep) == .impossible(.gasLimitTooHigh(limit: 1 << 24, found: (1 << 24) + 1)))
        var pool = TransactionPool(rules: Self.rules)
        #expect(throws: PoolRefusal.exceedsBlockGasLimit(limit: 50_000)) {
            try pool.add(entry(nonce: 0) { $0.gasLimit = 50_001 }, gasLimit: 50_000)
        }
    }

    @Test func `a transaction of each kind that code needs is taken, and none with blobs`() throws {
        let wish = Authorization.signed(chainID: 7, address: .zero, nonce: 0, by: other)
        let entries = [AccessListEntry(address: .zero, storageKeys: [.zero])]
        var pool = TransactionPool(rules: Self.rules)
        for (nonce, kind) in [Transaction.Kind.legacy, .accessList, .dynamicFee, .setCode].enumerated() {
            let rich = entry(nonce: UInt64(nonce)) {
                ($0.kind, $0.gasLimit, $0.data) = (kind, 100_000, [1, 2, 3])
                ($0.accessList, $0.authorizations) = (entries, [wish])
            }
            try pool.add(rich, gasLimit: Self.gasLimit)
        }
        let creation = entry(nonce: 4) { ($0.to, $0.gasLimit, $0.data) = (nil, 100_000, [0x60, 0, 0x60, 0, 0xf3]) }
        try pool.add(creation, gasLimit: Self.gasLimit)
        #expect(pool.candidates(baseFee: 10, max: 10).map(\.transaction.nonce) == [0, 1, 2, 3, 4])
        let blobs = entry(nonce: 5) {
            ($0.kind, $0.maxFeePerBlobGas, $0.blobVersionedHashes) = (.blob, 1, [.zero])
        }
        #expect(refusal(blobs) == .impossible(.kindNotAllowed(.blob)))
        let wishless = entry(nonce: 5) { ($0.kind, $0.gasLimit) = (.setCode, 100_000) }
        #expect(refusal(wishless) == .impossible(.noAuthorizations))
    }

    static let leastGas: [(initCode: Bool, data: Bytes, need: Gas)] = [
        // 21,000, a creation's 32,000, 33 zeros at 4, and two words of initcode at 2.
        (true, Bytes(repeating: 0, count: 33), 53_136),
        // 1,000 bytes at 16 gas are less than at the floor of 40.
        (false, Bytes(repeating: 1, count: 1_000), 61_000),
    ]

    @Test(arguments: leastGas)
    func `the gas limit covers what is charged before the first opcode`(initCode: Bool, data: Bytes, need: Gas) {
        func offer(_ gasLimit: Gas) -> PoolRefusal? {
            refusal(entry(nonce: 0) { ($0.to, $0.data, $0.gasLimit) = (initCode ? nil : .zero, data, gasLimit) })
        }
        #expect(offer(need) == nil)
        let refused: TransactionError =
            initCode ? .intrinsicGas(required: need, limit: need - 1) : .floorGas(required: need, limit: need - 1)
        #expect(offer(need - 1) == .impossible(refused))
    }

    @Test func `initcode and envelopes over their limits are refused`() {
        func create(_ count: Int) -> PoolEntry {
            entry(nonce: 0) {
                ($0.to, $0.data, $0.gasLimit) = (nil, Bytes(repeating: 0, count: count), 1 << 24)
            }
        }
        #expect(refusal(create(Transaction.initCodeBytesMax)) == nil)
        #expect(
            refusal(create(Transaction.initCodeBytesMax + 1))
                == .impossible(
                    .initCodeTooLarge(limit: Transaction.initCodeBytesMax, found: Transaction.initCodeBytesMax + 1)))
        let large = entry(nonce: 0) {
            ($0.data, $0.gasLimit) = (Bytes(repeating: 0, count: Self.limits.envelopeBytesMax - 50), 1 << 24)
        }
        #expect(
            refusal(large)
                == .tooLarge(limit: Self.limits.envelopeBytesMax, found: large.transaction.envelope.count))
    }

    @Test func `a contract sends nothing`() {
        let sent = entry(nonce: 0)
        let spoken = PoolEntry(
            transaction: sent.transaction, sender: sent.sender, account: sent.account, isFromContract: true)
        #expect(refusal(spoken) == .senderIsContract(key.address))
    }

    @Test func `what others did to a sender's account counts, though it sent nothing itself`() throws {
        var pool = TransactionPool(rules: Self.rules)
        for nonce: UInt64 in 0..<3 { try pool.add(entry(nonce: nonce), gasLimit: Self.gasLimit) }
        // Code that runs in the sender's name created a contract: the nonce is used up.
        pool.update(accounts: [(key.address, Account(nonce: 1, balance: 1_000_000_000_000))])
        #expect(pool.candidates(baseFee: 10, max: 10).map(\.transaction.nonce) == [1, 2])
        // Code spent what the sender had, and gave it back: what waited is gone, and may come again.
        pool.update(accounts: [(key.address, Account(nonce: 1, balance: 0))])
        #expect(pool.isEmpty && pool.nextNonce(of: key.address) == nil)
        pool.update(accounts: [(key.address, Account(nonce: 1, balance: 1_000_000_000_000))])
        try pool.add(entry(nonce: 1, accountNonce: 1), gasLimit: Self.gasLimit)
        #expect(pool.hasCandidate(baseFee: 10))
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
        for nonce in 0..<UInt64(Self.limits.perSenderMax) {
            try pool.add(entry(nonce: nonce), gasLimit: Self.gasLimit)
        }
        let next = entry(nonce: UInt64(Self.limits.perSenderMax))
        #expect(refusal(next, in: pool) == .senderFull(limit: Self.limits.perSenderMax))
        #expect(refusal(entry(nonce: 3, tip: 2, cap: 110), in: pool) == nil)
        #expect(pool.nextNonce(of: key.address) == UInt64(Self.limits.perSenderMax))
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
