import Foundation
import Primitives

/// Any RLP at all, as the fixtures write it.
indirect enum RLPItem: Equatable, RLPEncodable {
    case string(Bytes)
    case list([RLPItem])

    /// Deep enough for every fixture; shallow enough for the stack of a test thread.
    static let depthMax = 256

    func encode(into encoder: inout RLPEncoder) {
        switch self {
        case .string(let bytes): encoder.append(bytes)
        case .list(let items): encoder.append(list: items)
        }
    }

    init(rlp bytes: Bytes) throws(RLPError) {
        var decoder = RLPDecoder(bytes)
        self = try .read(from: &decoder, depth: 0)
        try decoder.finish()
    }

    private static func read(from decoder: inout RLPDecoder, depth: Int) throws(RLPError) -> RLPItem {
        guard try decoder.nextIsList else { return .string(try decoder.bytes()) }
        guard depth < depthMax else {
            throw .tooLarge(at: decoder.position, limit: depthMax, found: depth + 1)
        }
        var list = try decoder.list()
        var items: [RLPItem] = []
        while !list.isAtEnd { items.append(try read(from: &list, depth: depth + 1)) }
        return .list(items)
    }

    /// A fixture's value: strings of hex or text, `#` and a decimal number, small numbers, lists.
    init(json: Any) throws {
        switch json {
        case let list as [Any]:
            self = .list(try list.map(RLPItem.init(json:)))
        case let text as String where text.hasPrefix("0x"):
            self = .string(try Bytes(hex: text))
        case let text as String where text.hasPrefix("#"):
            self = .string(bigEndian(decimal: text.dropFirst()))
        case let text as String:
            self = .string(Bytes(text.utf8))
        case let number as NSNumber:
            self = .string(UInt256(number.uint64Value).minimalBytes)
        default:
            throw CocoaError(.coderInvalidValue)
        }
    }
}

/// The minimal big-endian bytes of a decimal number of any length.
func bigEndian(decimal digits: some StringProtocol) -> Bytes {
    var bytes: Bytes = []
    for digit in digits.utf8 {
        var carry = Int(digit) - 48
        for index in bytes.indices.reversed() {
            carry += Int(bytes[index]) * 10
            bytes[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        while carry > 0 {
            bytes.insert(UInt8(truncatingIfNeeded: carry), at: 0)
            carry >>= 8
        }
    }
    return bytes
}
