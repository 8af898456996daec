import Primitives
import RPC
import Testing

/// A WebSocket client that can also say what no client should.
struct WebSocketClient {
    /// A frame as it came.
    struct Frame: Equatable {
        let opcode: UInt8
        let payload: Bytes
        var isFinal = true

        /// Of a close frame.
        var code: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    static let handshake =
        "GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    let raw: RawClient

    /// Opens a connection and shakes hands.
    init(_ world: TestServer) async throws {
        raw = try await RawClient.connect(port: try #require(world.server.webSocketPort))
        try await raw.send(Self.handshake + "\r\n")
        let reply = try await raw.reply(to: "GET")
        try #require(reply.status == 101)
        // The example of RFC 6455, 1.3.
        #expect(reply.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    // MARK: Out

    func send(_ text: String) async throws { try await send(frame: 0x81, Bytes(text.utf8)) }

    /// - Parameter first: The first byte: final bit, reserved bits, opcode.
    func send(frame first: UInt8, _ payload: Bytes, masked: Bool = true) async throws {
        try await raw.send(Self.frame(first, payload, masked: masked))
    }

    static func frame(_ first: UInt8, _ payload: Bytes, masked: Bool = true) -> Bytes {
        let bit: UInt8 = masked ? 0x80 : 0
        var bytes = [first]
        switch payload.count {
        case ...125: bytes.append(bit | UInt8(payload.count))
        case ...65_535: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(bit | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        guard masked else { return bytes + payload }
        let mask: Bytes = [0x37, 0xfa, 0x21, 0x3d]
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    // MARK: In

    func frame() async throws -> Frame {
        let head = try await raw.bytes(2)
        // A server masks nothing.
        try #require(head[1] & 0x80 == 0)
        var length = Int(head[1])
        if length >= 126 {
            length = try await raw.bytes(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        let payload = try await raw.bytes(length)
        return Frame(opcode: head[0] & 15, payload: payload, isFinal: head[0] & 0x80 != 0)
    }

    func json() async throws -> JSONValue {
        let frame = try await frame()
        try #require(frame.opcode == 1 && frame.isFinal)
        return try JSONParser.parse(frame.payload)
    }

    /// The answer to a call, where nothing else may come.
    func call(_ method: String, _ params: String = "[]") async throws -> JSONValue {
        try await send(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        return try await json()
    }

    /// The id of a new subscription.
    func subscribe(_ params: String, in namespace: String = "eth") async throws -> String {
        let answer = try await call("\(namespace)_subscribe", params)
        return try #require(answer["result"]?.string, "\(answer)")
    }

    /// The result of the next notification of `subscription`.
    func news(of subscription: String, in namespace: String = "eth") async throws -> JSONValue {
        let message = try await json()
        #expect(message["method"] == .string("\(namespace)_subscription"))
        #expect(message["jsonrpc"] == .string("2.0"))
        #expect(message["id"] == nil)
        #expect(message["params"]?["subscription"] == .string(subscription))
        return try #require(message["params"]?["result"])
    }

    func close() async throws { try await raw.close() }
}
