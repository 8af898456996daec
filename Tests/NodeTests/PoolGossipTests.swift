import Chain
import Crypto
import EVM
import Primitives
import Testing

@testable import Node

/// Whom a node tells of the transactions that come to it, and how often.
@Suite struct PoolGossipTests {
    let council: Council
    let stranger: NodePublicKey
    let key: AccountKey
    var allowsUnprotected = false

    init() throws {
        council = try Council(
            (0..<4).map {
                CouncilMember(publicKey: try NodeKey(keccak256([UInt8($0)])).publicKey, rewardAddress: .zero)
            })
        stranger = try NodeKey(keccak256([99])).publicKey
        key = try AccountKey(keccak256([1]))
    }

    func node() throws -> Node<NodeLimitTests.AnySignature> {
        let genesis = try Genesis(
            rules: PoolTests.rules, council: council, timestampMilliseconds: 1_000, accounts: [])
        var pool = PoolLimits()
        pool.allowsUnprotected = allowsUnprotected
        let settings = NodeSettings(
            name: "cn1", genesis: genesis, publicKey: council.members[0].publicKey, listen: "a:1", bootstrap: [],
            blockTime: .seconds(1), wallClockStart: 2_000, pool: pool)
        let tail = ChainTail(block: genesis.block(), certificate: nil)
        return Node(
            settings: settings, scheme: NodeLimitTests.AnySignature(), memory: NodeMemory(tail: tail))
    }

    private func entry(_ nonce: UInt64) -> PoolEntry {
        let content = Transaction.Content(
            chainID: 7, nonce: nonce, maxPriorityFeePerGas: 1, maxFeePerGas: 100_000_000_000, to: .zero)
        return PoolEntry(
            transaction: .signed(content, by: key), sender: key.address,
            account: Account(balance: UInt256(1) << 100))
    }

    func greet(
        _ node: inout Node<NodeLimitTests.AnySignature>, _ number: PeerNumber, _ key: NodePublicKey
    ) -> [Action] {
        _ = node.handle(.peerUp(number, key: key, isInbound: true), at: node.now)
        let hello = Hello(name: "n\(number)", isRanger: false, head: 0, headHash: .zero, listen: "b:\(number)")
        return node.handle(.received(Message.hello(hello).encoded, from: number), at: node.now)
    }

    /// The transactions that `actions` send, by receiver.
    func told(_ actions: [Action]) -> [PeerNumber: [Bytes]] {
        var told: [PeerNumber: [Bytes]] = [:]
        for case .send(.transactions(let envelopes), let numbers) in actions {
            for number in numbers { told[number, default: []] += envelopes }
        }
        return told
    }

    @Test func `what clients sent is told to council nodes that come later, and what peers sent is not`() throws {
        var node = try node()
        let (own, others, old) = (entry(0), entry(1), entry(5))
        _ = node.handle(.admitted([own], from: .client(ticket: 1)), at: .zero)
        _ = node.handle(.admitted([others], from: .peer(9)), at: .zero)
        _ = node.handle(.admitted([old], from: .journal), at: .zero)
        let actions = greet(&node, 1, council.members[1].publicKey)
        #expect(told(actions) == [1: [own.transaction.envelope, old.transaction.envelope]])
        #expect(told(greet(&node, 2, stranger)).isEmpty)
        // A second hello on the same connection is no news.
        let hello = Hello(name: "n1", isRanger: false, head: 0, headHash: .zero, listen: "b:1")
        #expect(told(node.handle(.received(Message.hello(hello).encoded, from: 1), at: .zero)).isEmpty)
    }

    @Test func `what clients sent and no block has taken is told again every half minute, a few at a time`() throws {
        var node = try node()
        _ = greet(&node, 1, council.members[1].publicKey)
        let entries = (0..<UInt64(Node<NodeLimitTests.AnySignature>.reminderMax + 5)).map { entry($0) }
        _ = node.handle(.admitted(entries, from: .client(ticket: 1)), at: .seconds(1))
        #expect(told(node.handle(.timer(.gossip), at: .seconds(1)))[1]?.count == entries.count)
        // Not yet half a minute old.
        #expect(told(node.handle(.timer(.maintenance), at: .seconds(30))).isEmpty)
        #expect(told(node.handle(.timer(.maintenance), at: .seconds(59))).isEmpty)
        let first = entries.prefix(Node<NodeLimitTests.AnySignature>.reminderMax).map(\.transaction.envelope)
        #expect(told(node.handle(.timer(.maintenance), at: .seconds(61)))[1] == first)
        #expect(told(node.handle(.timer(.maintenance), at: .seconds(62))).isEmpty)
        node.pool.update(accounts: [(key.address, Account(nonce: 2_000, balance: 1))])
        #expect(told(node.handle(.timer(.maintenance), at: .seconds(95))).isEmpty)
    }

    @Test func `the maintenance lets go of queued transactions whose time is over`() throws {
        var node = try node()
        _ = node.handle(.admitted([entry(3)], from: .client(ticket: 1)), at: .zero)
        let lifetime = PoolLimits().queuedLifetime
        _ = node.handle(.timer(.maintenance), at: lifetime - .seconds(1))
        #expect(node.pool.queuedCount == 1)
        _ = node.handle(.timer(.maintenance), at: lifetime + .seconds(60))
        #expect(node.pool.isEmpty)
    }
}
