public import Primitives

/// Writes down every opcode as it runs: what `debug_traceTransaction` shows by default.
public struct StructLogger: Tracer, Sendable {
    /// What of the machine to keep with each opcode.
    public struct Options: Hashable, Sendable {
        public var stack: Bool
        public var memory: Bool
        public var storage: Bool
        public var returnData: Bool
        /// After how many opcodes to stop writing; zero is never.
        public var entriesWanted: Int

        public init(
            stack: Bool = true, memory: Bool = false, storage: Bool = true, returnData: Bool = false,
            entriesWanted: Int = 0
        ) {
            self.stack = stack
            self.memory = memory
            self.storage = storage
            self.returnData = returnData
            self.entriesWanted = entriesWanted
        }
    }

    /// How long the log may get, whatever is wanted. What comes after is missing, and `isTruncated` says so.
    public struct Limits: Hashable, Sendable {
        public var entriesMax: Int
        /// Of stacks, memories, storage and return data together.
        public var bytesMax: Int

        public init(entriesMax: Int = 200_000, bytesMax: Int = 256 << 20) {
            self.entriesMax = entriesMax
            self.bytesMax = bytesMax
        }
    }

    /// A slot of the contract that runs, and the word in it.
    public struct Slot: Hashable, Sendable {
        public let slot: UInt256
        public var word: UInt256
    }

    /// The machine right before an opcode, and what the opcode then cost.
    public struct Entry: Hashable, Sendable {
        /// The opcode's position in the code.
        public let position: Int
        public let opcode: UInt8
        public let gas: Gas
        /// What it cost with all that it handed to a call. Of one that failed only the part that never varies is known.
        public internal(set) var gasCost: Gas
        /// 0 for the outermost call.
        public let depth: Int
        /// From the bottom to the top.
        public let stack: [UInt256]?
        public let memory: Bytes?
        /// With SLOAD and SSTORE: all slots of this contract that either has named so far, in ascending order, this
        /// one's effect included.
        public internal(set) var storage: [Slot]?
        /// What the last call of this one returned.
        public let returnData: Bytes?
        public let refund: Int64
        /// Words on the stack, kept or not.
        public let stackCount: Int
        /// Why the opcode could not begin: for want of gas or stack, or of the right to write. Those that failed while
        /// they ran, as INVALID does, show nothing here, as with other clients.
        public internal(set) var error: Halt?

        public var mnemonic: String { Opcode.mnemonic(opcode) ?? Opcode.undefined(opcode) }
        public var haltPoint: HaltPoint { HaltPoint(opcode: opcode, stackCount: stackCount, gas: gas) }
    }

    /// The opcodes whose cost is known, but for those that were taken.
    public private(set) var entries: [Entry] = []
    /// The last one, whose cost the next event tells.
    private var pending: Entry?
    /// A limit was reached, so that later opcodes are missing.
    public private(set) var isTruncated = false
    /// How the outermost call ended.
    public private(set) var result: TracedResult?

    private let options: Options
    private let limits: Limits
    private let fork: Fork
    /// Written down, those included that were taken.
    private var entryCount = 0
    /// Of those that are still here.
    private var bytes = 0
    private var open: [OpenCall] = []
    private var effect = Effect()
    /// Slots named so far by contract.
    private var touched: [Address: [Slot]] = [:]

    /// A call that has not ended.
    private struct OpenCall {
        let kind: TracedCall.Kind
        let gas: Gas

        var isCreation: Bool { kind == .create || kind == .create2 }
    }

    /// What `pending` does, as far as it shows.
    private struct Effect {
        /// The slot that it loads or stores. The word that is loaded is on the stack afterwards.
        var access: (contract: Address, slot: UInt256, stored: UInt256?)?
        /// It is the RETURN of a creation, has the gas to run, and costs this.
        var depositCost: Gas?
    }

    /// - Parameter fork: Whose prices the opcodes that failed are shown with.
    public init(_ options: Options = Options(), limits: Limits = Limits(), fork: Fork = .osaka) {
        self.options = options
        self.limits = limits
        self.fork = fork
    }

    /// What has been written down and not been taken; it is kept no longer, and counts for `bytesMax` no more.
    public mutating func takeEntries() -> [Entry] {
        defer { (entries, bytes) = ([], 0) }
        return entries
    }

    public mutating func begin(_ call: TracedCall) {
        if let entry = pending {
            // A call's price contains all it was given, a creation's nothing of it: so other clients show them.
            let isCreation = call.kind == .create || call.kind == .create2
            let spent = Int64(entry.gas) - Int64(call.callerGas) - (isCreation ? Int64(call.gas) : 0)
            settle(entry, cost: Gas(max(0, spent)))
        }
        open.append(OpenCall(kind: call.kind, gas: call.gas))
    }

