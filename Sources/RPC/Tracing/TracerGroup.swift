import Chain
import EVM
import Primitives
import Validation

/// The tracers that one run goes past: one of them, or what muxTracer brings together.
struct TracerGroup: Tracer {
    private(set) var calls: CallTracer?
    private(set) var flatCalls: CallTracer?
    private(set) var prestate: PrestateTracer?
    private(set) var selectors: SelectorTracer?

    init(_ watchers: [TraceOptions.Watcher], of message: TracedMessage, _ limits: RPCLimits) {
        let fork = message.context.block.fork
        let callLimits = CallTracer.Limits(callsMax: limits.traceCallsMax, bytesMax: limits.traceBytesMax)
        for watcher in watchers {
            switch watcher {
            case .calls(let options): calls = CallTracer(options, limits: callLimits)
            case .flatCalls: flatCalls = CallTracer(limits: callLimits)
            case .prestate:
                prestate = PrestateTracer(
                    natives: message.context.natives, fork: fork,
                    limits: .init(accountsMax: limits.traceAccountsMax, slotsMax: limits.traceSlotsMax))
            case .selectors: selectors = SelectorTracer(fork: fork, selectorsMax: limits.traceSelectorsMax)
            case .opcodes, .nobody, .together: break
            }
        }
    }

    mutating func begin(_ call: TracedCall) {
        calls?.begin(call)
        flatCalls?.begin(call)
        prestate?.begin(call)
        selectors?.begin(call)
    }

    mutating func step(_ step: borrowing TracedStep) {
        calls?.step(step)
        flatCalls?.step(step)
        prestate?.step(step)
        selectors?.step(step)
    }

    mutating func end(_ result: TracedResult) {
        calls?.end(result)
        flatCalls?.end(result)
        prestate?.end(result)
        selectors?.end(result)
    }
}
