import NIOCore
import NIOHTTP1
import Primitives

/// What goes back over HTTP: status, body, and whether the connection ends with it.
struct HTTPAnswer {
    let status: HTTPResponseStatus
    let contentType: String
    let body: ByteBuffer
    var closes = false
    var headers: [(String, String)] = []

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
    /// The page for people, with the head height of the moment.
    let page: @Sendable () -> String

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
    func answer(_ body: Bytes, parsed: JSONValue?, from caller: Caller? = nil) async -> ByteBuffer {
        if let parsed { return await dispatcher.answer(parsed, from: caller) }
        do {
            return await dispatcher.answer(try dispatcher.parse(body), from: caller)
        } catch {
            return dispatcher.answer(error)
        }
    }

    var tooLarge: HTTPAnswer {
        .json(.payloadTooLarge, dispatcher.answer(.requestTooLarge(limit: limits.bodyBytesMax))).closing
    }
    var busy: HTTPAnswer { .json(.tooManyRequests, dispatcher.answer(.busy)) }
    /// 200, since a gateway's 5xx makes clients send again what may still be running.
    var timedOut: HTTPAnswer { .json(.ok, dispatcher.answer(.timeout)) }

    /// The answer that does not depend on the body; nil for a call.
    func answerFromHead(_ head: HTTPRequestHead, bodyLength: Int) -> HTTPAnswer? {
        if asksForWebSocket(head) { return webSocketRefusal(head) }
        guard access.allows(host: head.headers.first(name: "host")) else {
            return .text(.forbidden, "invalid host specified")
        }
        guard head.uri.prefix(while: { $0 != "?" }) == "/" else {
            return .text(.notFound, "there is only /")
        }
        switch head.method {
        case .POST: break
        case .GET, .HEAD:
            return HTTPAnswer(status: .ok, contentType: "text/html; charset=utf-8", body: ByteBuffer(string: page()))
        case .OPTIONS: return preflight(head)
        default:
            var answer = HTTPAnswer.text(.methodNotAllowed, "POST a JSON-RPC request")
            answer.headers = [("allow", "POST, GET, HEAD, OPTIONS")]
            return answer
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
            ("access-control-allow-headers", "content-type"),
            ("access-control-max-age", "600"),
        ]
        if head.headers.first(name: "access-control-request-private-network") == "true" {
            answer.headers.append(("access-control-allow-private-network", "true"))
        }
        return answer
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