    public mutating func step(_ step: borrowing TracedStep) {
        guard let call = open.last else { return }
        settlePending(gas: step.gas, top: step.stackWord(0))
        guard !isTruncated, options.entriesWanted == 0 || entryCount < options.entriesWanted else { return }
        let size =
            (options.stack ? 32 * step.stackCount : 0) + (options.memory ? step.memoryCount : 0)
            + (options.returnData ? step.returnDataCount : 0)
        guard entryCount < limits.entriesMax, take(size) else {
            isTruncated = true
            return
        }
        let point = HaltPoint(step, isCreation: call.isCreation)
        effect = Effect(
            access: options.storage ? Self.access(step) : nil,
            depositCost: point.isDeposit ? step.rangeCost(0, 1) : nil)
        entryCount += 1
        pending = Entry(
            position: step.position, opcode: step.opcode, gas: step.gas, gasCost: 0, depth: step.depth,
            stack: options.stack ? step.stackWords : nil, memory: options.memory ? step.memory : nil,
            storage: nil, returnData: options.returnData ? step.returnData : nil, refund: step.refund,
            stackCount: step.stackCount, error: nil)
    }

    private mutating func take(_ size: Int) -> Bool {
        guard size <= limits.bytesMax - bytes else { return false }
        bytes += size
        return true
    }

    private static func access(
        _ step: borrowing TracedStep
    ) -> (contract: Address, slot: UInt256, stored: UInt256?)? {
        guard let slot = step.stackWord(0) else { return nil }
        switch step.opcode {
        case Instruction.sload.rawValue: return (step.address, slot, nil)
        case Instruction.sstore.rawValue: return step.stackWord(1).map { (step.address, slot, $0) }
        default: return nil
        }
    }

    public mutating func end(_ result: TracedResult) {
        guard let call = open.popLast() else { return }
        if let entry = pending { settleEnd(entry, call, result) }
        if open.isEmpty { self.result = result }
    }

    private mutating func settle(_ entry: Entry, cost: Gas) {
        pending = nil
        entries.append(entry)
        entries[entries.count - 1].gasCost = cost
    }

    /// The opcode before the one that is about to run in the same call succeeded: now its cost is known, and what it
    /// loaded.
    private mutating func settlePending(gas: Gas, top: UInt256?) {
        guard var entry = pending else { return }
        if let access = effect.access, let word = access.stored ?? top {
            entry.storage = shown(Slot(slot: access.slot, word: word), of: access.contract)
        }
        settle(entry, cost: entry.gas - min(gas, entry.gas))
    }

    /// All slots of a contract that were named, this one among them; nil where there is no room for them.
    private mutating func shown(_ slot: Slot, of contract: Address) -> [Slot]? {
        note(slot, of: contract)
        let slots = touched[contract, default: []]
        guard take(64 * slots.count) else {
            isTruncated = true
            return nil
        }
        return slots
    }

    /// Keeps the slots of a contract in order.
    private mutating func note(_ slot: Slot, of contract: Address) {
        var slots = touched.removeValue(forKey: contract) ?? []
        var (low, high) = (0, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].slot < slot.slot { low = middle + 1 } else { high = middle }
        }
        if low < slots.count, slots[low].slot == slot.slot {
            slots[low] = slot
        } else {
            slots.insert(slot, at: low)
        }
        touched[contract] = slots
    }

    /// The last opcode of a call that has ended.
    private mutating func settleEnd(_ entry: Entry, _ call: OpenCall, _ result: TracedResult) {
        var entry = entry
        if case .halted(let halt) = result.status {
            if let cost = effect.depositCost { return settle(entry, cost: cost) }
            if Self.preventsStart(halt, entry.opcode) { entry.error = halt }
            // What SSTORE was to write is shown even if it could not.
            if let access = effect.access, let word = access.stored {
                entry.storage = shown(Slot(slot: access.slot, word: word), of: access.contract)
            }
            return settle(entry, cost: unsafe Gas(OpcodeRules.of(fork).rules[Int(entry.opcode)].gas))
        }
        var used = result.gasUsed
        if call.isCreation, result.status == .success { used -= Gas(DynamicGas.codeByte) * Gas(result.output.count) }
        // What was left right before it, less what is left now.
        let left = call.gas - used
        settle(entry, cost: entry.gas - min(left, entry.gas))
    }

    /// Whether an opcode that halts so has not run.
    private static func preventsStart(_ halt: Halt, _ opcode: UInt8) -> Bool {
        switch halt {
        case .outOfGas, .stackUnderflow, .stackOverflow, .initCodeTooLarge: true
        case .staticViolation:
            [Instruction.sstore.rawValue, Instruction.call.rawValue, Instruction.selfdestruct.rawValue]
                .contains(opcode)
        default: false
        }
    }
}
