import EVM
import Primitives

/// Writes each opcode into the answer as soon as its cost is known, so that nothing is kept of it but its JSON.
struct StructLogWriter: Tracer {
    private var logger: StructLogger
    private let answer: AnswerInTheMaking

    init(_ options: StructLogger.Options, limits: RPCLimits, fork: Fork, to answer: AnswerInTheMaking) {
        logger = StructLogger(
            options, limits: .init(entriesMax: limits.traceStepsMax, bytesMax: limits.traceBytesMax), fork: fork)
        self.answer = answer
    }

    /// A limit was reached, and opcodes are missing.
    var isTruncated: Bool { logger.isTruncated }

    mutating func begin(_ call: TracedCall) {
        logger.begin(call)
        write()
    }

    mutating func step(_ step: borrowing TracedStep) {
        guard answer.failure == nil else { return }
        logger.step(step)
        write()
    }

    mutating func end(_ result: TracedResult) {
        logger.end(result)
        write()
    }

    private mutating func write() {
        guard !logger.entries.isEmpty else { return }
        for entry in logger.takeEntries() { answer.write(entry) }
    }
}

/// An answer that is written while the machine runs, from where nothing can be thrown.
final class AnswerInTheMaking {
    private var writer = JSONWriter()
    /// Why the answer ended before its time.
    private(set) var failure: RPCError?

    /// Lends `other`'s writer to `body`.
    static func lend<Result>(
        _ other: inout JSONWriter, to body: (AnswerInTheMaking) throws(RPCError) -> Result
    ) throws(RPCError) -> Result {
        let answer = AnswerInTheMaking()
        swap(&answer.writer, &other)
        defer { swap(&answer.writer, &other) }
        let result = try body(answer)
        if let failure = answer.failure { throw failure }
        return result
    }

    fileprivate func write(_ entry: StructLogger.Entry) {
        guard failure == nil else { return }
        writer.structLogEntry(entry)
        do {
            try writer.checkSize()
        } catch {
            failure = error
        }
    }
}

extension JSONWriter {
    fileprivate mutating func structLogEntry(_ entry: StructLogger.Entry) {
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
