import Chain
import EVM
import Primitives
import Validation

extension TraceStage {
    /// Runs `message` and writes what the watcher of `options` has to say of it.
    mutating func trace(
        _ message: TracedMessage, _ options: TraceOptions, _ limits: RPCLimits, to writer: inout JSONWriter
    ) throws(RPCError) {
        switch options.watcher {
        case .opcodes(let wanted): try writeOpcodes(message, wanted, options.timeout, limits, to: &writer)
        case .calls(let wanted):
            let base = CallTracer(
                wanted, limits: .init(callsMax: limits.traceCallsMax, bytesMax: limits.traceBytesMax))
            var tracer = TimedTracer(base, for: options.timeout)
            let run = try run(message, &tracer)
            if tracer.base.isTruncated { throw .tooManyCalls(limits) }
            guard let outermost = tracer.base.outermost else { throw .internalError("the trace has no call") }
            try writer.outermostCall(outermost, gas: message.transaction.gasLimit, gasUsed: run.outcome.gasUsed)
        case .prestate(let wanted):
            let base = PrestateTracer(
                natives: message.context.natives, fork: message.context.block.fork,
                limits: .init(accountsMax: limits.traceAccountsMax, slotsMax: limits.traceSlotsMax))
            var tracer = TimedTracer(base, for: options.timeout)
            let run = try run(message, &tracer)
            if tracer.base.isTruncated { throw .tooMuchTouched(limits) }
            let touched = try touched(by: message, run, tracer.base)
            try writer.prestate(touched, wanted)
        case .selectors:
            let base = SelectorTracer(
                fork: message.context.block.fork, selectorsMax: limits.traceSelectorsMax)
            var tracer = TimedTracer(base, for: options.timeout)
            _ = try run(message, &tracer)
            if tracer.base.isTruncated { throw .tooManySelectors(limits) }
            writer.selectors(tracer.base)
        case .nobody:
            var tracer = TimedTracer(SelectorTracer(selectorsMax: 0), for: options.timeout)
            _ = try run(message, &tracer)
            writer.beginObject()
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
