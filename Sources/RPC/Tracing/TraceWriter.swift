import Chain
import EVM
import Primitives
import Validation

extension TraceStage {
    /// Runs `message` and writes what the watcher of `options` has to say of it.
    mutating func trace(
        _ message: TracedMessage, _ options: TraceOptions, _ limits: RPCLimits, to writer: inout JSONWriter
    ) throws(RPCError) {
        if case .opcodes(let wanted) = options.watcher {
            return try writeOpcodes(message, wanted, options.timeout, limits, to: &writer)
        }
        let group = TracerGroup(options.watcher.all, of: message, limits)
        var tracer = TimedTracer(group, for: options.timeout)
        let run = try run(message, &tracer)
        try write(options.watcher, tracer.base, message, run, limits, to: &writer)
    }

    private mutating func write(
        _ watcher: TraceOptions.Watcher, _ group: TracerGroup, _ message: TracedMessage, _ run: TracedRun,
        _ limits: RPCLimits, to writer: inout JSONWriter
    ) throws(RPCError) {
        switch watcher {
        case .calls:
            let outermost = try group.calls.outermostCall(limits)
            try writer.outermostCall(outermost, gas: message.transaction.gasLimit, gasUsed: run.outcome.gasUsed)
        case .flatCalls(let wanted):
            var trace = FlatCallTrace(message, wanted)
            try trace.write(group.flatCalls.outermostCall(limits), gasUsed: run.outcome.gasUsed, to: &writer)
        case .prestate(let wanted):
            guard let tracer = group.prestate, !tracer.isTruncated else { throw .tooMuchTouched(limits) }
            try writer.prestate(touched(by: message, run, tracer), wanted)
        case .selectors:
            guard let tracer = group.selectors, !tracer.isTruncated else { throw .tooManySelectors(limits) }
            writer.selectors(tracer)
        case .opcodes, .nobody:
            writer.beginObject()
            writer.endObject()
        case .together(let tracers):
            writer.beginObject()
            for tracer in tracers {
                writer.name(text: tracer.name)
                try write(tracer.watcher, group, message, run, limits, to: &writer)
                try writer.checkSize()
            }
            writer.endObject()
        }
    }

    /// Every opcode, as geth shows it by default. They come first, since they are written as they run.
    private mutating func writeOpcodes(
        _ message: TracedMessage, _ wanted: StructLogger.Options, _ timeout: Duration, _ limits: RPCLimits,
        to writer: inout JSONWriter
    ) throws(RPCError) {
        writer.beginObject()
        writer.name("structLogs")
        writer.beginArray()
        let traced = try AnswerInTheMaking.lend(&writer) { answer throws(RPCError) in
            let base = StructLogWriter(wanted, limits: limits, fork: message.context.block.fork, to: answer)
            var tracer = TimedTracer(base, for: timeout)
            let run = try self.run(message, &tracer)
            if tracer.base.isTruncated { throw .tooManyOpcodes(limits) }
            return run
        }
        writer.endArray()
        writer.name("gas")
        writer.number(Int(clamping: traced.outcome.gasUsed))
        writer.name("failed")
        writer.bool(!traced.outcome.succeeded)
        writer.name("returnValue")
        // What code that halted had returned before is nobody's.
        if case .halted = traced.outcome.status { writer.hex([]) } else { writer.hex(traced.output) }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func selectors(_ tracer: SelectorTracer) {
        beginObject()
        for (selector, calls) in tracer.selectors {
            let digits = String(selector.function, radix: 16)
            let zeros = String(repeating: "0", count: 8 - digits.count)
            name(text: "0x\(zeros)\(digits)-\(selector.argumentBytes)")
            number(calls)
        }
        endObject()
    }
}

extension CallTracer? {
    /// The call that all others are within.
    fileprivate func outermostCall(_ limits: RPCLimits) throws(RPCError) -> CallTracer.Call {
        if self?.isTruncated == true { throw .tooManyCalls(limits) }
        guard let outermost = self?.outermost else { throw .internalError("the trace has no call") }
        return outermost
    }
}

extension RPCError {
    fileprivate static func tooManyOpcodes(_ limits: RPCLimits) -> RPCError {
        traceTooLarge(
            limits.traceStepsMax, "opcodes, or \(limits.traceBytesMax) bytes with one of them",
            limit: "traceStepsMax, traceBytesMax",
            "ask for fewer with limit, leave out enableMemory, or ask for calls alone with callTracer")
    }

    fileprivate static func tooManyCalls(_ limits: RPCLimits) -> RPCError {
        traceTooLarge(
            limits.traceCallsMax, "calls, or \(limits.traceBytesMax) bytes of their inputs, outputs and logs",
            limit: "traceCallsMax, traceBytesMax", "leave out withLog, or ask for the outermost call with onlyTopCall")
    }

    fileprivate static func tooMuchTouched(_ limits: RPCLimits) -> RPCError {
        traceTooLarge(
            limits.traceAccountsMax, "accounts, or \(limits.traceSlotsMax) slots",
            limit: "traceAccountsMax, traceSlotsMax", "ask for calls alone with callTracer")
    }

    fileprivate static func tooManySelectors(_ limits: RPCLimits) -> RPCError {
        traceTooLarge(
            limits.traceSelectorsMax, "functions", limit: "traceSelectorsMax", "ask for calls alone with callTracer")
    }
}
