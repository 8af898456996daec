public import Primitives

/// Writes down who called whom, with what, and what came of it: the tree that clients know as `callTracer`.
public struct CallTracer: Tracer, Sendable {
    public struct Options: Hashable, Sendable {
        /// Keep the logs of calls that succeeded.
        public var logs: Bool
        /// Only the outermost call.
        public var onlyOutermost: Bool

        public init(logs: Bool = false, onlyOutermost: Bool = false) {
            self.logs = logs
            self.onlyOutermost = onlyOutermost
        }
    }

    /// How large the tree may get. What comes after is missing, and `isTruncated` says so.
    public struct Limits: Hashable, Sendable {
        public var callsMax: Int
        /// Of inputs, outputs and logs together.
        public var bytesMax: Int

        public init(callsMax: Int = 100_000, bytesMax: Int = 64 << 20) {
            self.callsMax = callsMax
            self.bytesMax = bytesMax
        }
    }

    /// A log, and how many inner calls stood before it in the same call.
    public struct Log: Hashable, Sendable {
        public let record: LogRecord
        public let position: Int
    }

    /// One call or creation with all that it led to.
    public struct Call: Hashable, Sendable {
        public let kind: TracedCall.Kind
        /// The contract that called, or the account.
        public let from: Address
        /// Whose code ran; the new contract; the heir.
        public let to: Address
        public let value: UInt256
        public let gas: Gas
        public internal(set) var gasUsed: Gas = 0
        public let input: Bytes
        /// What it returned or reverted with; the code of a creation.
        public internal(set) var output: Bytes = []
        public internal(set) var status: Outcome.Status = .success
        /// What it halted on, where it halted within its code.
        public internal(set) var haltPoint: HaltPoint?
        public internal(set) var calls: [Call] = []
        public internal(set) var logs: [Log] = []

        public var isCreation: Bool { kind == .create || kind == .create2 }
        public var revertReason: RevertReason? { status == .reverted ? RevertReason(output) : nil }
    }

    /// The outermost call, once it has ended.
    public private(set) var outermost: Call?
    /// A limit was reached, so that later calls or logs are missing.
    public private(set) var isTruncated = false

    private let options: Options
    private let limits: Limits
    private var calls = 0
    private var bytes = 0
    private var open: [OpenCall] = []
    /// Calls that are open but not kept, all within the last one of `open`.
    private var skipped = 0

    private struct OpenCall {
        var call: Call
        /// Whose storage it uses: whom the next call comes from.
        let address: Address
        /// A log that is about to be left, if the gas suffices.
        var pendingLog: LogRecord?
        /// The last opcode that ran or failed to.
        var last: HaltPoint?
    }

    public init(_ options: Options = Options(), limits: Limits = Limits()) {
        self.options = options
        self.limits = limits
    }

    public mutating func begin(_ call: TracedCall) {
        settleLog()
        guard skipped == 0, !(options.onlyOutermost && !open.isEmpty) else {
            skipped += 1
            return
        }
        guard !isTruncated, calls < limits.callsMax, take(call.input.count) else {
            isTruncated = true
            skipped += 1
            return
        }
        calls += 1
        let parent = open.last?.address
        let runsInParent = call.kind == .delegateCall || call.kind == .callCode
        open.append(
            OpenCall(
                call: Call(
                    kind: call.kind, from: parent ?? call.caller, to: call.target, value: call.value, gas: call.gas,
                    input: call.input),
                address: runsInParent ? parent ?? call.target : call.target))
    }

    public mutating func step(_ step: borrowing TracedStep) {
        guard skipped == 0, let place = open.indices.last else { return }
        open[place].last = HaltPoint(step, isCreation: open[place].call.isCreation)
        guard options.logs else { return }
        settleLog()
        guard Self.logs.contains(step.opcode), let record = Self.log(step) else { return }
        open[place].pendingLog = record
    }

    public mutating func end(_ result: TracedResult) {
        guard skipped == 0 else {
            skipped -= 1
            return
        }
        // A log is never the last opcode of a call that succeeds.
        guard let closed = open.popLast() else { return }
        var ended = closed.call
        ended.gasUsed = result.gasUsed
        ended.status = result.status
        if case .halted = result.status { ended.haltPoint = closed.last }
        if take(result.output.count) { ended.output = result.output } else { isTruncated = true }
        if open.isEmpty {
            if options.logs { ended.dropLogs(within: false) }
            outermost = ended
        } else {
            open[open.count - 1].call.calls.append(ended)
        }
    }

    private mutating func take(_ size: Int) -> Bool {
        guard size <= limits.bytesMax - bytes else { return false }
        bytes += size
        return true
    }

    /// The opcode after a log is about to run: there was gas for the log.
    private mutating func settleLog() {
        guard skipped == 0, let last = open.indices.last, let record = open[last].pendingLog else { return }
        open[last].pendingLog = nil
        guard take(record.data.count + 32 * record.topics.count) else {
            isTruncated = true
            return
        }
        open[last].call.logs.append(Log(record: record, position: open[last].call.calls.count))
    }

    private static let logs = Instruction.log0.rawValue...Instruction.log4.rawValue

    /// What a LOG would leave; nil where it has not even the gas for its data.
    private static func log(_ step: borrowing TracedStep) -> LogRecord? {
        let topicCount = Int(step.opcode - logs.lowerBound)
        guard let offset = step.stackWord(0), let size = step.stackWord(1)?.asInt else { return nil }
        guard size <= step.gas / Gas(DynamicGas.logByte), step.stackCount >= 2 + topicCount else { return nil }
        let topics = (0..<topicCount).compactMap { step.stackWord(2 + $0)?.hash }
        return LogRecord(address: step.address, topics: topics, data: step.memory(offset.asInt ?? 0, size))
    }
}

extension CallTracer.Call {
    /// A call that failed leaves no log, nor does what it called.
    ///
    /// - Parameter failure: Whether a call around it has failed.
    fileprivate mutating func dropLogs(within failure: Bool) {
        let fails = failure || status != .success
        if fails { logs = [] }
        for index in calls.indices { calls[index].dropLogs(within: fails) }
    }
}
