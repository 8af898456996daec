import Chain
import Crypto
import EVM
import Primitives
import Testing
import Validation

@testable import Node

/// Transactions signed for no chain in particular (before EIP-155): those that put well-known contracts at the same
/// address everywhere are such, with a signature that nobody made.
@Suite struct UnprotectedTests {
    static let words = "only replay-protected (EIP-155) transactions allowed over RPC"
    static let balance: UInt256 = 1_000_000_000
    let key: AccountKey

    init() throws {
        key = try AccountKey(keccak256([1]))
    }

    /// A creation at 100 peb a gas; its signature is made up, and so nobody knows the key of its sender.
    private func deployer() throws -> PoolEntry {
        let number = UInt256(Hash32(Bytes(repeating: 0x22, count: 32)))
        let transaction = Transaction(
            content(nonce: 0, to: nil), signature: AccountSignature(r: number, s: number, yParity: false))
        return PoolEntry(
            transaction: transaction, sender: try transaction.recoverSender(), account: Account(balance: Self.balance))
    }

    private func content(nonce: UInt64, to: Address? = .zero, price: UInt256 = 100) -> Transaction.Content {
        Transaction.Content(
            kind: .legacy, chainID: nil, nonce: nonce, maxFeePerGas: price, gasLimit: 100_000, to: to,
            data: [0x60, 0, 0x60, 0, 0xf3])
    }

    private func entry(nonce: UInt64, price: UInt256 = 100, balance: UInt256 = Self.balance) -> PoolEntry {
        PoolEntry(
            transaction: .signed(content(nonce: nonce, price: price), by: key), sender: key.address,
            account: Account(nonce: 1, balance: balance))
    }

    private func pool() -> TransactionPool {
        var limits = PoolLimits()
        limits.allowsUnprotected = true
        return TransactionPool(rules: PoolTests.rules, limits: limits)
    }

    @Test func `unprotected ones are refused unless the node takes them, then they are like any other`() throws {
        let deployer = try deployer()
        let refusal = refusal(deployer, in: TransactionPool(rules: PoolTests.rules))
        #expect(refusal == .unprotected && refusal?.description == Self.words)
        var pool = pool()
        #expect(try pool.add(deployer).map(\.transaction) == [deployer.transaction])
        #expect(pool.candidates(baseFee: 10, max: 5).map(\.sender) == [deployer.sender])
    }

    @Test func `an unprotected one is next, paid for, priced and known like any other`() throws {
        var pool = pool()
        #expect(refusal(entry(nonce: 0), in: pool) == .nonceTooLow(expected: 1, found: 0))
        #expect(refusal(entry(nonce: 1, price: 0), in: pool) == .tipTooLow(least: 1, found: 0))
        #expect(
            refusal(entry(nonce: 1, balance: 9_999_999), in: pool)
                == .insufficientFunds(balance: 9_999_999, need: 10_000_000))
        try pool.add(entry(nonce: 1, balance: 10_000_000))
        #expect(refusal(entry(nonce: 1, balance: 10_000_000), in: pool) == .alreadyKnown)
        pool.update(accounts: [(key.address, Account(nonce: 1, balance: Self.balance))])
        #expect(refusal(entry(nonce: 1, price: 109), in: pool) == .replacementUnderpriced)
        try pool.add(entry(nonce: 1, price: 110))
        #expect(pool.count == 1)
    }

    @Test(arguments: [false, true])
    func `a node takes them from clients and from peers, and tells others, or neither`(allows: Bool) throws {
        var world = try PoolGossipTests()
        world.allowsUnprotected = allows
        for source in [TransactionSource.client(ticket: 1), .peer(9), .journal] {
            var node = try world.node()
            _ = world.greet(&node, 1, world.council.members[1].publicKey)
            let price: UInt256 = 100_000_000_000
            let entry = PoolEntry(
                transaction: .signed(content(nonce: 0, price: price), by: key), sender: key.address,
                account: Account(balance: UInt256(1) << 100))
            let actions = node.handle(.admitted([entry], from: source), at: .zero)
            #expect(node.pool.count == (allows ? 1 : 0), "\(source)")
            for case .reply(_, let outcome) in actions {
                #expect(outcome == (allows ? .success(entry.transaction.hash) : .failure(.unprotected)))
            }
            let told = world.told(node.handle(.timer(.gossip), at: .seconds(1)))
            #expect(told == (allows ? [1: [entry.transaction.envelope]] : [:]), "\(source)")
        }
    }
}
