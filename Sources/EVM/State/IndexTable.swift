import Primitives

/// Finds the position of a key among entries that are kept elsewhere: open addressing with linear probing.
///
/// Each place holds half of the key's hash and the entry's position plus one, so that most wrong places are passed
/// over without a look at the entry, and growing does not look at entries at all.
struct IndexTable: ~Copyable {
    private var places: Buffer<UInt64>
    private var mask: Int
    private var count = 0

    private static var capacityAtStart: Int { 64 }

    init() {
        places = Buffer(capacity: Self.capacityAtStart)
        mask = Self.capacityAtStart - 1
        for _ in 0..<Self.capacityAtStart { places.append(0) }
    }

    /// The position of the entry with `hash` for which `matches` holds, or -1.
    @inline(__always)
    func find(_ hash: UInt32, where matches: (Int) -> Bool) -> Int {
        var place = Int(hash) & mask
        while true {
            let content = unsafe places.pointer(at: place).pointee
            if content == 0 { return -1 }
            if UInt32(truncatingIfNeeded: content &>> 32) == hash {
                let position = Int(content & 0xffff_ffff) &- 1
                if matches(position) { return position }
            }
            place = (place &+ 1) & mask
        }
    }

    /// - Precondition: The key is not in the table.
    mutating func insert(_ hash: UInt32, at position: Int) {
        precondition(position < Int(UInt32.max), "a table has fewer than 2^32 entries")
        // At most half full, so that a probe ends soon.
        if 2 * (count + 1) > places.count { grow() }
        place(UInt64(hash) << 32 | UInt64(position + 1))
        count += 1
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        count = 0
        for index in 0..<places.count { places[index] = 0 }
    }

    private mutating func place(_ content: UInt64) {
        var place = Int(content >> 32) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = content
    }

    private mutating func grow() {
        var old = Buffer<UInt64>(capacity: places.count * 2)
        for _ in 0..<(places.count * 2) { old.append(0) }
        swap(&old, &places)
        mask = places.count - 1
        for index in 0..<old.count where old[index] != 0 { place(old[index]) }
    }
}

/// Hashes of keys, mixed with secrets of this process: whoever picks slots cannot make them collide.
///
/// The secrets are those of the standard library's `Hasher`. Nothing depends on them but where in a table a key lies,
/// which nobody sees.
struct KeyHash {
    private let secret0, secret1, secret2, secret3: UInt64

    static let ofThisProcess = KeyHash()

    private init() {
        func secret(_ number: UInt64) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(number)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
        (secret0, secret1, secret2, secret3) = (secret(0), secret(1), secret(2), secret(3))
    }

    @inline(__always)
    func hash(_ address: Address) -> UInt32 {
        let mixed = fold(address.word0 ^ secret0, address.word1 ^ secret1)
        return high(fold(mixed ^ UInt64(address.word2), secret2))
    }

    /// Of a slot of the account with number `account`.
    @inline(__always)
    func hash(_ account: Int, _ slot: UInt256) -> UInt32 {
        let low = fold(slot.limb0 ^ secret0, slot.limb1 ^ secret1)
        let upper = fold(slot.limb2 ^ secret2, slot.limb3 ^ secret3)
        return high(fold(low ^ UInt64(truncatingIfNeeded: account), upper ^ secret2))
    }

    /// Both halves of the product, one over the other.
    @inline(__always)
    private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }

    @inline(__always)
    private func high(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash &>> 32)
    }
}
