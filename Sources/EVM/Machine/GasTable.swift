import Primitives

/// What an opcode costs before its operands are looked at, and how much stack it must find and may leave.
struct OpcodeRule: BitwiseCopyable {
    let gas: Int32
    /// Words that must be on the stack, in bytes.
    let needed: UInt16
    /// How many bytes of words beyond `needed` there may be, so that the result still fits.
    let spare: UInt16

    /// 1,024 words (Yellow Paper, section 9.1).
    static let stackWordsMax = 1_024
    static let wordBytes = 32

    /// For an opcode that does not exist: no stack has that many words.
    static let undefined = OpcodeRule(gas: 0, needed: .max, spare: 0)

    init(gas: Int32, needed: UInt16, spare: UInt16) {
        (self.gas, self.needed, self.spare) = (gas, needed, spare)
    }

    /// - Parameters:
    ///   - pops: Words that it takes.
    ///   - pushes: Words that it leaves.
    init(gas: Int32, pops: Int, pushes: Int) {
        self.gas = gas
        needed = UInt16(pops * Self.wordBytes)
        spare = UInt16((Self.stackWordsMax - max(pushes, pops)) * Self.wordBytes)
    }
}

/// The rules of all 256 opcodes at one fork. Costs that depend on operands are charged where the opcode runs.
///
/// `@unchecked`: filled once, never changed.
@safe
final class OpcodeRules: @unchecked Sendable {
    let rules: UnsafeMutablePointer<OpcodeRule>

    private static let osaka = OpcodeRules(.osaka)
    private static let earlier = Fork.allCases.map { OpcodeRules($0) }

    static func of(_ fork: Fork) -> OpcodeRules {
        fork == .osaka ? osaka : earlier[fork.order]
    }

    private init(_ fork: Fork) {
        unsafe rules = .allocate(capacity: 256)
        unsafe rules.initialize(repeating: .undefined, count: 256)
        for (range, gas, pops, pushes) in Self.table {
            for opcode in range { unsafe rules[opcode] = OpcodeRule(gas: gas, pops: pops, pushes: pushes) }
        }
        for number in 1...16 {
            unsafe rules[0x7f + number] = OpcodeRule(gas: 3, pops: number, pushes: number + 1)
            unsafe rules[0x8f + number] = OpcodeRule(gas: 3, pops: number + 1, pushes: number + 1)
        }
        for opcode in 0..<256 {
            if let gas = earlyPrice(of: opcode, at: fork) {
                let rule = unsafe rules[opcode]
                unsafe rules[opcode] = OpcodeRule(gas: gas, needed: rule.needed, spare: rule.spare)
            }
            if !exists(opcode, at: fork) { unsafe rules[opcode] = .undefined }
        }
    }

    deinit {
        unsafe rules.deallocate()
    }

