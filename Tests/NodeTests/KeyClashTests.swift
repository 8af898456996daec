import Chain
import Crypto
import Primitives
import Testing

@testable import Node

/// One key at two addresses is noticed and accuses nobody (FAULTS.md C17). And what is kept for others has bounds.
@Suite struct KeyClashTests {
    var node: Node<NodeLimitTests.AnySignature>
    let keys: [NodePublicKey]

    init() throws {
        keys = try (0..<5).map { try NodeKey(keccak256([UInt8($0)])).publicKey }
        let council = try Council(keys.prefix(4).map { CouncilMember(publicKey: $0, rewardAddress: .zero) })
        let genesis = try Genesis(
            rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero), council: council,
            timestampMilliseconds: 1_000, accounts: [])
        let settings = NodeSettings(
            name: "rn1", genesis: genesis, publicKey: keys[4], listen: "a:1", bootstrap: [], blockTime: .seconds(1),
            wallClockStart: 2_000)
        node = Node(
            settings: settings, scheme: NodeLimitTests.AnySignature(),
            memory: NodeMemory(tail: ChainTail(block: genesis.block(), certificate: nil)))
        _ = node.handle(.started, at: .zero)
    }

    private func clashes(_ actions: [Action]) -> [String] {
        actions.compactMap { action in
            guard case .note(.keyClash(_, let first, let second)) = action else { return nil }
            return "\(first) \(second)"
        }
    }

    private mutating func meet(_ number: PeerNumber, _ index: Int, listen: String, at now: Duration) -> [Action] {
        let up = node.handle(.peerUp(number, key: keys[index], isInbound: true), at: now)
        let hello = Hello(name: "cn\(index)", isRanger: false, head: 0, headHash: .zero, listen: listen)
        return up + node.handle(.received(Message.hello(hello).encoded, from: number), at: now)
    }

    @Test mutating func `a key that listens at another place than before is noted`() {
        let actions1 = meet(1, 0, listen: "b:2", at: .zero)
        #expect(clashes(actions1).isEmpty)
        _ = node.handle(.peerDown(1), at: .seconds(1))
        let actions2 = meet(2, 0, listen: "b:2", at: .seconds(1))
        #expect(clashes(actions2).isEmpty, "it came back")
        _ = node.handle(.peerDown(2), at: .seconds(2))
        let actions3 = meet(3, 0, listen: "c:3", at: .seconds(2))
        #expect(clashes(actions3) == ["b:2 c:3"])
        #expect(node.keyClashes.map(\.address) == [keys[0].address] && node.keyClashes[0].count == 1)
    }

    @Test mutating func `a second connection of a key that is long connected is noted, one at the same time is not`() {
        _ = meet(1, 0, listen: "b:2", at: .zero)
        let actions4 = node.handle(.keyClash(keys[0], endpoint: "x:9"), at: .seconds(1))
        #expect(clashes(actions4).isEmpty)
        let actions5 = node.handle(.keyClash(keys[0], endpoint: "x:9"), at: .seconds(5))
        #expect(clashes(actions5) == ["b:2 x:9"])
        // It goes on: counted, and said now and then.
        let actions6 = node.handle(.keyClash(keys[0], endpoint: "x:9"), at: .seconds(6))
        #expect(clashes(actions6).isEmpty)
        let actions7 = node.handle(.keyClash(keys[0], endpoint: "x:9"), at: .seconds(16))
        #expect(clashes(actions7).count == 1)
        #expect(node.keyClashes.map(\.count) == [3])
        let actions8 = node.handle(.keyClash(keys[1], endpoint: "x:9"), at: .seconds(16))
        #expect(clashes(actions8).isEmpty, "nobody it knows")
    }

    @Test mutating func `our own key elsewhere is noted at once`() {
        let actions9 = node.handle(.keyClash(keys[4], endpoint: "x:9"), at: .zero)
        #expect(clashes(actions9) == ["a:1 x:9"])
    }

    @Test func `what is remembered of keys has bounds`() {
        var book = KeyBook()
        for number in 0..<1_000 {
            let address = Address(lastBytesOf: keccak256([UInt8(number >> 8), UInt8(number & 255)]))
            _ = book.moved(address, to: "a:1")
            _ = book.clash(of: address, "a:1", "b:2", at: .zero)
        }
        #expect(book.clashes.count == KeyBook.clashesMax)
        #expect(book.home(of: Address(lastBytesOf: keccak256([0, 0]))) == nil)
    }

    @Test func `access lists are kept for so many blocks and entries`() throws {
        var cache = AccessListCache()
        let list = try BlockAccessList([])
        for number in 0..<100 as Range<UInt8> { cache.keep(list, of: keccak256([number])) }
        #expect(cache.lists.count == AccessListCache.blocksMax)
        #expect(cache[keccak256([99])] != nil && cache[keccak256([0])] == nil)
        let large = try BlockAccessList(
            (0..<AccessListCache.entriesMax / 4).map { .storageRead(.zero, slot: UInt256(UInt64($0))) })
        for number in 0..<9 as Range<UInt8> { cache.keep(large, of: keccak256([number, 1])) }
        #expect(cache.entryCount <= AccessListCache.entriesMax && cache.lists.count == 4)
    }
}
