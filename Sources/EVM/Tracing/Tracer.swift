public import Primitives

/// Watches execution. With none the loop is compiled without any of its calls.
public protocol Tracer {
    /// A call or a creation begins, the outermost one included.
    mutating func begin(_ call: TracedCall)
    /// An opcode is about to run, or to fail for want of gas or stack.
    mutating func step(_ step: borrowing TracedStep)
    /// The innermost call or creation that is open has ended.
    mutating func end(_ result: TracedResult)
}

/// A call or a creation as it begins.
public struct TracedCall: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, BitwiseCopyable {
        case call = "CALL"
        case callCode = "CALLCODE"
        case delegateCall = "DELEGATECALL"
        case staticCall = "STATICCALL"
        case create = "CREATE"
        case create2 = "CREATE2"
        case selfDestruct = "SELFDESTRUCT"
    }

    public var kind: Kind
    /// 0 for the outermost.
    public var depth: Int
    public var caller: Address
    /// Whose code runs; the new contract of a creation; who inherits with SELFDESTRUCT.
    public var target: Address
    public var value: UInt256
    public var input: Bytes
    public var gas: Gas
    /// What is left with the caller meanwhile; 0 with the outermost.
    public var callerGas: Gas
}

/// How a call or a creation ended.
public struct TracedResult: Hashable, Sendable {
    public var depth: Int
    public var status: Outcome.Status
    public var gasUsed: Gas
    /// What it returned or reverted with; the code of a creation.
    public var output: Bytes
}

/// The machine right before an opcode. It is valid during the call that it is given to.
@safe
public struct TracedStep: ~Copyable {
    public let opcode: UInt8
    /// The opcode's position in the code.
    public let position: Int
    public let gas: Gas
    public let depth: Int
    /// Whose storage is in use.
    public let address: Address
    public let refund: Int64
    private let stack: UnsafeBufferPointer<UInt256>
    private let memoryBytes: UnsafeRawBufferPointer
    private let returned: UnsafeRawBufferPointer

    init(
        opcode: UInt8, position: Int, gas: Gas, depth: Int, address: Address, refund: Int64,
        stack: UnsafeBufferPointer<UInt256>, memory: UnsafeRawBufferPointer, returned: UnsafeRawBufferPointer
    ) {
        self.opcode = opcode
        self.position = position
        self.gas = gas
        self.depth = depth
        self.address = address
        self.refund = refund
        unsafe self.stack = stack
        unsafe memoryBytes = memory
        unsafe self.returned = returned
    }

    public var stackCount: Int { unsafe stack.count }

    /// The word `position` places below the top, which is at 0; nil below the bottom.
    public func stackWord(_ position: Int) -> UInt256? {
        guard position >= 0, position < stackCount else { return nil }
        return unsafe stack[stackCount - 1 - position]
    }

    /// From the bottom to the top.
    public var stackWords: [UInt256] { unsafe Array(stack) }

    /// In bytes, a multiple of 32.
    public var memoryCount: Int { unsafe memoryBytes.count }

    /// A copy of the call's memory.
    public var memory: Bytes { unsafe Bytes(memoryBytes) }

    /// A copy of `count` bytes of it from `offset` on. Beyond its end there are zeros, as the opcode would find them.
    public func memory(_ offset: Int, _ count: Int) -> Bytes {
        let start = min(max(offset, 0), memoryCount)
        let present = unsafe Bytes(memoryBytes[start..<min(start + max(count, 0), memoryCount)])
        return present + Bytes(repeating: 0, count: max(count, 0) - present.count)
    }

    /// In bytes.
    public var returnDataCount: Int { unsafe returned.count }

    /// What the last call of this one returned (EIP-211).
    public var returnData: Bytes { unsafe Bytes(returned) }
}

/// Watches nothing. The loop is compiled for it apart, without any of its calls.
struct NoTracer: Tracer {
    @inline(__always) mutating func begin(_ call: TracedCall) {}
    @inline(__always) mutating func step(_ step: borrowing TracedStep) {}
    @inline(__always) mutating func end(_ result: TracedResult) {}
}
