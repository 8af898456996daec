import Crypto
public import EVM
public import Primitives

/// What one message of a case led to.
public struct MessageResult: Sendable, Equatable {
    public let outcome: Outcome
    public let output: Bytes
    public let refund: Int64
    public let accounts: [StateChanges.AccountChange]
    public let storage: [StateChanges.StorageChange]
    public let logs: [LogRecord]

    /// Every byte of it, in an order that does not depend on the process.
    func write(into bytes: inout Bytes) {
        bytes += Bytes("\(outcome)".utf8)
        bytes += UInt256(UInt64(bitPattern: refund)).bigEndianBytes
        bytes += UInt256(UInt64(output.count)).bigEndianBytes + output
        for change in accounts {
            bytes += change.address.bytes
            for account in [change.before, change.after] {
                guard let account else { bytes.append(0); continue }
                bytes += [1] + UInt256(account.nonce).bigEndianBytes + account.balance.bigEndianBytes
                bytes += account.codeHash.bytes
            }
        }
        for change in storage {
            bytes += change.address.bytes + change.slot.bigEndianBytes
            bytes += change.before.bigEndianBytes + change.after.bigEndianBytes
        }
        for log in logs {
            bytes += log.address.bytes + UInt256(UInt64(log.topics.count)).bigEndianBytes
            bytes += log.topics.flatMap(\.bytes) + UInt256(UInt64(log.data.count)).bigEndianBytes + log.data
        }
    }
}

/// What a whole case led to.
public struct CaseResult: Sendable, Equatable {
    public let messages: [MessageResult]
    public let changes: StateChanges

    /// Equal for equal results, and for those alone.
    public var digest: Hash32 {
        var bytes: Bytes = []
        for message in messages { message.write(into: &bytes) }
        for code in changes.code { bytes += code.hash.bytes + UInt256(UInt64(code.code.count)).bigEndianBytes }
        for change in changes.storage { bytes += change.address.bytes + change.after.bigEndianBytes }
        for change in changes.accounts { bytes += change.address.bytes }
        return keccak256(bytes)
    }

    public var gasUsed: Gas
}

extension FuzzCase {
    /// Runs the messages on `machine`, each as a transaction: sender, target and beneficiary are warm.
    ///
    /// It stops behind a message that calls a precompiled contract which is not there: the rest would mean nothing.
    public func run(on machine: Machine) -> CaseResult {
        var none = NoTracer()
        return run(on: machine, tracer: &none, isTraced: false)
    }

    /// The same, watched by `tracer`.
    public func run(on machine: Machine, tracer: inout some Tracer) -> CaseResult {
        run(on: machine, tracer: &tracer, isTraced: true)
    }

    private func run(on machine: Machine, tracer: inout some Tracer, isTraced: Bool) -> CaseResult {
        var journal = Journal(FuzzState(residents))
        var results: [MessageResult] = []
        var gasUsed: Gas = 0
        for message in messages {
            // What the runner of a transaction has done by the time the machine starts (EIP-2929, EIP-3651).
            journal.warm(Self.sender)
            journal.warm(Self.beneficiary)
            for address in accessList { journal.warm(address) }
            if case .call(let target) = message.target { journal.warm(target) }
            if var sender = journal.account(Self.sender) {
                sender.nonce += 1
                journal.setAccount(Self.sender, to: sender)
            }
            let outcome =
                isTraced
                ? journal.run(message, in: environment, on: machine, tracer: &tracer)
                : journal.run(message, in: environment, on: machine)
            let refund = journal.refund
            let output = machine.output
            let effects = journal.closeTransaction()
            gasUsed += message.gas - min(outcome.gasLeft, message.gas)
            results.append(
                MessageResult(
                    outcome: outcome, output: output, refund: refund, accounts: effects.accounts,
                    storage: effects.storage, logs: effects.logs))
        }
        return CaseResult(messages: results, changes: journal.changes(), gasUsed: gasUsed)
    }
}

private struct NoTracer: Tracer {
    mutating func begin(_ call: TracedCall) {}
    mutating func step(_ step: borrowing TracedStep) {}
    mutating func end(_ result: TracedResult) {}
}
