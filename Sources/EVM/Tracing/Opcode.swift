/// Opcodes as people read them (Yellow Paper, appendix H.2, and the EIPs up to Osaka).
public enum Opcode {
    /// What the opcode is called, as clients print it; nil if there is none with this number.
    public static func mnemonic(_ opcode: UInt8) -> String? {
        mnemonics[Int(opcode)]
    }

    /// What is shown of a byte that is no opcode.
    public static func undefined(_ byte: UInt8) -> String {
        "opcode 0x\(String(byte, radix: 16)) not defined"
    }

    /// The machine's own names, so that the two cannot come apart.
    private static let mnemonics: [String?] = (UInt8.min...UInt8.max).map { opcode in
        let name = String(describing: Instruction(opcode))
        return name.hasPrefix("undefined") ? nil : name.uppercased()
    }
}
