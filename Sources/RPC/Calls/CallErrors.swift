import EVM
import Primitives

extension RPCError {
    /// Code ran into REVERT: the data is what it said, and the text too where that is one of Solidity's two forms.
    static func reverted(_ output: Bytes) -> RPCError {
        let reason = revertReason(output).map { ": " + $0 } ?? ""
        return RPCError(code: 3, message: "execution reverted" + reason, data: .string(output.hex))
    }

    /// Code ended otherwise than it should; nil where it succeeded.
    ///
    /// - Parameter last: The outermost call's last opcode, where it is known.
    static func failed(_ status: Outcome.Status, output: Bytes, last: LastOpcode? = nil) -> RPCError? {
        switch status {
        case .success: nil
        case .reverted: .reverted(output)
        case .halted(let halt): .server(halt.gethMessage(last))
        }
    }
}

/// What `Error(string)` or `Panic(uint256)` say, as geth words it.
///
/// The texts of panics are those of Solidity's documentation, "Panic via assert and Error via require".
private func revertReason(_ output: Bytes) -> String? {
    func word(at place: Int) -> UInt256? {
        guard place >= 4, place + 32 <= output.count else { return nil }
        return UInt256(bigEndian: Bytes(output[place..<place + 32]))
    }
    switch Bytes(output.prefix(4)) {
    case [0x08, 0xc3, 0x79, 0xa0]:
        guard let offset = word(at: 4)?.asInt, offset <= output.count, let length = word(at: 4 + offset)?.asInt,
            length <= output.count - 36 - offset
        else { return nil }
        return String(decoding: output[(36 + offset)..<(36 + offset + length)], as: UTF8.self)
    case [0x4e, 0x48, 0x7b, 0x71]:
        guard let code = word(at: 4) else { return nil }
        return code.asUInt64.flatMap { panics[$0] } ?? "unknown panic code: \(code.quantity)"
    default: return nil
    }
}

private let panics: [UInt64: String] = [
    0x00: "generic panic",
    0x01: "assert(false)",
    0x11: "arithmetic underflow or overflow",
    0x12: "division or modulo by zero",
    0x21: "enum overflow",
    0x22: "invalid encoded storage byte array accessed",
    0x31: "out-of-bounds array access; popping on an empty array",
    0x32: "out-of-bounds access of an array or bytesN",
    0x41: "out of memory",
    0x51: "uninitialized function",
]

/// Remembers the last opcode of the outermost call: what it halted on, if it halted.
struct LastOpcode: Tracer {
    private(set) var opcode: UInt8?
    private(set) var stackCount = 0

    mutating func begin(_ call: TracedCall) {}

    mutating func step(_ step: borrowing TracedStep) {
        guard step.depth == 0 else { return }
        (opcode, stackCount) = (step.opcode, step.stackCount)
    }

    mutating func end(_ result: TracedResult) {}

    /// The words that were there, and those that the opcode takes.
    fileprivate var shortage: (found: Int, needed: Int)? {
        opcode.map { (stackCount, stackWordsNeeded($0)) }
    }
}

/// How many words must be on the stack for an opcode (Yellow Paper, appendix H.2, column δ; for DUP and SWAP down to
/// the word that they mean).
private func stackWordsNeeded(_ opcode: UInt8) -> Int {
    switch opcode {
    case 0x15, 0x19, 0x1e, 0x31, 0x35, 0x3b, 0x3f, 0x40, 0x49, 0x50, 0x51, 0x54, 0x56, 0x5c, 0xff: 1
    case 0x01...0x07, 0x0a, 0x0b, 0x10...0x14, 0x16...0x18, 0x1a...0x1d, 0x20, 0x52, 0x53, 0x55, 0x57, 0x5d: 2
    case 0xf3, 0xfd: 2
    case 0x08, 0x09, 0x37, 0x39, 0x3e, 0x5e, 0xf0: 3
    case 0x3c, 0xf5: 4
    case 0xf4, 0xfa: 6
    case 0xf1, 0xf2: 7
    case 0x80...0x8f: Int(opcode) - 0x7f
    case 0x90...0x9f: Int(opcode) - 0x8e
    case 0xa0...0xa4: Int(opcode) - 0xa0 + 2
    default: 0
    }
}

extension Halt {
    /// Whether geth's text names the opcode or the stack.
    var tellsOpcode: Bool { self == .undefinedOpcode || self == .stackUnderflow }

    fileprivate func gethMessage(_ last: LastOpcode?) -> String {
        switch self {
        case .outOfGas: "out of gas"
        case .stackUnderflow: "stack underflow" + (last?.shortage.map { " (\($0.found) <=> \($0.needed))" } ?? "")
        case .stackOverflow: "stack limit reached 1024 (1023)"
        case .undefinedOpcode: "invalid opcode: " + (last?.opcode.map(opcodeText) ?? "unknown")
        case .invalidJump: "invalid jump destination"
        case .staticViolation: "write protection"
        case .returnDataOutOfBounds: "return data out of bounds"
        case .callDepth: "max call depth exceeded"
        case .insufficientBalance: "insufficient balance for transfer"
        case .addressCollision: "contract address collision"
        case .codeTooLarge: "max code size exceeded"
        case .initCodeTooLarge: "max initcode size exceeded"
        case .codeStartsWithEF: "invalid code: must not begin with 0xef"
        case .nonceOverflow: "nonce uint64 overflow"
        case .precompileFailure: "precompiled contract failed"
        }
    }
}

private func opcodeText(_ opcode: UInt8) -> String {
    // EIP-141
    opcode == 0xfe ? "INVALID" : "opcode 0x\(String(opcode, radix: 16)) not defined"
}
