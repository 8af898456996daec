public import Primitives

/// Keccak-256 as Ethereum uses it: rate 136 bytes and the original padding byte 0x01, not SHA-3's 0x06.
public func keccak256(_ bytes: Bytes) -> Hash32 {
    unsafe bytes.withUnsafeBytes { unsafe keccak256($0) }
}

/// Keccak-256 of part of an array.
public func keccak256(_ bytes: ArraySlice<UInt8>) -> Hash32 {
    unsafe bytes.withUnsafeBytes { unsafe keccak256($0) }
}

/// Keccak-256 of a hash's 32 bytes: the key of a slot or of a hashed word in a secure trie.
public func keccak256(_ word: Hash32) -> Hash32 {
    var state = KeccakState()
    state.y0 = KeccakPlane(
        x0: word.word0.byteSwapped, x1: word.word1.byteSwapped, x2: word.word2.byteSwapped,
        x3: word.word3.byteSwapped, x4: paddingStart)
    state.y3.x1 = paddingEnd
    return state.digest()
}

/// Keccak-256 of two hashes in a row, 64 bytes: how a public key (x‖y) becomes an address.
public func keccak256(_ first: Hash32, _ second: Hash32) -> Hash32 {
    var state = KeccakState()
    state.y0 = KeccakPlane(
        x0: first.word0.byteSwapped, x1: first.word1.byteSwapped, x2: first.word2.byteSwapped,
        x3: first.word3.byteSwapped, x4: second.word0.byteSwapped)
    state.y1 = KeccakPlane(
        x0: second.word1.byteSwapped, x1: second.word2.byteSwapped, x2: second.word3.byteSwapped, x3: paddingStart)
    state.y3.x1 = paddingEnd
    return state.digest()
}

/// Keccak-256 of an address's 20 bytes: the key of an account in the secure trie.
public func keccak256(_ address: Address) -> Hash32 {
    var state = KeccakState()
    state.y0 = KeccakPlane(
        x0: address.word0.byteSwapped, x1: address.word1.byteSwapped,
        x2: UInt64(address.word2.byteSwapped) | paddingStart << 32)
    state.y3.x1 = paddingEnd
    return state.digest()
}

/// Keccak-256 of raw memory.
public func keccak256(_ bytes: UnsafeRawBufferPointer) -> Hash32 {
    var state = KeccakState()
    var offset = 0
    while bytes.count - offset >= rateBytes {
        unsafe state.absorb(lanes: rateBytes / 8, of: bytes, from: offset)
        state.permute()
        offset += rateBytes
    }
    unsafe state.absorb(tail: bytes, from: offset)
    return state.digest()
}

/// Bytes absorbed between two permutations: 1600 bits less twice the digest.
private let rateBytes = 136
/// The padding 10…01: its first bit follows the message, its last is the last bit of the rate (lane 16).
private let paddingStart: UInt64 = 1
private let paddingEnd: UInt64 = 1 << 63

extension KeccakState {
    /// XORs the first `count` lanes of the state with the bytes at `offset`.
    fileprivate mutating func absorb(lanes count: Int, of bytes: UnsafeRawBufferPointer, from offset: Int) {
        unsafe withUnsafeMutableBytes(of: &self) { state in
            let lanes = unsafe state.assumingMemoryBound(to: UInt64.self)
            for lane in 0..<count {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: offset &+ 8 &* lane, as: UInt64.self)
                unsafe lanes[lane] ^= UInt64(littleEndian: word)
            }
        }
    }

    /// XORs the rest of the message, fewer than `rateBytes` bytes, and its padding.
    fileprivate mutating func absorb(tail bytes: UnsafeRawBufferPointer, from offset: Int) {
        let whole = (bytes.count - offset) / 8
        unsafe absorb(lanes: whole, of: bytes, from: offset)
        var last: UInt64 = 0
        var shift: UInt64 = 0
        for index in (offset + 8 * whole)..<bytes.count {
            last |= unsafe UInt64(bytes[index]) << shift
            shift += 8
        }
        last |= paddingStart << shift
        unsafe withUnsafeMutableBytes(of: &self) { state in
            unsafe state.assumingMemoryBound(to: UInt64.self)[whole] ^= last
        }
        y3.x1 ^= paddingEnd
    }

    /// The last permutation, then the first 32 bytes of the state.
    @inline(__always)
    fileprivate mutating func digest() -> Hash32 {
        permute()
        return Hash32(y0.x0.byteSwapped, y0.x1.byteSwapped, y0.x2.byteSwapped, y0.x3.byteSwapped)
    }
}