    /// Yellow Paper, appendices G and H, with the EIPs that changed them up to Osaka.
    private static let table: [(ClosedRange<Int>, Int32, Int, Int)] = [
        (0x00...0x00, 0, 0, 0),  // STOP
        (0x01...0x01, 3, 2, 1), (0x02...0x02, 5, 2, 1), (0x03...0x03, 3, 2, 1),  // ADD MUL SUB
        (0x04...0x07, 5, 2, 1), (0x08...0x09, 8, 3, 1),  // DIV SDIV MOD SMOD, ADDMOD MULMOD
        (0x0a...0x0a, 10, 2, 1), (0x0b...0x0b, 5, 2, 1),  // EXP SIGNEXTEND
        (0x10...0x14, 3, 2, 1), (0x15...0x15, 3, 1, 1),  // LT GT SLT SGT EQ, ISZERO
        (0x16...0x18, 3, 2, 1), (0x19...0x19, 3, 1, 1),  // AND OR XOR, NOT
        (0x1a...0x1d, 3, 2, 1), (0x1e...0x1e, 5, 1, 1),  // BYTE SHL SHR SAR, CLZ (EIP-7939)
        (0x20...0x20, 30, 2, 1),  // KECCAK256
        (0x30...0x30, 2, 0, 1), (0x31...0x31, 100, 1, 1),  // ADDRESS, BALANCE (EIP-2929)
        (0x32...0x34, 2, 0, 1), (0x35...0x35, 3, 1, 1),  // ORIGIN CALLER CALLVALUE, CALLDATALOAD
        (0x36...0x36, 2, 0, 1), (0x37...0x37, 3, 3, 0),  // CALLDATASIZE, CALLDATACOPY
        (0x38...0x38, 2, 0, 1), (0x39...0x39, 3, 3, 0),  // CODESIZE, CODECOPY
        (0x3a...0x3a, 2, 0, 1), (0x3b...0x3b, 100, 1, 1),  // GASPRICE, EXTCODESIZE
        (0x3c...0x3c, 100, 4, 0), (0x3d...0x3d, 2, 0, 1),  // EXTCODECOPY, RETURNDATASIZE
        (0x3e...0x3e, 3, 3, 0), (0x3f...0x3f, 100, 1, 1),  // RETURNDATACOPY, EXTCODEHASH
        (0x40...0x40, 20, 1, 1), (0x41...0x46, 2, 0, 1),  // BLOCKHASH, COINBASE … CHAINID
        (0x47...0x47, 5, 0, 1), (0x48...0x48, 2, 0, 1),  // SELFBALANCE (EIP-1884), BASEFEE
        (0x49...0x49, 3, 1, 1), (0x4a...0x4a, 2, 0, 1),  // BLOBHASH, BLOBBASEFEE
        (0x50...0x50, 2, 1, 0), (0x51...0x51, 3, 1, 1), (0x52...0x53, 3, 2, 0),  // POP MLOAD MSTORE MSTORE8
        (0x54...0x54, 100, 1, 1), (0x55...0x55, 0, 2, 0),  // SLOAD (EIP-2929), SSTORE (EIP-2200)
        (0x56...0x56, 8, 1, 0), (0x57...0x57, 10, 2, 0),  // JUMP JUMPI
        (0x58...0x5a, 2, 0, 1), (0x5b...0x5b, 1, 0, 0),  // PC MSIZE GAS, JUMPDEST
        (0x5c...0x5c, 100, 1, 1), (0x5d...0x5d, 100, 2, 0),  // TLOAD TSTORE (EIP-1153)
        (0x5e...0x5e, 3, 3, 0), (0x5f...0x5f, 2, 0, 1),  // MCOPY (EIP-5656), PUSH0 (EIP-3855)
        (0x60...0x7f, 3, 0, 1),  // PUSH1 … PUSH32
        (0xa0...0xa0, 375, 2, 0), (0xa1...0xa1, 750, 3, 0), (0xa2...0xa2, 1_125, 4, 0),  // LOG0 … LOG4
        (0xa3...0xa3, 1_500, 5, 0), (0xa4...0xa4, 1_875, 6, 0),
        (0xf0...0xf0, 32_000, 3, 1), (0xf5...0xf5, 32_000, 4, 1),  // CREATE CREATE2
        (0xf1...0xf2, 0, 7, 1), (0xf4...0xf4, 0, 6, 1), (0xfa...0xfa, 0, 6, 1),  // the four calls
        (0xf3...0xf3, 0, 2, 0), (0xfd...0xfd, 0, 2, 0),  // RETURN REVERT
        (0xff...0xff, 5_000, 1, 0),  // SELFDESTRUCT
    ]
}

/// Costs that depend on what an opcode finds (Yellow Paper, appendix G, and the EIPs named).
enum DynamicGas {
    /// A word copied, and a word hashed.
    static let copiedWord: Int64 = 3
    static let hashedWord: Int64 = 6
    /// A byte of EXP's exponent (EIP-160).
    static let exponentByte: Int64 = 50
    static let logByte: Int64 = 8
    /// EIP-2929
    static let warmAccess: Int64 = 100
    static let coldAccount: Int64 = 2_600
    static let coldSlot: Int64 = 2_100
    /// EIP-2200, with EIP-2929's and EIP-3529's changes
    static let storeSentry: Int64 = 2_300
    static let storeNew: Int64 = 20_000
    static let storeChanged: Int64 = 2_900
    static let storeCleared: Int64 = 4_800
    static let callValue: Int64 = 9_000
    static let callStipend: Int64 = 2_300
    static let newAccount: Int64 = 25_000
    /// A begun word of initcode (EIP-3860).
    static let initCodeWord: Int64 = 2
    static let codeByte: Int64 = 200
}

/// Limits of code and calls.
enum MachineLimits {
    /// Calls within calls (Yellow Paper, section 9.4).
    static let depthMax = 1_024
    /// EIP-170
    static let codeBytesMax = 24_576
    /// EIP-3860
    static let initCodeBytesMax = 49_152
    /// What a call's memory cannot reach: at this size it would have cost 2^45 gas.
    static let memoryBytesMax = 1 << 32
    /// Memory that is kept between messages.
    static let memoryBytesKept = 16 << 20
}
