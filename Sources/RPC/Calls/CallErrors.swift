import EVM
import Primitives

extension RPCError {
    /// The code of a revert.
    static let revertedCode = 3

    /// Code ran into REVERT: the data is what it said, and the text too where that is one of Solidity's two forms.
    static func reverted(_ output: Bytes) -> RPCError {
        let reason = revertReason(output).map { ": " + $0 } ?? ""
        return RPCError(code: revertedCode, message: "execution reverted" + reason, data: .string(output.hex))
    }

    /// Code ended otherwise than it should; nil where it succeeded.
    ///
    /// - Parameter last: The outermost call's last opcode, where it is known.
    static func failed(_ status: Outcome.Status, output: Bytes, last: LastOpcode? = nil) -> RPCError? {
        switch status {
        case .success: nil
        case .reverted: .reverted(output)
        case .halted(let halt): .server(halt.gethMessage(last?.point))
        }
    }
}

/// What `Error(string)` or `Panic(uint256)` say, as geth words it.
private func revertReason(_ output: Bytes) -> String? { RevertReason(output)?.description }

/// Remembers the last opcode of the outermost call: what it halted on, if it halted.
struct LastOpcode: Tracer {
    private(set) var point: HaltPoint?
    private var isCreation = false

    mutating func begin(_ call: TracedCall) {
        if call.depth == 0 { isCreation = call.kind == .create }
    }

    mutating func step(_ step: borrowing TracedStep) {
        if step.depth == 0 { point = HaltPoint(step, isCreation: isCreation) }
    }

    mutating func end(_ result: TracedResult) {}
}

extension Halt {
    /// Whether geth's text names the opcode or the stack.
    var tellsOpcode: Bool { self == .undefinedOpcode || self == .stackUnderflow }

    /// - Parameter point: What halted, where it is known.
    func gethMessage(_ point: HaltPoint?) -> String {
        switch self {
        case .outOfGas: point.flatMap(gasText) ?? "out of gas"
        case .stackUnderflow:
            "stack underflow" + (point.map { " (\($0.stackCount) <=> \($0.stackCountNeeded))" } ?? "")
        case .stackOverflow: "stack limit reached 1024 (1023)"
        case .undefinedOpcode: "invalid opcode: " + (point.map { opcodeText($0.opcode) } ?? "unknown")
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
    opcode == 0xfe ? "INVALID" : Opcode.undefined(opcode)
}

/// What geth says more of a want of gas; nil where it says no more.
private func gasText(_ point: HaltPoint) -> String? {
    if point.isDeposit { return "contract creation code storage out of gas" }
    // EIP-2200: SSTORE wants more gas than the stipend, whatever it costs.
    let isStore = point.opcode == 0x55 && point.stackCount >= 2
    return isStore && point.gas <= 2_300 ? "out of gas: not enough gas for reentrancy sentry" : nil
}
