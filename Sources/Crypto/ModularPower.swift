import COpenSSL
public import Primitives

/// `base` to the power of `exponent` modulo `modulus`, all most significant byte first and of any length.
///
/// Nothing here is constant-time: it is for public numbers only.
/// - Returns: As many bytes as `modulus` has. Modulo 0 everything is 0 (EIP-198), to the power of 0 everything is 1.
public func modularPower(_ base: Bytes, _ exponent: Bytes, modulo modulus: Bytes) -> Bytes {
    let digits = modulus.drop { $0 == 0 }
    guard !digits.isEmpty else { return Bytes(repeating: 0, count: modulus.count) }
    let exponent = Bytes(exponent.drop { $0 == 0 })
    if digits.count <= 32, exponent.count <= shortExponentBytesMax {
        let power = shortPower(base, exponent, modulo: UInt256(bigEndian: digits))
        return Bytes(repeating: 0, count: modulus.count - digits.count) + power.bigEndianBytes.suffix(digits.count)
    }
    let numbers = BigNumbers()
    let divisor = unsafe numbers.read(modulus)
    let power = unsafe numbers.power(numbers.read(base), numbers.read(exponent), modulo: divisor)
    return unsafe Bytes(unsafeUninitializedCapacity: modulus.count) { buffer, count in
        count = modulus.count
        let written = unsafe BN_bn2binpad(power, buffer.baseAddress, Int32(count))
        precondition(Int(written) == count, "a remainder is no longer than its divisor")
    }
}

/// Up to here OpenSSL would spend most of its time on getting ready: 5 µs, or some sixty products of 256 bits.
private let shortExponentBytesMax = 4

/// The power modulo a number of at most 256 bits.
///
/// - Precondition: `modulus` is not zero.
private func shortPower(_ base: Bytes, _ exponent: Bytes, modulo modulus: UInt256) -> UInt256 {
    let wordOverflow = (UInt256.max % modulus).addmod(1, modulus)
    var factor = UInt256.zero
    // The first word takes what is left over, so that all others are whole.
    var position = 0
    while position < base.count {
        let end = position + (base.count - position - 1) % 32 + 1
        let word = UInt256(bigEndian: base[position..<end])
        factor = factor.mulmod(wordOverflow, modulus).addmod(word, modulus)
        position = end
    }
    var power = UInt256.one % modulus
    for byte in exponent {
        for bit in (0..<8).reversed() {
            power = power.mulmod(power, modulus)
            if byte >> bit & 1 == 1 { power = power.mulmod(factor, modulus) }
        }
    }
    return power
}

/// The numbers of one computation, all freed with it.
@safe
private struct BigNumbers: ~Copyable {
    private let context: OpaquePointer

    init() {
        guard let context = unsafe BN_CTX_new() else { preconditionFailure("there is memory for OpenSSL") }
        unsafe BN_CTX_start(context)
        unsafe self.context = context
    }

    deinit {
        unsafe BN_CTX_end(context)
        unsafe BN_CTX_free(context)
    }

    /// A fresh zero.
    func number() -> OpaquePointer {
        guard let number = unsafe BN_CTX_get(context) else { preconditionFailure("there is memory for OpenSSL") }
        return unsafe number
    }

    func read(_ bytes: Bytes) -> OpaquePointer {
        let number = unsafe number()
        precondition(unsafe BN_bin2bn(bytes, Int32(bytes.count), number) != nil, "there is memory for OpenSSL")
        return unsafe number
    }

