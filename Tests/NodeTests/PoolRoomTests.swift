import Chain
import Crypto
import EVM
import Node
import Primitives
import Testing
import Validation

/// Pending and queued, what a sender can pay for, and who has to go when a pool is full.
@Suite struct PoolRoomTests {
    let keys: [AccountKey]

    init() throws {
        keys = try (1...6).map { try AccountKey(keccak256([$0])) }
    }

    static let balance: UInt256 = 1_000_000_000_000

    /// A transfer of 21,000 gas by `sender`, at most `cap` peb a gas.
    private func entry(
        _ sender: Int, _ nonce: UInt64, tip: UInt64 = 1, cap: UInt64 = 100, value: UInt256 = 0, account: Account? = nil,
        authorities: [AccountKey] = [], data: Bytes = []
    ) -> PoolEntry {
        var content = Transaction.Content(
            kind: authorities.isEmpty ? .dynamicFee : .setCode, chainID: 7, nonce: nonce,
            maxPriorityFeePerGas: UInt256(tip), maxFeePerGas: UInt256(cap), to: .zero, value: value, data: data,
            authorizations: authorities.map { .signed(chainID: 7, address: .zero, nonce: 0, by: $0) })
        content.gasLimit = max(content.intrinsicGas, content.floorGas)
        return PoolEntry(
            transaction: .signed(content, by: keys[sender]), sender: keys[sender].address,
            account: account ?? Account(balance: Self.balance), authorities: authorities.map(\.address))
    }

    private func pool(_ change: (inout PoolLimits) -> Void = { _ in }) -> TransactionPool {
        var limits = PoolLimits()
        change(&limits)
        return TransactionPool(rules: PoolTests.rules, limits: limits)
    }

    private func nonces(_ sender: Int, in pool: TransactionPool) -> (pending: [UInt64], queued: [UInt64]) {
        let content = pool.content(of: keys[sender].address)
        return (content?.pending.map(\.nonce) ?? [], content?.queued.map(\.nonce) ?? [])
    }

    // MARK: Pending and queued

    @Test func `what waits behind a gap is queued until the gap closes, however far ahead it is`() throws {
        var pool = pool()
        for nonce: UInt64 in [2, 1, 5_000_000] { try pool.add(entry(0, nonce)) }
        #expect(nonces(0, in: pool) == ([], [1, 2, 5_000_000]))
        #expect(pool.queuedCount == 3 && pool.pendingCount == 0 && pool.nextNonce(of: keys[0].address) == 0)
        try pool.add(entry(0, 0))
        #expect(nonces(0, in: pool) == ([0, 1, 2], [5_000_000]))
        #expect(pool.queuedCount == 1 && pool.pendingCount == 3 && pool.nextNonce(of: keys[0].address) == 3)
        pool.update(accounts: [(keys[0].address, Account(nonce: 5_000_000, balance: Self.balance))])
        #expect(nonces(0, in: pool) == ([5_000_000], []) && pool.queuedCount == 0 && pool.count == 1)
    }

    @Test func `what becomes too dear leaves a gap, and those behind it are queued`() throws {
        var pool = pool()
        try pool.add(entry(0, 0))
        try pool.add(entry(0, 1, value: Self.balance / 2))
        try pool.add(entry(0, 2))
        pool.update(accounts: [(keys[0].address, Account(balance: Self.balance / 2))])
        #expect(nonces(0, in: pool) == ([0], [2]))
        #expect(pool.queuedCount == 1 && pool.nextNonce(of: keys[0].address) == 1)
    }

    @Test func `queued transactions are let go when their time is over, and pending ones never`() throws {
        var pool = pool { $0.queuedLifetime = .seconds(60) }
        try pool.add(entry(0, 0), at: .seconds(1))
        try pool.add(entry(0, 5), at: .seconds(1))
        try pool.add(entry(0, 7), at: .seconds(30))
        pool.expire(at: .seconds(60))
        #expect(nonces(0, in: pool) == ([0], [5, 7]))
        pool.expire(at: .seconds(61))
        #expect(nonces(0, in: pool) == ([0], [7]))
        pool.expire(at: .seconds(3_600))
        #expect(nonces(0, in: pool) == ([0], []) && pool.queuedCount == 0)
    }

