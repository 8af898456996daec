import EVM
import Primitives

extension JSONWriter {
    /// The tree of calls as geth's callTracer shows it.
    ///
    /// - Parameters:
    ///   - gas: The limit of the transaction, of which the outermost call was given what the start left.
    ///   - gasUsed: By the transaction.
    mutating func outermostCall(_ call: CallTracer.Call, gas: Gas, gasUsed: Gas) throws(RPCError) {
        try self.call(call, gas: gas, gasUsed: gasUsed)
    }

    /// Calls nest at most as deep as the machine lets them: 1,024.
    private mutating func call(_ call: CallTracer.Call, gas: Gas, gasUsed: Gas) throws(RPCError) {
        beginObject()
        name("from")
        hex(call.from)
        name("gas")
        quantity(gas)
        name("gasUsed")
        quantity(gasUsed)
        // Where a creation failed there is nothing at the address.
        if !call.isCreation || call.status == .success {
            name("to")
            hex(call.to)
        }
        name("input")
        hex(call.input)
        outcome(of: call)
        if !call.calls.isEmpty {
            name("calls")
            beginArray()
            for inner in call.calls {
                try self.call(inner, gas: inner.gas, gasUsed: inner.gasUsed)
                try checkSize()
            }
            endArray()
        }
        if !call.logs.isEmpty {
            name("logs")
            beginArray()
            for log in call.logs { self.log(log) }
            endArray()
        }
        if call.kind != .staticCall {
            name("value")
            quantity(call.value)
        }
        name("type")
        string(call.kind.rawValue)
        endObject()
    }

    private mutating func outcome(of call: CallTracer.Call) {
        var showsOutput = !call.output.isEmpty
        switch call.status {
        case .success: break
        case .reverted:
            name("error")
            string("execution reverted")
            if let reason = call.revertReason {
                name("revertReason")
                string(reason.description)
            }
        case .halted(let halt):
            showsOutput = false
            name("error")
            string(halt.gethMessage(call.haltPoint))
        }
        if showsOutput {
            name("output")
            hex(call.output)
        }
    }

    private mutating func log(_ log: CallTracer.Log) {
        beginObject()
        name("address")
        hex(log.record.address)
        name("topics")
        beginArray()
        for topic in log.record.topics { hex(topic) }
        endArray()
        name("data")
        hex(log.record.data)
        name("position")
        quantity(log.position)
        endObject()
    }
}
