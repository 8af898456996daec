import NIOCore
import NIOHTTP1
import Primitives

/// What goes back over HTTP: status, body, and whether the connection ends with it.
struct HTTPAnswer: Sendable {
    let status: HTTPResponseStatus
    let contentType: String
    var body: ByteBuffer
    var closes = false
    var headers: [(String, String)] = []
    /// Of an answer larger than usual.
    var place: LargeAnswers.Place?

    static func json(_ answer: Answer) -> HTTPAnswer {
        var json = HTTPAnswer.json(.ok, answer.body)
        json.place = answer.place
        return json
    }

    static func json(_ status: HTTPResponseStatus, _ body: ByteBuffer) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "application/json", body: body)
    }

    static func text(_ status: HTTPResponseStatus, _ text: String) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text + "\n"))
    }

    /// The same answer as the connection's last.
    var closing: HTTPAnswer {
        var answer = self
        answer.closes = true
        return answer
    }
}

/// What all connections share: the dispatcher, who may call it, and the manners of HTTP.
struct HTTPService: Sendable {
    let dispatcher: Dispatcher
    let access: HTTPAccess
    let limits: RPCLimits
    let workers: Workers
    let reporter: Reporter

    enum Beginning {
        case answered(ByteBuffer)
        case parsed(JSONValue)
    }

    /// Answers a small request on the spot where that needs no waiting.
    func begin(_ body: Bytes, from caller: Caller? = nil) -> Beginning {
        do {
            let request = try dispatcher.parse(body)
            return dispatcher.answerAtOnce(request, from: caller).map(Beginning.answered) ?? .parsed(request)
        } catch {
            return .answered(dispatcher.answer(error))
        }
    }

    /// Answers any request, blocking a worker where it must.
    func answer(_ body: Bytes, parsed: JSONValue?, from caller: Caller? = nil) async -> Answer {
        if let parsed { return await dispatcher.answer(parsed, from: caller) }
        do {
            return await dispatcher.answer(try dispatcher.parse(body), from: caller)
        } catch {
            return Answer(dispatcher.answer(error))
        }
    }

    var tooLarge: HTTPAnswer {
        .json(.payloadTooLarge, dispatcher.answer(.requestTooLarge(limit: limits.bodyBytesMax))).closing
    }
    var busy: HTTPAnswer { .json(.tooManyRequests, dispatcher.answer(.busy)) }
    /// What a report is told that the node does not answer for.
    var silent: HTTPAnswer { .text(.serviceUnavailable, "the node does not answer") }
    /// 200, since a gateway's 5xx makes clients send again what may still be running.
    var timedOut: HTTPAnswer { .json(.ok, dispatcher.answer(.timeout)) }

    /// What a request's head makes of it.
    enum Demand {
        /// A call, which is in the body.
        case call
        case report(Report)
        /// The answer does not depend on the body.
        case answered(HTTPAnswer)
    }

    func demand(_ head: HTTPRequestHead, bodyLength: Int) -> Demand {
        if let answer = answerFromHead(head, bodyLength: bodyLength) { return .answered(answer) }
        return head.method == .POST ? .call : report(head).map(Demand.report) ?? .call
    }

    private func report(_ head: HTTPRequestHead) -> Report? {
        head.uri == "/" ? .page : Report(rawValue: String(head.uri.prefix { $0 != "?" }))
    }

    /// The answer that does not depend on the body; nil for a call or a report.
    private func answerFromHead(_ head: HTTPRequestHead, bodyLength: Int) -> HTTPAnswer? {
        if asksForWebSocket(head) { return webSocketRefusal(head) }
        guard access.allows(host: head.headers.first(name: "host")) else {
            return .text(.forbidden, "invalid host specified")
        }
        guard let report = report(head) else {
            return .text(.notFound, "there are only /, /health, /ready and /metrics")
        }
        switch head.method {
        case .POST where report == .page: break
        case .GET, .HEAD: return nil
        case .OPTIONS: return preflight(head)
        default:
            let isPage = report == .page
            var answer = HTTPAnswer.text(.methodNotAllowed, isPage ? "POST a JSON-RPC request" : "GET a report")
            answer.headers = [("allow", isPage ? "POST, GET, HEAD, OPTIONS" : "GET, HEAD, OPTIONS")]
            return answer
        }
        if let coding = head.headers.first(name: "content-encoding"), coding.lowercased() != "identity" {
            return .text(.unsupportedMediaType, "send the request without content-encoding")
        }
        if !isTrustedSource(head) {
            return .text(.unsupportedMediaType, "invalid content type, only application/json is supported")
        }
        return bodyLength > limits.bodyBytesMax ? tooLarge : nil
    }