    // MARK: Funds

    @Test func `all that waits of a sender must be paid for, and a replacement costs the difference`() throws {
        // 2,100,000 peb each, for gas.
        let account = Account(balance: 4_300_000)
        var pool = pool()
        try pool.add(entry(0, 0, account: account))
        try pool.add(entry(0, 1, account: account))
        let third = refusal(entry(0, 2, account: account), in: pool)
        #expect(third == .overdraft(balance: 4_300_000, waiting: 4_200_000, cost: 2_100_000))
        #expect(
            third?.description
                == "insufficient funds for gas * price + value: balance 4300000, queued cost 4200000, "
                + "tx cost 2100000, overshot 2000000")
        #expect(refusal(entry(0, 7, account: account), in: pool) == third)
        #expect(refusal(entry(0, 1, tip: 2, cap: 110, account: account), in: pool) != nil)
        pool.update(accounts: [(keys[0].address, Account(balance: 4_410_000))])
        try pool.add(entry(0, 1, tip: 2, cap: 110, account: account))
        // What a block takes out is not counted any more.
        pool.update(accounts: [(keys[0].address, Account(nonce: 1, balance: 4_410_000))])
        try pool.add(entry(0, 2, account: account))
        #expect(nonces(0, in: pool).pending == [1, 2])
    }

    // MARK: Delegated accounts (EIP-7702)

    @Test func `an account that runs other code has one transaction in flight, which may be replaced`() throws {
        let delegated = Account(nonce: 4, balance: Self.balance, codeHash: keccak256([0xef, 0x01, 0x00]))
        var pool = pool()
        #expect(refusal(entry(0, 5, account: delegated), in: pool) == .delegatedOutOfOrder)
        try pool.add(entry(0, 4, account: delegated))
        let second = refusal(entry(0, 5, account: delegated), in: pool)
        #expect(second?.description == "in-flight transaction limit reached for delegated accounts")
        try pool.add(entry(0, 4, tip: 2, cap: 110, account: delegated))
        // A block that takes the code away makes it an account like others.
        pool.update(accounts: [(keys[0].address, Account(nonce: 4, balance: Self.balance))])
        try pool.add(entry(0, 5, account: delegated))
        pool.update(accounts: [(keys[0].address, delegated)])
        #expect(refusal(entry(0, 6, account: delegated), in: pool) == .delegatedInFlight)
        #expect(nonces(0, in: pool).pending == [4, 5])
    }

    @Test func `an account whose authorization waits is treated as if it ran other code already`() throws {
        var pool = pool()
        try pool.add(entry(0, 0, authorities: [keys[1]]))
        #expect(refusal(entry(1, 1), in: pool) == .delegatedOutOfOrder)
        try pool.add(entry(1, 0))
        #expect(refusal(entry(1, 1), in: pool) == .delegatedInFlight)
        // Included: the account is free again.
        pool.update(accounts: [(keys[0].address, Account(nonce: 1, balance: Self.balance))])
        try pool.add(entry(1, 1))
        let reserved = refusal(entry(0, 1, authorities: [keys[1]]), in: pool)
        #expect(reserved == .authorityReserved(keys[1].address))
        #expect(reserved?.description.hasPrefix("authority already reserved") == true)
    }

    @Test func `a transaction carries so many authorizations and no more`() throws {
        let pool = pool { $0.authorizationsMax = 2 }
        #expect(refusal(entry(0, 0, authorities: Array(keys[1...2])), in: pool) == nil)
        #expect(
            refusal(entry(0, 0, authorities: Array(keys[1...3])), in: pool)
                == .tooManyAuthorizations(limit: 2, found: 3))
    }

    // MARK: A full pool

    @Test func `a full pool lets queued ones go first, then the cheapest, and only for one that pays more`() throws {
        var pool = pool { $0.slotsMax = 4 }
        try pool.add(entry(0, 0, tip: 5))
        try pool.add(entry(1, 0, tip: 3))
        try pool.add(entry(2, 0, tip: 9))
        try pool.add(entry(3, 4, tip: 50))
        try pool.add(entry(4, 0, tip: 2))
        #expect(nonces(3, in: pool) == ([], []) && pool.count == 4 && pool.queuedCount == 0)
        // Now the cheapest is the one that came last.
        #expect(refusal(entry(5, 0, tip: 2), in: pool) == .underpriced)
        #expect(refusal(entry(5, 0, tip: 2), in: pool)?.description == "transaction underpriced")
        #expect(refusal(entry(5, 1, tip: 80), in: pool) == .futureReplacesPending)
        try pool.add(entry(5, 0, tip: 4))
        #expect(nonces(4, in: pool).pending.isEmpty && pool.count == 4)
        try pool.add(entry(4, 0, tip: 20))
        #expect(nonces(1, in: pool).pending.isEmpty && nonces(5, in: pool).pending == [0])
    }

    @Test func `the last of a sender goes first, and is worth what the cheapest before it is`() throws {
        var pool = pool { $0.slotsMax = 4 }
        try pool.add(entry(0, 0, tip: 2))
        try pool.add(entry(0, 1, tip: 90))
        try pool.add(entry(1, 0, tip: 5))
        try pool.add(entry(1, 1, tip: 4))
        // Its own dear successor is worth no more than what waits before it.
        #expect(refusal(entry(0, 2, tip: 90), in: pool) == .underpriced)
        try pool.add(entry(2, 0, tip: 3))
        #expect(nonces(0, in: pool).pending == [0] && nonces(1, in: pool).pending == [0, 1])
        try pool.add(entry(2, 1, tip: 3))
        #expect(nonces(0, in: pool).pending.isEmpty && pool.pendingCount == 4)
        #expect(refusal(entry(3, 0, tip: 3), in: pool) == .underpriced)
        // A fee cap below the base fee pays nothing at all.
        #expect(refusal(entry(3, 0, tip: 9, cap: 9), in: pool) == .underpriced)
    }

    @Test func `as many may wait behind gaps and no more, and there too the dearer ones stay`() throws {
        var pool = pool { $0.queuedMax = 2 }
        try pool.add(entry(0, 3, tip: 5))
        try pool.add(entry(1, 3, tip: 7))
        #expect(refusal(entry(2, 3, tip: 5), in: pool) == .underpriced)
        try pool.add(entry(2, 3, tip: 6))
        #expect(nonces(0, in: pool).queued.isEmpty && pool.queuedCount == 2)
        try pool.add(entry(3, 0, tip: 1))
        #expect(pool.count == 3)
        // One of its own that is farther ahead goes for the one before it; not the other way round.
        try pool.add(entry(2, 2, tip: 8))
        #expect(nonces(2, in: pool).queued == [2] && nonces(1, in: pool).queued == [3])
    }

    @Test func `a pool may have no room behind gaps at all, and ask for no tip`() throws {
        var pool = pool { ($0.queuedMax, $0.tipMin) = (0, 0) }
        #expect(refusal(entry(0, 1), in: pool) == .underpriced)
        try pool.add(entry(0, 0, tip: 0))
        try pool.add(entry(0, 1, tip: 0))
        #expect(refusal(entry(1, 1, tip: 9), in: pool) != nil && pool.queuedCount == 0)
        #expect(pool.candidates(baseFee: 10, max: 5).map(\.transaction.nonce) == [0, 1])
    }

    @Test func `a long envelope takes several slots, and pushes out all of them or none`() throws {
        let data = Bytes(repeating: 1, count: 8_000)
        var pool = pool { ($0.slotsMax, $0.slotBytes) = (4, 4_096) }
        for sender in 0..<3 { try pool.add(entry(sender, 0, tip: UInt64(3 + sender))) }
        try pool.add(entry(3, 0, tip: 9))
        // Two slots: one would be that of tip 3, the other that of tip 4.
        let dear = entry(4, 0, tip: 4, data: data)
        #expect(refusal(dear, in: pool) == .underpriced)
        do { try pool.add(dear) } catch { #expect(error == .underpriced) }
        #expect(pool.count == 4)
        try pool.add(entry(4, 0, tip: 5, data: data))
        #expect(pool.count == 3 && nonces(0, in: pool).pending.isEmpty && nonces(1, in: pool).pending.isEmpty)
        #expect(refusal(entry(0, 0, tip: 1), in: pool) == .underpriced)
        // It frees both when it goes.
        pool.update(accounts: [(keys[4].address, Account(nonce: 1, balance: Self.balance))])
        try pool.add(entry(0, 0, tip: 1))
        try pool.add(entry(1, 0, tip: 1))
        #expect(pool.count == 4)
    }

    @Test func `several of one sender go for one that needs their room`() throws {
        var pool = pool { ($0.slotsMax, $0.slotBytes) = (4, 4_096) }
        for nonce: UInt64 in 0..<4 { try pool.add(entry(0, nonce, tip: 2)) }
        try pool.add(entry(1, 0, tip: 3, data: Bytes(repeating: 1, count: 8_000)))
        #expect(nonces(0, in: pool).pending == [0, 1] && pool.count == 3)
    }

    // MARK: Any pool

    /// Whether what a pool says of itself agrees with what it holds.
    private func check(_ pool: TransactionPool, _ accounts: [Address: Account]) {
        let content = pool.content
        #expect(content.reduce(0) { $0 + $1.pending.count } == pool.pendingCount)
        #expect(content.reduce(0) { $0 + $1.queued.count } == pool.queuedCount)
        var ranked: [(tip: UInt256, hash: Hash32)] = []
        for sender in content {
            let start = accounts[sender.sender]?.nonce ?? 0
            #expect(sender.pending.map(\.nonce) == (0..<UInt64(sender.pending.count)).map { start + $0 })
            let next = start + UInt64(sender.pending.count)
            #expect(pool.nextNonce(of: sender.sender) == next)
            #expect(sender.queued.allSatisfy { $0.nonce > next })
            #expect(zip(sender.queued, sender.queued.dropFirst()).allSatisfy { $0.nonce < $1.nonce })
            #expect((sender.pending + sender.queued).allSatisfy { pool.contains($0.hash) })
            var tip = UInt256.max
            for transaction in sender.pending {
                guard let price = transaction.effectiveGasPrice(baseFee: 10) else { break }
                tip = min(tip, price - 10)
                ranked.append((tip, transaction.hash))
            }
        }
        let candidates = pool.candidates(baseFee: 10, max: .max)
        #expect(Set(candidates.map(\.transaction.hash)) == Set(ranked.map(\.hash)))
        let tips = Dictionary(ranked.map { ($0.hash, $0.tip) }, uniquingKeysWith: { first, _ in first })
        let order = candidates.compactMap { tips[$0.transaction.hash] }
        #expect(order == ranked.map(\.tip).sorted(by: >))
        #expect(pool.candidates(baseFee: 10, max: 5) == Array(candidates.prefix(5)))
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `whatever comes and goes, the pool's counts and order agree with what it holds`(seed: UInt64) throws {
        var state = seed
        func pick(_ count: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % count
        }
        var pool = pool { ($0.slotsMax, $0.queuedMax, $0.queuedLifetime) = (24, 8, .seconds(40)) }
        var accounts: [Address: Account] = [:]
        for key in keys { accounts[key.address] = Account(balance: Self.balance) }
        var refusals = 0
        for step in 0..<300 as Range<UInt64> {
            let sender = Int(pick(6))
            let address = keys[sender].address
            guard let account = accounts[address] else { continue }
            switch pick(8) {
            case 0:
                let next = Account(
                    nonce: account.nonce + pick(3), balance: pick(4) == 0 ? UInt256(pick(20_000_000)) : Self.balance)
                accounts[address] = next
                pool.update(accounts: [(address, next)])
            case 1:
                pool.expire(at: .seconds(Int64(step)))
            default:
                let new = entry(
                    sender, account.nonce + pick(8), tip: 1 + pick(60), cap: 5 + pick(100), account: account,
                    data: pick(6) == 0 ? Bytes(repeating: 1, count: 5_000) : [])
                let before = pool.content.map { $0.pending + $0.queued }
                do {
                    try pool.add(new, at: .seconds(Int64(step)))
                    #expect(pool.contains(new.transaction.hash))
                } catch {
                    refusals += 1
                    #expect(pool.content.map { $0.pending + $0.queued } == before)
                }
            }
            check(pool, accounts)
        }
        #expect(refusals > 20 && refusals < 250)
    }
}
