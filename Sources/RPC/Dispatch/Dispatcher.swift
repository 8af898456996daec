import NIOCore
import Primitives

/// One call of a request body, checked to be one.
struct RPCCall: Sendable {
    /// Echoed as it came; nil for a notification, which gets no answer.
    let id: JSONValue?
    let method: String
    /// Positional arguments, or nil where parameters were given by name, which nothing here takes.
    let arguments: [JSONValue]?

    /// - Throws: the error to answer with, and the id to answer under.
    init(_ value: JSONValue) throws(InvalidCall) {
        guard let members = value.object else { throw InvalidCall(id: .null) }
        let id = members["id"]
        switch id {
        case nil, .null, .string, .number: break
        default: throw InvalidCall(id: .null)
        }
        guard members["jsonrpc"] == .string("2.0"), let method = members["method"]?.string else {
            throw InvalidCall(id: id ?? .null)
        }
        self.id = id
        self.method = method
        switch members["params"] {
        case nil, .null: arguments = []
        case .array(let values): arguments = values
        case .object: arguments = nil
        default: throw InvalidCall(id: id ?? .null)
        }
    }
}

/// A value that is not a call.
struct InvalidCall: Error {
    let id: JSONValue
}

/// Finds the method of each call in the table, runs it and writes the answer.
struct Dispatcher: Sendable {
    /// The rows in alphabetical order.
    let table: [RPCMethod]
    let limits: RPCLimits
    let metrics: RequestMetrics
    private let methods: [String: RPCMethod]
    private let places: [String: Int]

    init(_ table: [RPCMethod], limits: RPCLimits) {
        self.table = table.sorted { $0.name < $1.name }
        self.limits = limits
        metrics = RequestMetrics(methodCount: table.count)
        places = Dictionary(
            self.table.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { _, later in later })
        methods = Dictionary(table.map { ($0.name, $0) }, uniquingKeysWith: { _, later in later })
        precondition(methods.count == table.count, "two rows of the method table have one name")
    }

    /// The JSON that a body holds, or the error to answer.
    func parse(_ body: Bytes) throws(RPCError) -> JSONValue {
        do {
            return try JSONParser.parse(body, limits: limits.json)
        } catch {
            throw .parse(error)
        }
    }

    /// The answer to a body that has none but an error.
    func answer(_ error: RPCError) -> ByteBuffer {
        metrics.addInvalid()
        var writer = JSONWriter()
        writeError(error, id: .null, to: &writer)
        return writer.finish()
    }

    /// Answers a single call whose method needs neither disk nor node, on the calling thread.
    ///
    /// - Returns: nil where a worker must answer; an answer of zero bytes for a notification.
    func answerAtOnce(_ request: JSONValue, from caller: Caller? = nil) -> ByteBuffer? {
        guard request.array == nil else { return nil }
        var writer = JSONWriter(limit: limits.responseBytesMax)
        let call: RPCCall
        do {
            call = try RPCCall(request)
        } catch {
            metrics.addInvalid()
            writeError(.invalidRequest, id: error.id, to: &writer)
            return writer.finish()
        }
        switch methods[call.method]?.body {
        case nil: answer(call, to: &writer) { _ throws(RPCError) in throw .methodNotFound(call.method) }
        case .immediate(let body):
            answer(call, to: &writer) { writer throws(RPCError) in
                try body(arguments(of: call, from: caller), &writer)
            }
        case .subscribing(let body):
            answer(call, to: &writer) { writer throws(RPCError) in
                try body(arguments(of: call), caller.orRefused, &writer)
            }
        default: return nil
        }
        return writer.finish()
    }

    /// Answers a call or a batch. May block the calling thread; zero bytes where nothing is to be said.
    func answer(_ request: JSONValue, from caller: Caller? = nil) async -> Answer {
        var writer = JSONWriter(limit: limits.responseBytesMax)
        if case .array(let batch) = request {
            await answer(batch: batch, from: caller, to: &writer)
        } else {
            await answer(one: request, from: caller, to: &writer)
        }
        return writer.finishAnswer()
    }

    /// What is said where no answer came in time, under the ids that wait for one.
    func timeoutAnswer(to request: JSONValue?) -> ByteBuffer {
        var writer = JSONWriter(limit: limits.responseBytesMax)
        guard let batch = request?.array else {
            writeError(.timeout, id: request.flatMap { try? RPCCall($0) }?.id ?? .null, to: &writer)
            return writer.finish()
        }
        writer.beginArray()
        for value in batch.prefix(limits.batchMax) { refuse(value, with: .timeout, to: &writer) }
        writer.endArray()
        return writer.finish()
    }

    // MARK: Batches

    private func answer(batch: [JSONValue], from caller: Caller?, to writer: inout JSONWriter) async {
        guard !batch.isEmpty else { return writeError(.emptyBatch, id: .null, to: &writer) }
        guard batch.count <= limits.batchMax else {
            // One error for all, under the first id, as geth does: the protocol has no better place.
            let first = batch.lazy.compactMap { try? RPCCall($0) }.first { $0.id != nil }
            writer.beginArray()
            writeError(.batchTooLarge, id: first?.id ?? .null, to: &writer)
            return writer.endArray()
        }
        let start = writer.mark
        writer.beginArray()
        let empty = writer.count
        var index = 0
        while index < batch.count {
            if Task.isCancelled || writer.count > limits.responseBytesMax {
                refuse(batch[index], with: Task.isCancelled ? .timeout : .responseTooLarge, to: &writer)
                index += 1
                continue
            }
            let group = neighbours(in: batch, from: index)
            if group.calls.count > 1, let body = group.body {
                await answer(group.calls, with: body, to: &writer)
                index += group.calls.count
            } else {
                await answer(one: batch[index], from: caller, to: &writer)
                index += 1
            }
        }
        // A batch of nothing but notifications is answered with nothing, not with an empty array.
        if writer.count == empty { return writer.rewind(to: start) }
        writer.endArray()
    }