    /// Whether the request begins a WebSocket that this client may have. A browser lets any page open one anywhere
    /// and read what comes, so its origin counts for more than with HTTP.
    func allowsWebSocket(_ head: HTTPRequestHead) -> Bool {
        access.allows(host: head.headers.first(name: "host"))
            && head.headers.first(name: "origin").map(access.allows(origin:)) ?? true
    }

    private func asksForWebSocket(_ head: HTTPRequestHead) -> Bool {
        head.method == .GET
            && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    /// What a handshake is told that led to no WebSocket: not allowed, malformed, or the wrong port.
    private func webSocketRefusal(_ head: HTTPRequestHead) -> HTTPAnswer {
        guard allowsWebSocket(head) else { return .text(.forbidden, "this host or origin is not allowed").closing }
        guard head.headers.first(name: "sec-websocket-version") == "13" else {
            var answer = HTTPAnswer.text(.upgradeRequired, "only WebSocket version 13 is spoken here").closing
            answer.headers = [("sec-websocket-version", "13")]
            return answer
        }
        return .text(.badRequest, "no WebSocket handshake: a key is missing, or this port speaks HTTP only").closing
    }

    /// A web page of a foreign origin can POST text or a form without asking; JSON it cannot, and a
    /// preflight it will not pass. What sends no Origin is no page and may call its JSON what it likes.
    private func isTrustedSource(_ head: HTTPRequestHead) -> Bool {
        guard let origin = head.headers.first(name: "origin"), !access.allows(origin: origin) else { return true }
        let type = head.headers.first(name: "content-type")?.lowercased().prefix { $0 != ";" && $0 != " " }
        return type == "application/json"
    }

    private func preflight(_ head: HTTPRequestHead) -> HTTPAnswer {
        guard let origin = head.headers.first(name: "origin"), access.allows(origin: origin) else {
            return .text(.forbidden, "this origin is not allowed")
        }
        var answer = HTTPAnswer(status: .noContent, contentType: "", body: ByteBuffer())
        answer.headers = [
            ("access-control-allow-methods", "POST, GET, OPTIONS"),
            // The origin is one that we trust: whatever its libraries add, for tracing say, may come.
            ("access-control-allow-headers", head.headers.first(name: "access-control-request-headers") ?? "*"),
            ("access-control-max-age", "600"),
        ]
        if head.headers.first(name: "access-control-request-private-network") == "true" {
            answer.headers.append(("access-control-allow-private-network", "true"))
        }
        return answer
    }

    /// Whether the client takes gzip: it names it, or anything, and not with the weight 0.
    func acceptsGzip(_ head: HTTPRequestHead) -> Bool {
        var allowsAny = false
        for field in head.headers["accept-encoding"] {
            for element in field.lowercased().split(separator: ",") {
                let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
                guard let coding = parts.first else { continue }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
                if coding == "gzip" || coding == "x-gzip" { return weight > 0 }
                if coding == "*" { allowsAny = weight > 0 }
            }
        }
        return allowsAny
    }

    /// `answer` as gzip where that is worth the work. Large answers take long: on a worker.
    func compressed(_ answer: HTTPAnswer) -> HTTPAnswer {
        guard answer.body.readableBytes >= limits.compressedBytesMin, let body = gzipped(answer.body),
            body.readableBytes < answer.body.readableBytes
        else { return answer }
        var compressed = answer
        compressed.body = body
        compressed.headers += [("content-encoding", "gzip"), ("vary", "accept-encoding")]
        return compressed
    }

    func responseHead(to request: HTTPRequestHead, _ answer: HTTPAnswer, closes: Bool) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        if answer.status != .noContent {
            headers.add(name: "content-type", value: answer.contentType)
            headers.add(name: "content-length", value: String(answer.body.readableBytes))
        }
        if let origin = request.headers.first(name: "origin") {
            headers.add(name: "vary", value: "origin")
            if access.allows(origin: origin) { headers.add(name: "access-control-allow-origin", value: origin) }
        }
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        if closes {
            headers.add(name: "connection", value: "close")
        } else if request.version.minor == 0 {
            headers.add(name: "connection", value: "keep-alive")
        }
        return HTTPResponseHead(version: request.version, status: answer.status, headers: headers)
    }
}
