public import Primitives

/// The opcode that a call halted on: what a text about the halt may name.
public struct HaltPoint: Hashable, Sendable {
    public let opcode: UInt8
    /// Words on the stack right before it.
    public let stackCount: Int
    /// Gas right before it.
    public let gas: Gas
    /// The opcode ran: the initcode had come to its end, and what failed was to keep the code that it returned.
    public let isDeposit: Bool

    /// - Parameter isCreation: Whether the call is a creation.
    public init(_ step: borrowing TracedStep, isCreation: Bool) {
        opcode = step.opcode
        stackCount = step.stackCount
        gas = step.gas
        isDeposit =
            isCreation && step.opcode == Instruction.return.rawValue
            && (step.rangeCost(0, 1).map { $0 <= step.gas } ?? false)
    }

    public init(opcode: UInt8, stackCount: Int, gas: Gas) {
        self.opcode = opcode
        self.stackCount = stackCount
        self.gas = gas
        isDeposit = false
    }

    /// How many words must be on the stack for the opcode (Yellow Paper, appendix H.2, column δ; for DUP and SWAP down
    /// to the word that they mean). Zero for an opcode that there is not.
    public var stackCountNeeded: Int {
        guard Opcode.mnemonic(opcode) != nil, opcode != Instruction.invalid.rawValue else { return 0 }
        return unsafe Int(OpcodeRules.of(.osaka).rules[Int(opcode)].needed) / OpcodeRule.wordBytes
    }
}

extension TracedStep {
    /// What it costs to make the memory hold the range whose offset and size are these words of the stack; nil where
    /// the stack does not have them, or no gas could reach there.
    func rangeCost(_ offset: Int, _ size: Int) -> Gas? {
        guard let start = stackWord(offset), let count = stackWord(size), let end = CallStack.end(start, count)
        else { return nil }
        return end <= memoryCount ? 0 : Gas(CallStack.memoryCost(end) - CallStack.memoryCost(memoryCount))
    }
}
