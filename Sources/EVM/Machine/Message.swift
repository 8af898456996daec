public import Primitives

/// The outermost call of a transaction, of a system call, or of a question that a client asks.
public struct Message: Hashable, Sendable {
    public var caller: Address
    /// Nil creates a contract out of `input`; its address comes of the caller's nonce *before* the message
    /// (the runner of a transaction has then raised that nonce already, so it says which).
    public var target: Target
    /// Peb that moves from the caller to the target.
    public var value: UInt256
    /// The call's data, or the initcode of a creation.
    public var input: Bytes
    /// What it may spend, intrinsic costs already taken off.
    public var gas: Gas
    /// Forbids every change of state (EIP-214).
    public var isStatic: Bool

    public enum Target: Hashable, Sendable {
        case call(Address)
        /// The new contract's address is that of (caller, nonce).
        case create(nonce: UInt64)
    }

    public init(
        caller: Address, target: Target, value: UInt256 = 0, input: Bytes = [], gas: Gas, isStatic: Bool = false
    ) {
        self.caller = caller
        self.target = target
        self.value = value
        self.input = input
        self.gas = gas
        self.isStatic = isStatic
    }
}

/// How a message ended. What it left in the state is in the journal; what it returned is in `Machine.output`.
public struct Outcome: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case success
        /// REVERT: the state is as before; the rest of the gas and the output are the caller's.
        case reverted
        /// The state is as before and the gas is gone.
        case halted(Halt)
    }

    public let status: Status
    /// Gas not spent; the refund is in the journal.
    public let gasLeft: Gas
    /// The contract that a successful creation made.
    public let created: Address?

    public var succeeded: Bool { status == .success }
}

/// Why execution stopped against the code's will, and took all gas.
public enum Halt: String, Hashable, Sendable, CaseIterable {
    case outOfGas
    case stackUnderflow
    case stackOverflow
    case undefinedOpcode
    case invalidJump
    /// A change of state inside a static call (EIP-214).
    case staticViolation
    /// RETURNDATACOPY beyond the end (EIP-211).
    case returnDataOutOfBounds
    case callDepth
    case insufficientBalance
    /// Two creations at one address (EIP-684, EIP-7610).
    case addressCollision
    /// Code longer than 24,576 bytes (EIP-170).
    case codeTooLarge
    /// Initcode longer than 49,152 bytes (EIP-3860).
    case initCodeTooLarge
    /// New code that starts with 0xef (EIP-3541).
    case codeStartsWithEF
    /// The creator's nonce is at its end (EIP-2681).
    case nonceOverflow
    /// A precompiled contract refused its input.
    case precompileFailure
}
