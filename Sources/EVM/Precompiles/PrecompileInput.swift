import Primitives

/// The data of a call to a precompiled contract. Beyond its end there are zeros, as far as one reads.
///
/// It is valid during the call that it is given to.
@safe
struct PrecompileInput {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
    }

    /// In bytes.
    var count: Int { unsafe bytes.count }

    /// In words of 32 bytes, a part counted whole.
    var wordCount: Gas { (Gas(count) + 31) / 32 }

    var all: Bytes { unsafe Bytes(bytes) }

    /// Byte `position`, which is not negative.
    subscript(position: Int) -> UInt8 {
        position < count ? unsafe bytes[position] : 0
    }

    /// The 32 bytes from `position` on.
    func word(_ position: Int) -> Hash32 {
        let rest = count - position
        if rest >= 32 { return unsafe Hash32(reading: UnsafeRawBufferPointer(rebasing: bytes[position...])) }
        return Hash32(slice(position, count: 32))
    }

    /// The 8 bytes from `position` on, the least significant first.
    ///
    /// - Precondition: They are all there.
    func littleEndian(_ position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// The `count` bytes from `position` on.
    func slice(_ position: Int, count length: Int) -> Bytes {
        let present = max(0, min(count - position, length))
        var slice = Bytes()
        slice.reserveCapacity(length)
        if present > 0 { unsafe slice.append(contentsOf: bytes[position..<position + present]) }
        slice.append(contentsOf: repeatElement(0, count: length - present))
        return slice
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(bytes)
    }
}
