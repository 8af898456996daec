internal import Primitives

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): tells bytes that changed on disk from bytes that did not.
///
/// It guards against accidents, not against somebody who writes to our files on purpose.
/// Eight table look-ups take eight bytes a step ("slicing by 8", Kounavis and Berry 2005).
struct Checksum {
    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    static func of(_ bytes: Bytes) -> UInt32 {
        var checksum = Checksum()
        checksum.add(bytes)
        return checksum.value
    }

    mutating func add(_ bytes: Bytes) {
        var crc = state
        unsafe bytes.withUnsafeBytes { source in
            unsafe Self.tables.withUnsafeBufferPointer { tables in
                var position = 0
                while position + 8 <= source.count {
                    let word = unsafe source.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                    crc = unsafe Self.step(crc, UInt64(littleEndian: word), tables)
                    position += 8
                }
                while position < source.count {
                    crc = unsafe crc >> 8 ^ tables[Int((crc ^ UInt32(source[position])) & 0xff)]
                    position += 1
                }
            }
        }
        state = crc
    }

    /// Adds the eight bytes of `word`, the least significant first.
    mutating func add(_ word: UInt64) {
        let crc = state
        state = unsafe Self.tables.withUnsafeBufferPointer { tables in unsafe Self.step(crc, word, tables) }
    }

    mutating func add(_ hash: Hash32) {
        add(hash.word0)
        add(hash.word1)
        add(hash.word2)
        add(hash.word3)
    }

    @inline(__always)
    private static func step(_ crc: UInt32, _ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let mixed = word ^ UInt64(crc)
        var next: UInt32 = 0
        for lane in 0..<8 {
            unsafe next ^= tables[(7 - lane) << 8 | Int(truncatingIfNeeded: mixed >> UInt64(8 * lane) & 0xff)]
        }
        return next
    }

    /// `tables[k << 8 | b]` is the checksum of byte b followed by k zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            tables[byte] = crc
        }
        for position in 256..<tables.count {
            let shorter = tables[position - 256]
            tables[position] = shorter >> 8 ^ tables[Int(shorter & 0xff)]
        }
        return tables
    }()
}
