import Crypto
import Primitives

/// 0x05: a power modulo a number of any length (EIP-198).
///
/// The input is three lengths in bytes, a word each, then base, exponent and modulus. What is declared may be far
/// longer than what is there, so the price is known before anything is made room for.
struct ModexpCall {
    private let input: PrecompileInput
    private let baseBytes: UInt64
    private let exponentBytes: UInt64
    private let modulusBytes: UInt64

    /// The longest operand from Osaka on (EIP-7823).
    static let operandBytesMax: UInt64 = 1024
    /// The longest one that we compute with under earlier rules, which have no limit. A longer one costs more than
    /// 350 million gas, and no block of those forks could hold a tenth of that when they were new.
    static let earlyOperandBytesMax: UInt64 = 1 << 27

    init(_ input: PrecompileInput) {
        self.input = input
        baseBytes = Self.length(input.word(0))
        exponentBytes = Self.length(input.word(32))
        modulusBytes = Self.length(input.word(64))
    }

    /// A declared length; one beyond 64 bits is as unpayable as the longest within.
    private static func length(_ word: Hash32) -> UInt64 {
        UInt256(word).asUInt64 ?? .max
    }

    /// EIP-7883 from Osaka on, EIP-2565 from Berlin on, EIP-198 before; nil for what no gas can buy.
    func price(_ fork: Fork) -> Gas? {
        let longest = max(baseBytes, modulusBytes)
        if fork >= .osaka {
            guard max(longest, exponentBytes) <= Self.operandBytesMax else { return nil }
            let complexity = longest <= 32 ? 16 : 2 * Self.squaredWords(longest)
            return Gas(exactly: max(500, complexity * iterations(gasPerExponentByte: 16)))
        }
        if fork < .berlin {
            guard max(longest, exponentBytes) <= Self.earlyOperandBytesMax else { return nil }
            return Gas(exactly: Self.firstComplexity(longest) * iterations(gasPerExponentByte: 8) / 20)
        }
        // Of no base and no modulus nothing is computed, however long the exponent.
        guard longest > 0 else { return 200 }
        guard max(longest, exponentBytes) <= Self.earlyOperandBytesMax else { return nil }
        return Gas(exactly: max(200, Self.squaredWords(longest) * iterations(gasPerExponentByte: 8) / 3))
    }

    /// What multiplying numbers of so many bytes counts as (EIP-198).
    private static func firstComplexity(_ byteCount: UInt64) -> UInt128 {
        let count = UInt128(byteCount)
        if count <= 64 { return count * count }
        if count <= 1024 { return count * count / 4 + 96 * count - 3_072 }
        return count * count / 16 + 480 * count - 199_680
    }

    private static func squaredWords(_ byteCount: UInt64) -> UInt128 {
        let words = (UInt128(byteCount) + 7) / 8
        return words * words
    }

    /// How many squarings the exponent stands for: the bits below its highest one, as far as the first 32 bytes
    /// tell, and a rate for each byte after them.
    private func iterations(gasPerExponentByte: UInt128) -> UInt128 {
        let headBits = UInt128(max(0, 255 - exponentHead.leadingZeroBitCount))
        let tailBytes = UInt128(exponentBytes) - UInt128(min(exponentBytes, 32))
        return max(1, tailBytes * gasPerExponentByte + headBits)
    }

    /// The first 32 bytes of the exponent, or all of a shorter one.
    private var exponentHead: UInt256 {
        let (position, overflow) = baseBytes.addingReportingOverflow(96)
        guard !overflow, position < UInt64(input.count) else { return 0 }
        return UInt256(input.word(Int(position))) >> (256 - 8 * Int(min(exponentBytes, 32)))
    }

    /// As many bytes as the modulus has.
    ///
    /// - Precondition: The price was paid.
    var answer: Bytes {
        // Also the case of no base and no modulus, where the exponent may be of any length.
        guard modulusBytes > 0 else { return [] }
        let (base, exponent, modulus) = (Int(baseBytes), Int(exponentBytes), Int(modulusBytes))
        return modularPower(
            input.slice(96, count: base), input.slice(96 + base, count: exponent),
            modulo: input.slice(96 + base + exponent, count: modulus))
    }
}
