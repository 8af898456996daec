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
        case .opcodes(let wanted):
            let logger = StructLogger(
                wanted, limits: .init(entriesMax: limits.traceStepsMax, bytesMax: limits.traceBytesMax),
                fork: message.context.block.fork)
            var tracer = TimedTracer(logger, for: options.timeout)
            let run = try run(message, &tracer)
            guard !tracer.base.isTruncated else { throw .responseTooLarge }
            try writer.structLog(tracer.base, of: run)
        case .calls(let wanted):
            let base = CallTracer(
                wanted, limits: .init(callsMax: limits.traceCallsMax, bytesMax: limits.traceBytesMax))
            var tracer = TimedTracer(base, for: options.timeout)
            let run = try run(message, &tracer)
            guard !tracer.base.isTruncated else { throw .responseTooLarge }
            guard let outermost = tracer.base.outermost else { throw .internalError("the trace has no call") }
            try writer.outermostCall(outermost, gas: message.transaction.gasLimit, gasUsed: run.outcome.gasUsed)
        case .prestate(let wanted):
            let base = PrestateTracer(
                natives: message.context.natives, fork: message.context.block.fork,
                limits: .init(accountsMax: limits.traceAccountsMax, slotsMax: limits.traceSlotsMax))
            var tracer = TimedTracer(base, for: options.timeout)
            let run = try run(message, &tracer)
            guard !tracer.base.isTruncated else { throw .responseTooLarge }
            let touched = try touched(by: message, run, tracer.base)
            try writer.prestate(touched, wanted)
        case .selectors:
            let base = SelectorTracer(
                fork: message.context.block.fork, selectorsMax: limits.traceSelectorsMax)
            var tracer = TimedTracer(base, for: options.timeout)
            _ = try run(message, &tracer)
            guard !tracer.base.isTruncated else { throw .responseTooLarge }
            writer.selectors(tracer.base)
        case .nobody:
            var tracer = TimedTracer(SelectorTracer(selectorsMax: 0), for: options.timeout)
            _ = try run(message, &tracer)
            writer.beginObject()
            writer.endObject()
        }
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

    // MARK: Opcodes

    /// Every opcode, as geth shows it by default.
    fileprivate mutating func structLog(_ logger: StructLogger, of run: TracedRun) throws(RPCError) {
        beginObject()
        name("gas")
        number(Int(clamping: run.outcome.gasUsed))
        name("failed")
        bool(!run.outcome.succeeded)
        name("returnValue")
        // What code that halted had returned before is nobody's.
        if case .halted = run.outcome.status { hex([]) } else { hex(run.output) }
        name("structLogs")
        beginArray()
        for entry in logger.entries {
            structLogEntry(entry)
            try checkSize()
        }
        endArray()
        endObject()
    }

    private mutating func structLogEntry(_ entry: StructLogger.Entry) {
        beginObject()
        name("pc")
        number(entry.position)
        name("op")
        string(entry.shownMnemonic)
        name("gas")
        number(Int(clamping: entry.gas))
        name("gasCost")
        number(Int(clamping: entry.gasCost))
        name("depth")
        number(entry.depth + 1)
        if let error = entry.error {
            name("error")
            string(error.gethMessage(entry.haltPoint))
        }
        if let stack = entry.stack {
            name("stack")
            beginArray()
            for word in stack { quantity(word) }
            endArray()
        }
        if let memory = entry.memory, !memory.isEmpty {
            name("memory")
            beginArray()
            for start in stride(from: 0, to: memory.count, by: 32) { hex(Bytes(memory[start..<start + 32])) }
            endArray()
        }
        if let storage = entry.storage, !storage.isEmpty {
            name("storage")
            beginObject()
            for slot in storage {
                name(hex: slot.slot.hash)
                hex(slot.word.hash)
            }
            endObject()
        }
        if let returnData = entry.returnData, !returnData.isEmpty {
            name("returnData")
            hex(returnData)
        }
        if entry.refund > 0 {
            name("refund")
            number(Int(entry.refund))
        }
        endObject()
    }
}

extension StructLogger.Entry {
    /// geth keeps the name that 0x44 had before the merge.
    fileprivate var shownMnemonic: String { opcode == 0x44 ? "DIFFICULTY" : mnemonic }
}
