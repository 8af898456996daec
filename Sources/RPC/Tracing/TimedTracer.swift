import EVM
import Primitives

/// Lets another tracer watch for a while. After that nobody watches, and `check` says so.
///
/// Gas bounds how long a run goes on; this bounds what is written down of it.
struct TimedTracer<Base: Tracer>: Tracer {
    private(set) var base: Base
    private let deadline: ContinuousClock.Instant
    private(set) var isLate = false
    private var stepsToLook = 0

    /// The clock is looked at once for so many opcodes.
    private static var stepsBetweenLooks: Int { 1_024 }

    init(_ base: Base, for timeout: Duration) {
        self.base = base
        deadline = .now + timeout
        isLate = timeout <= .zero
    }

    mutating func begin(_ call: TracedCall) {
        look()
        if !isLate { base.begin(call) }
    }

    mutating func step(_ step: borrowing TracedStep) {
        if stepsToLook == 0 { look() }
        stepsToLook -= 1
        if !isLate { base.step(step) }
    }

    mutating func end(_ result: TracedResult) {
        if !isLate { base.end(result) }
    }

    private mutating func look() {
        stepsToLook = Self.stepsBetweenLooks
        if !isLate { isLate = Task.isCancelled || ContinuousClock.now >= deadline }
    }

    /// - Throws: geth's error for a trace that took too long.
    func check() throws(RPCError) {
        if isLate { throw .traceTimeout }
    }
}

extension RPCError {
    static let traceTimeout = server("execution timeout")
}
