import Primitives

/// Code made ready to run: padded so that no read leaves it, and with its jump destinations marked.
///
/// A class, because many calls share one. `@unchecked`: nothing in it ever changes.
@safe
final class Code: @unchecked Sendable {
    /// Without the padding.
    let count: Int
    /// `count` bytes, and zeros behind them (STOP): an opcode and the longest operand.
    let bytes: UnsafeMutablePointer<UInt8>
    /// A bit for each byte: whether a jump may lead there.
    let destinations: UnsafeMutablePointer<UInt64>
    /// The account whose code is to run in place of this (EIP-7702); nil for all other code.
    let delegate: Address?

    private static let paddingBytes = 33

    static let none = Code([])

    init(_ code: Bytes) {
        count = code.count
        let padded = UnsafeMutablePointer<UInt8>.allocate(capacity: count + Self.paddingBytes)
        unsafe (padded + count).initialize(repeating: 0, count: Self.paddingBytes)
        unsafe code.withUnsafeBufferPointer { code in
            if let start = code.baseAddress { unsafe padded.initialize(from: start, count: code.count) }
        }
        let words = (count + 63) / 64 + 1
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        unsafe bits.initialize(repeating: 0, count: words)
        var position = 0
        while position < count {
            let opcode = unsafe padded[position]
            if opcode == 0x5b { unsafe bits[position &>> 6] |= 1 &<< UInt64(position & 63) }
            // PUSH1 to PUSH32 are followed by data, in which no jump may land.
            position &+= opcode >= 0x60 && opcode <= 0x7f ? Int(opcode) &- 0x5e : 1
        }
        unsafe bytes = padded
        unsafe destinations = bits
        delegate = unsafe Self.delegate(padded, count)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe destinations.deallocate()
    }

    /// 0xef0100 and an address, nothing else (EIP-7702).
    private static func delegate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Address? {
        guard count == 23, unsafe bytes[0] == 0xef, unsafe bytes[1] == 0x01, unsafe bytes[2] == 0x00 else { return nil }
        return unsafe Address(UnsafeRawBufferPointer(start: bytes + 3, count: 20))
    }
}
