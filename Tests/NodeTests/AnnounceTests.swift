import Chain
import Crypto
import EVM
import Primitives
import Testing

@testable import Node

/// What a node says of transactions to whoever watches it.
@Suite struct AnnounceTests {
    @Test func `what could run is announced once, and what the pool refuses or holds back is not`() throws {
        let key = try AccountKey(keccak256([1]))
        func entry(nonce: UInt64, chainID: UInt64 = 7) -> PoolEntry {
            let content = Transaction.Content(
                chainID: chainID, nonce: nonce, maxPriorityFeePerGas: 10_000_000_000, maxFeePerGas: 100_000_000_000,
                to: .zero
            )
            return PoolEntry(
                transaction: .signed(content, by: key), sender: key.address,
                account: Account(nonce: 0, balance: 1_000_000_000_000_000_000, codeHash: Account.emptyCodeHash))
        }
        func announced(_ actions: [Action]) -> [[Transaction]] {
            actions.compactMap { if case .announce(let ready) = $0 { ready.map(\.transaction) } else { nil } }
        }
        var node = try NodeLimitTests().node()
        let (first, second) = (entry(nonce: 0), entry(nonce: 1))
        let taken = node.handle(.admitted([first, nil, second], from: .client(ticket: 1)), at: .zero)
        #expect(announced(taken) == [[first.transaction, second.transaction]])
        #expect(announced(node.handle(.admitted([first], from: .peer(7)), at: .zero)).isEmpty)
        // Behind a gap until the one before it comes.
        let (third, fourth) = (entry(nonce: 2), entry(nonce: 3))
        #expect(announced(node.handle(.admitted([fourth], from: .peer(7)), at: .zero)).isEmpty)
        let filled = node.handle(.admitted([third], from: .peer(7)), at: .zero)
        #expect(announced(filled) == [[third.transaction, fourth.transaction]])
        let foreign = entry(nonce: 4, chainID: 8)
        #expect(announced(node.handle(.admitted([foreign], from: .peer(7)), at: .zero)).isEmpty)
    }
}