    private typealias Together = @Sendable ([Arguments]) async -> [Result<Hash32, RPCError>]

    /// The calls from `start` on that go to one method which takes them together.
    private func neighbours(in batch: [JSONValue], from start: Int) -> (calls: [RPCCall], body: Together?) {
        var calls: [RPCCall] = []
        var body: Together?
        for value in batch[start...] {
            guard let call = try? RPCCall(value), case .together(let together) = methods[call.method]?.body,
                calls.first.map({ $0.method == call.method }) ?? true
            else { break }
            calls.append(call)
            body = together
        }
        return (calls, body)
    }

    private func answer(_ calls: [RPCCall], with body: Together, to writer: inout JSONWriter) async {
        var refusals: [RPCError?] = []
        var accepted: [Arguments] = []
        for call in calls {
            do {
                try accepted.append(arguments(of: call))
                refusals.append(nil)
            } catch {
                refusals.append(error)
            }
        }
        let results = await body(accepted)
        precondition(results.count == accepted.count, "a method that takes calls together answers each")
        var next = 0
        for (call, refusal) in zip(calls, refusals) {
            let outcome: Result<Hash32, RPCError>
            if let refusal {
                outcome = .failure(refusal)
            } else {
                outcome = results[next]
                next += 1
            }
            answer(call, to: &writer) { writer throws(RPCError) in writer.hex(try outcome.get()) }
        }
    }

    private func refuse(_ value: JSONValue, with error: RPCError, to writer: inout JSONWriter) {
        if let id = (try? RPCCall(value))?.id { writeError(error, id: id, to: &writer) }
    }

    // MARK: One call

    private func answer(one value: JSONValue, from caller: Caller?, to writer: inout JSONWriter) async {
        let call: RPCCall
        do {
            call = try RPCCall(value)
        } catch {
            metrics.addInvalid()
            return writeError(.invalidRequest, id: error.id, to: &writer)
        }
        switch methods[call.method]?.body {
        case nil:
            answer(call, to: &writer) { _ throws(RPCError) in throw .methodNotFound(call.method) }
        case .immediate(let body), .reading(let body):
            answer(call, to: &writer) { writer throws(RPCError) in
                try body(arguments(of: call, from: caller), &writer)
            }
        case .subscribing(let body):
            answer(call, to: &writer) { writer throws(RPCError) in
                try body(arguments(of: call), caller.orRefused, &writer)
            }
        case .asking(let body):
            await answerLater(call, to: &writer, body)
        case .together(let body):
            await answer([call], with: body, to: &writer)
        }
    }

    private func arguments(of call: RPCCall, from caller: Caller? = nil) throws(RPCError) -> Arguments {
        guard let method = methods[call.method] else { throw .methodNotFound(call.method) }
        guard let values = call.arguments else { throw .nonArrayArguments }
        var arguments = try method.arguments(values)
        arguments.caller = caller?.connection
        return arguments
    }

    /// `{"jsonrpc":"2.0","id":…,"result":…}` with what `result` writes, or the error it throws.
    private func answer(
        _ call: RPCCall, to writer: inout JSONWriter, _ result: (inout JSONWriter) throws(RPCError) -> Void
    ) {
        let start = writer.mark
        let began = ContinuousClock.now
        do {
            begin(call, &writer)
            try result(&writer)
            try end(&writer)
            if call.id == nil { writer.rewind(to: start) }
            count(call, since: began, failed: false)
        } catch {
            writer.rewind(to: start)
            if let id = call.id { writeError(error, id: id, to: &writer) }
            count(call, since: began, failed: true)
        }
    }

    private func answerLater(
        _ call: RPCCall, to writer: inout JSONWriter,
        _ result: @Sendable (Arguments, inout JSONWriter) async throws(RPCError) -> Void
    ) async {
        let start = writer.mark
        let began = ContinuousClock.now
        do {
            let arguments = try arguments(of: call)
            begin(call, &writer)
            try await result(arguments, &writer)
            try end(&writer)
            if call.id == nil { writer.rewind(to: start) }
            count(call, since: began, failed: false)
        } catch {
            writer.rewind(to: start)
            if let id = call.id { writeError(error, id: id, to: &writer) }
            count(call, since: began, failed: true)
        }
    }

    private func count(_ call: RPCCall, since began: ContinuousClock.Instant, failed: Bool) {
        metrics.add(places[call.method], took: ContinuousClock.now - began, failed: failed)
    }

    private func begin(_ call: RPCCall, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("jsonrpc")
        writer.string("2.0")
        writer.name("id")
        writer.value(call.id ?? .null)
        writer.name("result")
        // It grows only where its method says so, whatever the one before it in the batch was allowed.
        writer.mayGrow(nil)
    }

    private func end(_ writer: inout JSONWriter) throws(RPCError) {
        writer.endObject()
        try writer.checkSize()
    }

    private func writeError(_ error: RPCError, id: JSONValue, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("jsonrpc")
        writer.string("2.0")
        writer.name("id")
        writer.value(id)
        writer.name("error")
        writer.beginObject()
        writer.name("code")
        writer.number(error.code)
        writer.name("message")
        writer.string(error.message)
        if let data = error.data {
            writer.name("data")
            writer.value(data)
        }
        writer.endObject()
        writer.endObject()
    }
}

extension Caller? {
    /// The caller, where it can be talked back to.
    fileprivate var orRefused: Caller {
        get throws(RPCError) {
            guard let self, self.canBeToldLater else { throw .notificationsUnsupported }
            return self
        }
    }
}
