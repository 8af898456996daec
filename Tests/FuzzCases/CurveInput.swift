import Crypto
import Fixtures
import Primitives

/// Input of the precompiled contracts that compute on pairing curves: alt_bn128 (EIP-196, EIP-197), the point
/// evaluation of EIP-4844, BLS12-381 (EIP-2537). Points are infinity, the generator or its opposite.
enum CurveInput {
    static let addresses: [Address] = ([0x06, 0x07, 0x08] + (0x0a...0x11)).map(PrecompileInput.address)

    static func draw(with numbers: inout SeededNumbers) -> (address: Address, input: Bytes) {
        let address = addresses[numbers.below(addresses.count)]
        let count = 1 + numbers.below(2)
        let input: Bytes =
            switch UInt256(address) {
            case 0x06: alternatingPoint(with: &numbers) + alternatingPoint(with: &numbers)
            case 0x07: alternatingPoint(with: &numbers) + numbers.bytes(32)
            case 0x08: (0..<numbers.below(3)).flatMap { _ in alternatingPair(with: &numbers) }
            case 0x0a: evaluation(with: &numbers)
            case 0x0b: point(with: &numbers) + point(with: &numbers)
            case 0x0c: (0..<count).flatMap { _ in point(with: &numbers) + numbers.bytes(32) }
            case 0x0d: Bytes(repeating: 0, count: 512)
            case 0x0e: (0..<count).flatMap { _ in Bytes(repeating: 0, count: 256) + numbers.bytes(32) }
            case 0x0f: (0..<count).flatMap { _ in point(with: &numbers) + Bytes(repeating: 0, count: 256) }
            case 0x10: element(with: &numbers)
            default: element(with: &numbers) + element(with: &numbers)
            }
        return (address, input)
    }

    // MARK: alt_bn128

    private static func alternatingPoint(with numbers: inout SeededNumbers) -> Bytes {
        let opposite = UInt256(
            limbs: 0x3c20_8c16_d87c_fd45, 0x9781_6a91_6871_ca8d, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029)
        return switch numbers.below(4) {
        case 0: Bytes(repeating: 0, count: 64)
        case 1: UInt256(1).bigEndianBytes + opposite.bigEndianBytes
        default: UInt256(1).bigEndianBytes + UInt256(2).bigEndianBytes
        }
    }

    private static func alternatingPair(with numbers: inout SeededNumbers) -> Bytes {
        let point = alternatingPoint(with: &numbers)
        guard numbers.below(4) > 0 else { return point + Bytes(repeating: 0, count: 128) }
        let generator = [
            UInt256(
                limbs: 0x97e4_85b7_aef3_12c2, 0xf1aa_4933_35a9_e712, 0x7260_bfb7_31fb_5d25, 0x198e_9393_920d_483a),
            UInt256(
                limbs: 0x46de_bd5c_d992_f6ed, 0x6743_22d4_f75e_dadd, 0x426a_0066_5e5c_4479, 0x1800_deef_121f_1e76),
            UInt256(
                limbs: 0x55ac_dadc_d122_975b, 0xbc4b_3133_70b3_8ef3, 0xec9e_99ad_690c_3395, 0x0906_89d0_585f_f075),
            UInt256(
                limbs: 0x4ce6_cc01_66fa_7daa, 0xe3d1_e769_0c43_d37b, 0x4aab_7180_8dcb_408f, 0x12c8_5ea5_db8c_6deb),
        ]
        return point + generator.flatMap(\.bigEndianBytes)
    }

    // MARK: BLS12-381

    /// The zero polynomial at any place: commitment and proof are infinity.
    private static func evaluation(with numbers: inout SeededNumbers) -> Bytes {
        let infinity = [0xc0] + Bytes(repeating: 0, count: 47)
        let place = [0] + numbers.bytes(31)
        return [0x01] + sha256(infinity).bytes.dropFirst() + place + Bytes(repeating: 0, count: 32) + infinity
            + infinity
    }

    private static func point(with numbers: inout SeededNumbers) -> Bytes {
        guard numbers.below(3) > 0 else { return Bytes(repeating: 0, count: 128) }
        let padding = Bytes(repeating: 0, count: 16)
        let x: [UInt64] = [
            0x17f1_d3a7_3197_d794, 0x2695_638c_4fa9_ac0f, 0xc368_8c4f_9774_b905, 0xa14e_3a3f_171b_ac58,
            0x6c55_e83f_f97a_1aef, 0xfb3a_f00a_db22_c6bb,
        ]
        let y: [UInt64] = [
            0x08b3_f481_e3aa_a0f1, 0xa09e_30ed_741d_8ae4, 0xfcf5_e095_d5d0_0af6, 0x00db_18cb_2c04_b3ed,
            0xd03c_c744_a288_8ae4, 0x0caa_2329_46c5_e7e1,
        ]
        return padding + x.flatMap(bytes) + padding + y.flatMap(bytes)
    }

    /// An element of the field, which is a little larger than 2^380.
    private static func element(with numbers: inout SeededNumbers) -> Bytes {
        Bytes(repeating: 0, count: 17) + numbers.bytes(47)
    }

    private static func bytes(_ limb: UInt64) -> Bytes {
        UInt256(limb).bigEndianBytes.suffix(8)
    }
}