    /// - Precondition: `modulus` is not zero.
    func power(_ base: OpaquePointer, _ exponent: OpaquePointer, modulo modulus: OpaquePointer) -> OpaquePointer {
        if unsafe BN_is_odd(modulus) == 1 { return unsafe oddPower(base, exponent, modulo: modulus) }
        // OpenSSL is fast for odd moduli only (Montgomery), up to thirty times slower for the others. So an even
        // modulus is taken apart into 2^k·q with q odd, and the Chinese remainder theorem joins both powers.
        var bits: Int32 = 0
        while unsafe BN_is_bit_set(modulus, bits) == 0 { bits += 1 }
        let odd = unsafe number()
        unsafe demand(BN_rshift(odd, modulus, bits))
        let low = unsafe power(base, exponent, moduloBits: bits)
        guard unsafe BN_is_one(odd) == 0 else { return unsafe low }
        let high = unsafe oddPower(base, exponent, modulo: odd)
        // high + q·((low − high)·q⁻¹ mod 2^k) is `high` modulo q, `low` modulo 2^k, and below 2^k·q.
        let difference = unsafe number()
        unsafe demand(BN_sub(difference, low, high))
        unsafe reduce(difference, toBits: bits)
        unsafe demand(BN_mul(difference, difference, inverse(of: odd, moduloBits: bits), context))
        unsafe reduce(difference, toBits: bits)
        unsafe demand(BN_mul(difference, difference, odd, context))
        unsafe demand(BN_add(difference, difference, high))
        return unsafe difference
    }

    private func oddPower(
        _ base: OpaquePointer, _ exponent: OpaquePointer, modulo modulus: OpaquePointer
    ) -> OpaquePointer {
        let result = unsafe number()
        unsafe demand(BN_mod_exp(result, base, exponent, modulus, context))
        return unsafe result
    }

    /// The power modulo 2^`bits`, where a remainder costs nothing: bits are cut off.
    private func power(_ base: OpaquePointer, _ exponent: OpaquePointer, moduloBits bits: Int32) -> OpaquePointer {
        let result = unsafe number()
        let factor = unsafe number()
        unsafe demand(BN_copy(factor, base) == nil ? 0 : 1)
        unsafe reduce(factor, toBits: bits)
        unsafe demand(BN_set_word(result, 1))
        for bit in stride(from: unsafe BN_num_bits(exponent) - 1, through: 0, by: -1) {
            unsafe demand(BN_sqr(result, result, context))
            unsafe reduce(result, toBits: bits)
            if unsafe BN_is_bit_set(exponent, bit) == 1 {
                unsafe demand(BN_mul(result, result, factor, context))
                unsafe reduce(result, toBits: bits)
            }
            // The powers of an even number come to 0 and stay there.
            if unsafe BN_is_zero(result) == 1 { break }
        }
        return unsafe result
    }

    /// The number that gives 1 times `odd` modulo 2^`bits`, by Newton: each step doubles the bits that are right.
    private func inverse(of odd: OpaquePointer, moduloBits bits: Int32) -> OpaquePointer {
        let (result, error, two) = unsafe (number(), number(), number())
        unsafe demand(BN_set_word(two, 2))
        unsafe demand(BN_copy(result, odd) == nil ? 0 : 1)
        // The square of an odd number is 1 modulo 8.
        var right: Int32 = 3
        unsafe reduce(result, toBits: min(right, bits))
        while right < bits {
            right = min(2 * right, bits)
            unsafe demand(BN_copy(error, odd) == nil ? 0 : 1)
            unsafe reduce(error, toBits: right)
            unsafe demand(BN_mul(error, error, result, context))
            unsafe demand(BN_sub(error, two, error))
            unsafe reduce(error, toBits: right)
            unsafe demand(BN_mul(result, result, error, context))
            unsafe reduce(result, toBits: right)
        }
        return unsafe result
    }

    /// Makes `number` its remainder modulo 2^`bits`, which is not negative.
    private func reduce(_ number: OpaquePointer, toBits bits: Int32) {
        let isNegative = unsafe BN_is_negative(number) == 1
        // It reports failure where there is nothing to cut off.
        _ = unsafe BN_mask_bits(number, bits)
        // It cuts the magnitude of a negative number, which stays negative.
        guard isNegative, unsafe BN_is_zero(number) == 0 else { return }
        let modulus = unsafe self.number()
        unsafe demand(BN_set_bit(modulus, bits))
        unsafe demand(BN_add(number, number, modulus))
    }

    /// OpenSSL's arithmetic fails only where memory does.
    private func demand(_ done: Int32) {
        precondition(done == 1, "there is memory for OpenSSL")
    }
}
