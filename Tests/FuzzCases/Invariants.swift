public import EVM
import Primitives

extension FuzzCase {
    /// How often the costlier invariants are checked: every so many seeds.
    private static let repetition: UInt64 = 16

    /// Runs the case and says what it came to, and which invariants it broke.
    public func check(on machine: Machine) -> (result: CaseResult, faults: [String]) {
        let result = run(on: machine)
        var faults: [String] = []
        for (number, (message, outcome)) in zip(messages, result.messages).enumerated() {
            faults += outcome.faults(of: message).map { "message \(number): \($0)" }
        }
        let lost = result.messages.contains { $0.balanceAfter < $0.balanceBefore }
        if lost || seed % Self.repetition == 0 {
            var watcher = Watcher()
            let watched = run(on: machine, tracer: &watcher)
            if watched != result { faults.append("under a tracer the result is another one") }
            if lost, !watcher.destroyed { faults.append("peb vanished, and nothing destroyed itself") }
            faults += watcher.faults
        }
        if seed % Self.repetition == 1, run(on: Machine()) != result {
            faults.append("on a machine that nothing has run on the result is another one")
        }
        return (result, faults)
    }
}

extension MessageResult {
    var balanceBefore: UInt256 {
        accounts.reduce(0) { $0 &+ ($1.before?.balance ?? 0) }
    }

    var balanceAfter: UInt256 {
        accounts.reduce(0) { $0 &+ ($1.after?.balance ?? 0) }
    }

    func faults(of message: Message) -> [String] {
        var faults: [String] = []
        if outcome.gasLeft > message.gas { faults.append("\(outcome.gasLeft) gas is left of \(message.gas)") }
        if case .halted(let halt) = outcome.status {
            // A message that its caller cannot pay for never began.
            let expected = halt == .insufficientBalance ? message.gas : 0
            if outcome.gasLeft != expected { faults.append("\(halt) leaves \(outcome.gasLeft) gas") }
            if !output.isEmpty { faults.append("a halt has output") }
        }
        if balanceAfter > balanceBefore { faults.append("peb came out of nowhere") }
        if refund < 0 { faults.append("the refund is \(refund)") }
        guard !outcome.succeeded else { return faults }
        if !logs.isEmpty { faults.append("a message that failed left logs") }
        if refund != 0 { faults.append("a message that failed left a refund of \(refund)") }
        if let cell = storage.first(where: { $0.before != $0.after }) {
            faults.append("a message that failed wrote slot \(cell.slot) of \(cell.address)")
        }
        for change in accounts {
            var expected = change.before
            // Raised before the message, by whoever runs the transaction.
            if change.address == FuzzCase.sender { expected?.nonce += 1 }
            if change.after != expected { faults.append("a message that failed changed \(change.address)") }
        }
        return faults
    }
}

/// Watches that calls nest, that gas in a call only falls, and whether anything destroyed itself.
struct Watcher: Tracer {
    private(set) var destroyed = false
    private(set) var faults: [String] = []
    /// Of each open call: the gas before its last opcode.
    private var gas: [Gas] = []

    mutating func begin(_ call: TracedCall) {
        if call.kind == .selfDestruct { destroyed = true }
        if call.depth != gas.count { note("a call of depth \(call.depth) begins within \(gas.count)") }
        gas.append(call.gas)
    }

    mutating func step(_ step: borrowing TracedStep) {
        guard let last = gas.last else { return note("an opcode outside of any call") }
        if step.gas > last { note("gas rose from \(last) to \(step.gas) before \(step.opcode)") }
        if step.stackCount > 1_024 { note("\(step.stackCount) words on the stack") }
        if step.memoryCount % 32 != 0 { note("\(step.memoryCount) bytes of memory") }
        gas[gas.count - 1] = step.gas
    }

    mutating func end(_ result: TracedResult) {
        guard gas.popLast() != nil else { return note("a call ends that never began") }
        if result.depth != gas.count { note("a call of depth \(result.depth) ends within \(gas.count)") }
    }

    private mutating func note(_ fault: String) {
        // One is enough to look into; a loop could break it a million times.
        if faults.count < 4 { faults.append(fault) }
    }
}
