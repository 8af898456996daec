public import Primitives

/// Contracts that stand in every genesis, for the chain itself calls them. An allocation at the same address goes
/// before.
public enum Predeploys {
    /// In ascending order of address.
    public static let accounts: [GenesisAccount] =
        (SystemAddress.natives.map { GenesisAccount(address: $0, nonce: 1, code: SystemAddress.nativeCode) }
        + [
            GenesisAccount(address: SystemAddress.history, nonce: 1, code: historyCode),
            GenesisAccount(address: SystemAddress.beaconRoots, nonce: 1, code: beaconRootsCode),
        ]).sorted { $0.address < $1.address }

    /// How many blocks the history contract knows (EIP-2935, HISTORY_SERVE_WINDOW).
    public static let historyBlocksMax: Height = 8_191

    /// Where the history contract keeps the hash of block `number` (EIP-2935).
    public static func historySlot(of number: Height) -> UInt256 {
        UInt256(number % historyBlocksMax)
    }

    /// The runtime code that EIP-2935 deploys: returns a hash that is asked for, or from the system writes the
    /// parent's.
    private static let historyCode: Bytes = code(
        0x3373_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_fffe_1460, 0x4657_6020_3603_6042,
        0x575f_3560_0143_0381, 0x1160_4257_611f_ff81, 0x4303_1160_4257_611f, 0xff90_0654_5f52_6020,
        0x5ff3_5b5f_5ffd_5b5f, 0x3561_1fff_6001_4303, tail: [0x06, 0x55, 0x00])

    /// The runtime code that EIP-4788 deploys: returns the root of a timestamp, or from the system writes that of this
    /// block.
    private static let beaconRootsCode: Bytes = code(
        0x3373_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_fffe_1460, 0x4d57_6020_3614_6024,
        0x575f_5ffd_5b5f_3580, 0x1560_4957_6200_1fff, 0x8106_9081_5414_603c, 0x575f_5ffd_5b62_001f,
        0xff01_545f_5260_205f, 0xf35b_5f5f_fd5b_6200, 0x1fff_4206_4281_555f, 0x3590_6200_1fff_0155, tail: [0x00])

    private static func code(_ words: UInt64..., tail: Bytes) -> Bytes {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } } + tail
    }
}
