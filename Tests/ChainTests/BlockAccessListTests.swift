import Chain
import Crypto
import Primitives
import Testing
import Trie

@Suite struct BlockAccessListTests {
    /// DESIGN D3: parent state and the entries below an index are the state at that index.
    @Test(arguments: 0..<20)
    func `looking up an index gives what a replay of the writes gives`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let accesses = Sample.accesses(&random)
        let list = try BlockAccessList(accesses.shuffled(using: &random))
        for index in UInt32(0)...7 {
            let written = list.entries.filter { ($0.index ?? .max) < index }
            for address in list.entries.map(\.address) {
                var balance: UInt256?
                var nonce: UInt64?
                var code: Bytes?
                var slots: [UInt256: UInt256] = [:]
                for entry in written.sorted(by: { ($0.index ?? 0) < ($1.index ?? 0) }) where entry.address == address {
                    switch entry {
                    case .balance(_, _, let value): balance = value
                    case .nonce(_, _, let value): nonce = value
                    case .code(_, _, let value): code = value
                    case .storageWrite(_, let slot, _, let value): slots[slot] = value
                    case .storageRead, .touched: break
                    }
                }
                #expect(try list.balance(of: address, before: index) == balance)
                #expect(try list.nonce(of: address, before: index) == nonce)
                #expect(try list.code(of: address, before: index) == code)
                for slot in UInt64(0)..<4 {
                    let slot = UInt256(slot)
                    #expect(try list.storage(of: address, slot: slot, before: index) == slots[slot])
                }
            }
        }
    }

    @Test func `the order in which accesses are noted does not matter, nor do repetitions`() throws {
        var random = SeededRandom(seed: 77)
        let accesses = Sample.accesses(&random)
        let list = try BlockAccessList(accesses)
        for _ in 0..<5 {
            let again = try BlockAccessList((accesses + accesses.prefix(9)).shuffled(using: &random))
            #expect(again == list)
            #expect(again.root == list.root)
        }
    }

    @Test func `entries stand in the order of EIP-7928 and say nothing twice`() throws {
        let first = Address(Bytes(repeating: 1, count: 20))
        let second = Address(Bytes(repeating: 2, count: 20))
        let list = try BlockAccessList([
            .touched(second), .touched(first), .touched(second),
            .nonce(first, index: 1, value: 1), .balance(first, index: 3, value: 30),
            .balance(first, index: 1, value: 10), .storageRead(first, slot: 9), .storageRead(first, slot: 4),
            .storageWrite(first, slot: 4, index: 2, value: 0), .storageWrite(first, slot: 4, index: 1, value: 6),
        ])
        #expect(
            list.entries == [
                .storageWrite(first, slot: 4, index: 1, value: 6), .storageWrite(first, slot: 4, index: 2, value: 0),
                .storageRead(first, slot: 9), .balance(first, index: 1, value: 10),
                .balance(first, index: 3, value: 30), .nonce(first, index: 1, value: 1), .touched(second),
            ])
        #expect(try list.storage(of: first, slot: 4, before: 3) == 0)
        #expect(try list.storage(of: first, slot: 4, before: 2) == 6)
        #expect(try list.storage(of: first, slot: 4, before: 1) == nil)
        #expect(try list.storage(of: first, slot: 9, before: 9) == nil)
    }

    @Test func `two values for one thing at one time are a contradiction`() {
        let address = Address(Bytes(repeating: 1, count: 20))
        #expect(throws: BlockAccessListError.contradiction(address, index: 2)) {
            try BlockAccessList([.balance(address, index: 2, value: 1), .balance(address, index: 2, value: 2)])
        }
        #expect(throws: BlockAccessListError.contradiction(address, index: 2)) {
            try BlockAccessList([
                .storageWrite(address, slot: 1, index: 2, value: 1),
                .storageWrite(address, slot: 1, index: 2, value: 2),
            ])
        }
    }

    @Test func `the root is over the entries by position, and none make the empty root`() throws {
        var random = SeededRandom(seed: 78)
        let list = try BlockAccessList(Sample.accesses(&random))
        #expect(BlockAccessList.empty.root == MerkleTrie.emptyRoot)
        let keyed = list.entries.enumerated().map { (key: UInt64($0.offset).rlp, value: $0.element.rlp) }
        #expect(list.root == MerkleTrie.root(of: keyed))
        #expect(try BlockAccessList(Array(list.entries.dropLast())).root != list.root)
    }

    @Test func `a list out of order is not decoded`() throws {
        var random = SeededRandom(seed: 79)
        let list = try BlockAccessList(Sample.accesses(&random))
        var encoder = RLPEncoder()
        encoder.append(list: list.entries.reversed())
        #expect(throws: RLPError.self) { try BlockAccessList(rlp: encoder.bytes) }
    }
}
