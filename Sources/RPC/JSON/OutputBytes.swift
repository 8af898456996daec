import NIOCore
import Primitives

/// Bytes on their way into a buffer: collected in one small piece of memory, moved on when it is full.
///
/// A `ByteBuffer` asks at every write whether it is alone and whether it may; a block of a thousand
/// transactions is 40,000 small writes, and that was 90 % of the time they took. All that is unsafe
/// about writing JSON is in here.
@safe struct OutputBytes: ~Copyable {
    private static let pieceBytes = 4_096

    private let piece: UnsafeMutablePointer<UInt8>
    /// Bytes of the piece that are written.
    private var used = 0
    private var full: ByteBuffer

    init() {
        unsafe piece = .allocate(capacity: Self.pieceBytes)
        full = ByteBuffer()
    }

    deinit { unsafe piece.deallocate() }

    var count: Int { full.readableBytes + used }

    /// Takes back what was written beyond the first `count` bytes.
    mutating func truncate(to count: Int) {
        precondition(0...self.count ~= count, "there is nothing to take back")
        if count >= full.readableBytes {
            used = count - full.readableBytes
        } else {
            full.moveWriterIndex(to: count)
            used = 0
        }
    }

    /// All bytes; nothing is left.
    mutating func take() -> ByteBuffer {
        flush()
        let bytes = full
        full = ByteBuffer()
        return bytes
    }

    private mutating func flush() {
        unsafe full.writeBytes(UnsafeRawBufferPointer(start: piece, count: used))
        used = 0
    }

    /// Makes sure that `count` bytes fit, at most the size of a piece.
    @inline(__always)
    private mutating func makeRoom(_ count: Int) {
        if used + count > Self.pieceBytes { flush() }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        makeRoom(1)
        unsafe piece[used] = byte
        used += 1
    }

    @inline(__always)
    mutating func append(_ first: UInt8, _ second: UInt8) {
        makeRoom(2)
        unsafe piece[used] = first
        unsafe piece[used + 1] = second
        used += 2
    }

    /// The text of a literal.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        precondition(length <= Self.pieceBytes, "a literal is short")
        makeRoom(length)
        unsafe (piece + used).update(from: text.utf8Start, count: length)
        used += length
    }

    mutating func append(_ text: String) {
        for unit in text.utf8 { append(unit) }
    }

    mutating func append(_ bytes: ByteBuffer) {
        flush()
        full.writeImmutableBuffer(bytes)
    }

    /// Two digits for each byte of `word`.
    @inline(__always)
    mutating func appendHex(_ word: UInt64) {
        makeRoom(16)
        store(hexDigits(UInt32(truncatingIfNeeded: word >> 32)))
        store(hexDigits(UInt32(truncatingIfNeeded: word)))
    }

    @inline(__always)
    mutating func appendHex(_ word: UInt32) {
        makeRoom(8)
        store(hexDigits(word))
    }

    /// The digits of `word` without leading zeros, one at least.
    @inline(__always)
    mutating func appendShortestHex(_ word: UInt64) {
        makeRoom(16)
        let digits = max(1, (67 - word.leadingZeroBitCount) / 4)
        let low = hexDigits(UInt32(truncatingIfNeeded: word))
        if digits > 8 {
            store(hexDigits(UInt32(truncatingIfNeeded: word >> 32)) << UInt64(8 * (16 - digits)))
            used -= 16 - digits
            store(low)
        } else {
            store(low << UInt64(8 * (8 - digits)))
            used -= 8 - digits
        }
    }

    /// Two digits for each byte.
    mutating func appendHex(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { input in
            var index = 0
            while index + 8 <= input.count {
                unsafe appendHex(UInt64(bigEndian: input.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
                index += 8
            }
            while index < input.count {
                let byte = unsafe input[index]
                append(hexDigit(byte >> 4), hexDigit(byte & 15))
                index += 1
            }
        }
    }

    /// The bytes of `word`, the most significant first. There must be room for them.
    @inline(__always)
    private mutating func store(_ word: UInt64) {
        unsafe UnsafeMutableRawPointer(piece + used).storeBytes(of: word.bigEndian, as: UInt64.self)
        used += 8
    }
}

@inline(__always)
func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? 48 + value : 87 + value
}

/// The eight ASCII digits of `word`, the first in the most significant byte.
///
/// Nibbles are spread to a byte each, then all eight become letters at once: a nibble above 9
/// carries into bit 4 when 6 is added, and that carry times 39 is the distance from '9' + 1 to 'a'.
@inline(__always)
private func hexDigits(_ word: UInt32) -> UInt64 {
    var nibbles = UInt64(word)
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
    let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
}
