import Chain
import EVM
import Primitives
import Validation

/// Writes calls one behind the other, each with its place in the tree, as geth's flatCallTracer and Parity do.
struct FlatCallTrace {
    let message: TracedMessage
    let options: TraceOptions.FlatCallOptions
    /// Where the call stands: its index among those of its caller, from the outermost call on.
    private var place: [Int] = []

    init(_ message: TracedMessage, _ options: TraceOptions.FlatCallOptions) {
        (self.message, self.options) = (message, options)
    }

    /// - Parameter gasUsed: By the transaction.
    mutating func write(
        _ outermost: CallTracer.Call, gasUsed: Gas, to writer: inout JSONWriter
    ) throws(RPCError) {
        writer.beginArray()
        try write(outermost, gas: message.transaction.gasLimit, gasUsed, to: &writer)
        writer.endArray()
    }

    /// Calls nest at most as deep as the machine lets them: 1,024.
    private mutating func write(
        _ call: CallTracer.Call, gas: Gas, _ gasUsed: Gas, to writer: inout JSONWriter
    ) throws(RPCError) {
        let inner = call.calls.filter(isShown)
        writer.beginObject()
        writer.name("action")
        action(of: call, gas: gas, to: &writer)
        origin(to: &writer)
        outcome(of: call, gasUsed, to: &writer)
        writer.name("subtraces")
        writer.number(inner.count)
        writer.name("traceAddress")
        writer.beginArray()
        for index in place { writer.number(index) }
        writer.endArray()
        writer.name("type")
        writer.string(call.isCreation ? "create" : call.kind == .selfDestruct ? "suicide" : "call")
        writer.endObject()
        try writer.checkSize()
        for (index, call) in inner.enumerated() {
            place.append(index)
            try write(call, gas: call.gas, call.gasUsed, to: &writer)
            place.removeLast()
        }
    }

    /// Parity leaves out calls of precompiled contracts, but for those that run on behalf of their caller.
    private func isShown(_ call: CallTracer.Call) -> Bool {
        guard !options.showsPrecompiles, call.kind == .call || call.kind == .staticCall else { return true }
        return !Precompiles.contains(call.to, of: message.context.block.fork)
    }

    private func action(of call: CallTracer.Call, gas: Gas, to writer: inout JSONWriter) {
        writer.beginObject()
        defer { writer.endObject() }
        guard call.kind != .selfDestruct else {
            writer.name("address")
            writer.hex(call.from)
            writer.name("balance")
            writer.quantity(call.value)
            writer.name("refundAddress")
            return writer.hex(call.to)
        }
        if !call.isCreation {
            writer.name("callType")
            writer.string(call.kind.rawValue.lowercased())
        }
        writer.name("from")
        writer.hex(call.from)
        writer.name("gas")
        writer.quantity(gas)
        writer.name(call.isCreation ? "init" : "input")
        writer.hex(call.input)
        if !call.isCreation {
            writer.name("to")
            writer.hex(call.to)
        }
        writer.name("value")
        writer.quantity(call.value)
    }

    /// Where the transaction stands; nothing is known of one that nobody sent.
    private func origin(to writer: inout JSONWriter) {
        writer.name("blockHash")
        if let hash = message.blockHash { writer.hex(hash) } else { writer.null() }
        writer.name("blockNumber")
        writer.number(message.context.block.number)
        writer.name("transactionHash")
        if message.blockHash != nil { writer.hex(message.transaction.hash) } else { writer.null() }
        writer.name("transactionPosition")
        writer.number(message.context.index)
    }

    private func outcome(of call: CallTracer.Call, _ gasUsed: Gas, to writer: inout JSONWriter) {
        switch call.status {
        case .success: break
        case .reverted:
            writer.name("error")
            writer.string(options.convertsErrors ? "Reverted" : "execution reverted")
        case .halted(let halt):
            writer.name("error")
            let text = halt.gethMessage(call.haltPoint)
            writer.string(options.convertsErrors ? halt.parityMessage ?? text : text)
            return
        }
        guard call.kind != .selfDestruct else { return }
        writer.name("result")
        writer.beginObject()
        if call.isCreation, call.status == .success {
            writer.name("address")
            writer.hex(call.to)
        }
        if call.isCreation {
            writer.name("code")
            writer.hex(call.output)
        }
        writer.name("gasUsed")
        writer.quantity(gasUsed)
        if !call.isCreation {
            writer.name("output")
            writer.hex(call.output)
        }
        writer.endObject()
    }
}

extension Halt {
    /// What Parity calls it; nil where geth's own words stand there too.
    fileprivate var parityMessage: String? {
        switch self {
        case .outOfGas, .codeTooLarge: "Out of gas"
        case .stackUnderflow: "Stack underflow"
        case .stackOverflow: "Out of stack"
        case .undefinedOpcode: "Bad instruction"
        case .invalidJump: "Bad jump destination"
        case .returnDataOutOfBounds: "Out of bounds"
        case .precompileFailure: "Built-in failed"
        case .staticViolation, .callDepth, .insufficientBalance, .addressCollision, .initCodeTooLarge,
            .codeStartsWithEF, .nonceOverflow:
            nil
        }
    }
}
