public import Primitives

/// The addresses that mean something to the chain itself.
///
/// Native contracts, those written in Swift, stand from 0x…0400 to 0x…04ff. 0x…0400 itself is kept for the council,
/// since Klaytn keeps its address book there.
public enum SystemAddress {
    /// Who calls when it is the chain itself (EIP-4788, EIP-2935). Nobody has its key.
    public static let caller = Address(
        word0: 0xffff_ffff_ffff_ffff, word1: 0xffff_ffff_ffff_ffff, word2: 0xffff_fffe)

    /// Keeps the hashes of the latest blocks (EIP-2935); bytecode.
    public static let history = Address(
        word0: 0x0000_f908_27f1_c53a, word1: 0x10cb_7a02_335b_1753, word2: 0x2000_2935)

    /// Keeps the parent beacon block roots (EIP-4788); bytecode.
    public static let beaconRoots = Address(
        word0: 0x000f_3df6_d732_807e, word1: 0xf131_9fb7_b8bb_8522, word2: 0xd0be_ac02)

    /// Divides the reward of each block; native.
    public static let rewards = native(1)

    /// Every native contract, in ascending order of address.
    public static let natives = [rewards]

    /// The code of each native contract in the state. Without code, `extcodesize` would be 0, and callers compiled by
    /// solc refuse to call where that is so. It is never run; the opcode INVALID would halt it.
    public static let nativeCode: Bytes = [0xfe]

    private static func native(_ position: UInt8) -> Address {
        Address(word0: 0, word1: 0, word2: 0x0400 + UInt32(position))
    }
}
