public import Primitives

/// Up to 64 nibbles: where a node stands in a trie, or the part of a key that a node holds.
///
/// Packed into one number, the first nibble highest, so that joining and comparing paths are shifts.
public struct TriePath: Hashable, Sendable {
    /// The nibbles from the highest bits down; bits beyond the last nibble are zero.
    private let bits: UInt256
    private let count: UInt8

    public static let nibbleMax = 64

    private init(bits: UInt256, count: Int) {
        (self.bits, self.count) = (bits, UInt8(truncatingIfNeeded: count))
    }

    /// The root's path.
    public static let root = TriePath(bits: 0, count: 0)

    /// All 64 nibbles of a hashed key.
    public init(_ key: Hash32) {
        self.init(bits: UInt256(key), count: Self.nibbleMax)
    }

    /// Two nibbles for every byte; nil beyond 32 bytes.
    public init?(key: some Collection<UInt8>) {
        guard key.count <= 32 else { return nil }
        self.init(bits: UInt256(bigEndian: key) << (8 * (32 - key.count)), count: 2 * key.count)
    }

    /// The path of these nibbles.
    ///
    /// - Precondition: at most 64, each at most 15.
    public init(nibbles: some Sequence<UInt8>) {
        self = nibbles.reduce(.root) { $0.appending($1) }
    }

    /// Length, 0...64.
    public var nibbleCount: Int { Int(count) }

    public var isEmpty: Bool { count == 0 }

    /// Nibble `index`, the first one at 0.
    public subscript(index: Int) -> UInt8 {
        let pair = bits.byte(index >> 1)
        return index & 1 == 0 ? pair >> 4 : pair & 15
    }

    /// The key this path spells.
    ///
    /// - Precondition: the path has all 64 nibbles.
    var key: Hash32 {
        precondition(count == Self.nibbleMax, "a key has 64 nibbles")
        return bits.hash
    }

    func appending(_ nibble: UInt8) -> TriePath {
        precondition(count < Self.nibbleMax && nibble < 16, "a path has at most 64 nibbles of four bits")
        return TriePath(bits: bits | UInt256(UInt64(nibble)) << (252 - 4 * nibbleCount), count: nibbleCount + 1)
    }

    func appending(_ path: TriePath) -> TriePath {
        precondition(nibbleCount + path.nibbleCount <= Self.nibbleMax, "a path has at most 64 nibbles")
        return TriePath(bits: bits | path.bits >> (4 * nibbleCount), count: nibbleCount + path.nibbleCount)
    }

    func prefix(_ length: Int) -> TriePath {
        guard length < nibbleCount else { return self }
        let dropped = 256 - 4 * length
        return TriePath(bits: (bits >> dropped) << dropped, count: length)
    }

    func dropFirst(_ length: Int) -> TriePath {
        TriePath(bits: bits << (4 * length), count: max(0, nibbleCount - length))
    }

    func commonPrefixLength(with other: TriePath) -> Int {
        min((bits ^ other.bits).leadingZeroBitCount / 4, nibbleCount, other.nibbleCount)
    }

    /// Whether this path, of a key, lies before everything under `other`.
    func precedes(_ other: TriePath) -> Bool {
        bits < other.bits
    }

    func hasPrefix(_ other: TriePath) -> Bool {
        commonPrefixLength(with: other) == other.nibbleCount
    }
}

extension TriePath: Comparable {
    /// Shorter paths first, then nibble by nibble: the order of `bytes`.
    public static func < (left: TriePath, right: TriePath) -> Bool {
        left.count == right.count ? left.bits < right.bits : left.count < right.count
    }
}

extension TriePath {
    /// A database key: one byte of count, then two nibbles a byte. Keys sort as paths do, so the top of the
    /// trie, which every block touches, lies together.
    public var bytes: Bytes {
        var bytes: Bytes = []
        let packed = (nibbleCount + 1) / 2
        bytes.reserveCapacity(1 + packed)
        bytes.append(count)
        for index in 0..<packed { bytes.append(bits.byte(index)) }
        return bytes
    }

    /// Reads what `bytes` writes; nil for anything else.
    public init?(bytes: some Collection<UInt8>) {
        guard let count = bytes.first, count <= Self.nibbleMax, bytes.count == 1 + (Int(count) + 1) / 2 else {
            return nil
        }
        let packed = bytes.dropFirst()
        let bits = UInt256(bigEndian: packed) << (8 * (32 - packed.count))
        guard bits << (4 * Int(count)) == 0 else { return nil }
        self.init(bits: bits, count: Int(count))
    }
}

extension TriePath {
    /// The hex-prefix form (yellow paper, appendix C): a flag nibble tells leaf from extension and odd from even.
    func compact(isLeaf: Bool) -> Bytes {
        let isOdd = count & 1 == 1
        let flag: UInt8 = (isLeaf ? 2 : 0) | (isOdd ? 1 : 0)
        var compact: Bytes = []
        compact.reserveCapacity(1 + nibbleCount / 2)
        compact.append(flag << 4 | (isOdd ? self[0] : 0))
        let rest = isOdd ? bits << 4 : bits
        for index in 0..<nibbleCount / 2 { compact.append(rest.byte(index)) }
        return compact
    }

    /// Reads the hex-prefix form; nil for another flag, non-zero padding or more than 64 nibbles.
    static func readCompact(_ compact: ArraySlice<UInt8>) -> (path: TriePath, isLeaf: Bool)? {
        guard let first = compact.first, first < 0x40, compact.count <= 33 else { return nil }
        let isOdd = first & 0x10 != 0
        guard isOdd ? compact.count <= 32 : first & 15 == 0 else { return nil }
        let rest = compact.dropFirst()
        var bits = UInt256(bigEndian: rest) << (8 * (32 - rest.count))
        if isOdd { bits = bits >> 4 | UInt256(UInt64(first & 15)) << 252 }
        return (TriePath(bits: bits, count: 2 * rest.count + (isOdd ? 1 : 0)), first & 0x20 != 0)
    }
}

extension TriePath: CustomStringConvertible {
    /// One hex digit a nibble.
    public var description: String {
        (0..<nibbleCount).map { String(self[$0], radix: 16) }.joined()
    }
}
