import Chain
import Crypto
import Primitives
import Testing

@Suite struct ReceiptTests {
    /// The Yellow Paper's function written a second way: bit 2^n of a 2048-bit number.
    @Test(arguments: 0..<20)
    func `a bloom has the three bits of each address and topic and no other`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let logs = (0..<3).map { _ in Sample.log(&random) }
        var expected = Set<Int>()
        for item in logs.flatMap({ [$0.address.bytes] + $0.topics.map(\.bytes) }) {
            let hash = keccak256(item).bytes
            for pair in 0..<3 { expected.insert((Int(hash[2 * pair]) << 8 + Int(hash[2 * pair + 1])) % 2048) }
        }
        let bloom = LogsBloom(logs)
        let found = (0..<2048).filter { bloom.bytes[255 - $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        #expect(Set(found) == expected)
        for log in logs {
            #expect(bloom.mayContain(log.address))
            for topic in log.topics { #expect(bloom.mayContain(topic)) }
        }
        #expect(!LogsBloom.empty.mayContain(logs[0].address))
    }

    @Test func `a block's bloom is the union of its receipts'`() {
        var random = SeededRandom(seed: 31)
        let receipts = (0..<10).map { _ in Sample.receipt(&random) }
        #expect(Receipt.bloom(of: receipts) == LogsBloom(receipts.flatMap(\.logs)))
        #expect(Receipt.bloom(of: []) == .empty)
    }

    @Test func `a receipt whose bloom is not that of its logs is refused`() {
        var random = SeededRandom(seed: 32)
        let receipt = Receipt(kind: .dynamicFee, succeeded: true, cumulativeGasUsed: 21_000, logs: [])
        var lying = receipt.envelope
        let position = lying.count - 2
        #expect(lying[position] == 0)
        lying[position] = 1 << UInt8(random.next() % 8)
        let envelope = lying
        #expect(throws: RLPError.self) { try Receipt(envelope: envelope) }
    }

    @Test func `failure and success differ in one byte`() {
        let good = Receipt(kind: .legacy, succeeded: true, cumulativeGasUsed: 21_000, logs: []).envelope
        let bad = Receipt(kind: .legacy, succeeded: false, cumulativeGasUsed: 21_000, logs: []).envelope
        #expect(zip(good, bad).filter { $0 != $1 }.map(\.0) == [0x01])
        #expect(zip(good, bad).filter { $0 != $1 }.map(\.1) == [0x80])
    }

    @Test func `a log has at most four topics`() {
        let full = Log(address: .zero, topics: [Hash32](repeating: .zero, count: 4), data: [])
        #expect((try? Log(rlp: full.rlp)) == full)
        var over = full
        over.topics.append(.zero)
        let bytes = over.rlp
        #expect(throws: RLPError.self) { try Log(rlp: bytes) }
    }
}
