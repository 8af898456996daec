import Crypto
import Fixtures
import Primitives

/// Calls of precompiled contracts with input that they accept, or nearly.
enum PrecompileInput {
    /// Those whose input is drawn here; `CurveInput` has the others.
    static let addresses: [Address] = [1, 2, 3, 4, 5, 9, 0x100].map(address)

    static func draw(with numbers: inout SeededNumbers) -> (address: Address, input: Bytes) {
        var drawn =
            numbers.below(4) == 0 ? CurveInput.draw(with: &numbers) : drawSimple(with: &numbers)
        if !drawn.input.isEmpty, numbers.below(4) == 0 {
            drawn.input[numbers.below(drawn.input.count)] ^= UInt8(1 << numbers.below(8))
        }
        return drawn
    }

    private static func drawSimple(with numbers: inout SeededNumbers) -> (address: Address, input: Bytes) {
        let address = addresses[numbers.below(addresses.count)]
        let input =
            switch UInt256(address) {
            case 1: recovery(with: &numbers)
            case 5: modularExponentiation(with: &numbers)
            case 9: blake(with: &numbers)
            case 0x100: verification(with: &numbers)
            default: numbers.bytes(numbers.below(200))
            }
        return (address, input)
    }

    static func address(_ number: UInt64) -> Address {
        Address(Bytes(UInt256(number).bigEndianBytes.suffix(20)))
    }

    /// digest, v, r, s
    private static func recovery(with numbers: inout SeededNumbers) -> Bytes {
        let digest = Hash32(numbers.bytes(32))
        guard let key = try? AccountKey(Hash32(0, 0, 0, 1 + numbers.next() >> 1)) else { return [] }
        let signature = key.sign(digest)
        let v = UInt256(signature.yParity ? 28 : 27)
        return digest.bytes + v.bigEndianBytes + signature.r.bigEndianBytes + signature.s.bigEndianBytes
    }

    /// Three lengths, then base, exponent and modulus.
    private static func modularExponentiation(with numbers: inout SeededNumbers) -> Bytes {
        var input: Bytes = []
        var total = 0
        for _ in 0..<3 {
            // Up to the bound of EIP-7823 and beyond; the bytes that are missing are zeros.
            let length = numbers.below(12) == 0 ? 1_000 + numbers.below(40) : numbers.below(70)
            total += min(length, 100)
            input += UInt256(UInt64(length)).bigEndianBytes
        }
        return input + numbers.bytes(total)
    }

    /// rounds, h, m, t, f
    private static func blake(with numbers: inout SeededNumbers) -> Bytes {
        [0, 0, 0, UInt8(numbers.below(30))] + numbers.bytes(208) + [
            UInt8(numbers.below(20) == 0 ? 2 : numbers.below(2))
        ]
    }

    /// digest, r, s, x, y: the signature that P-256's generator as key and as nonce gives, r = x mod n, s = digest + r.
    private static func verification(with numbers: inout SeededNumbers) -> Bytes {
        let digest = numbers.bytes(32)
        let order = UInt256(
            limbs: 0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000)
        let x = UInt256(
            limbs: 0xf4a1_3945_d898_c296, 0x7703_7d81_2deb_33a0, 0xf8bc_e6e5_63a4_40f2, 0x6b17_d1f2_e12c_4247)
        let y = UInt256(
            limbs: 0xcbb6_4068_37bf_51f5, 0x2bce_3357_6b31_5ece, 0x8ee7_eb4a_7c0f_9e16, 0x4fe3_42e2_fe1a_7f9b)
        let s = UInt256(bigEndian: digest).addmod(x, order)
        return digest + [x, s, x, y].flatMap(\.bigEndianBytes)
    }
}
