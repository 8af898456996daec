/// An error object of JSON-RPC: what a caller gets instead of a result.
///
/// Codes and words are those of geth, because libraries match on them. A caller's own mistake is
/// never -32603 or -32005: clients take those for our trouble and try again.
public struct RPCError: Error, Equatable, Sendable {
    public let code: Int
    public let message: String
    public let data: JSONValue?

    public init(code: Int, message: String, data: JSONValue? = nil) {
        (self.code, self.message, self.data) = (code, message, data)
    }

    /// The longest piece of a caller's own text that an error repeats, in characters.
    static let echoedTextMax = 100

    static let parse = RPCError(code: -32700, message: "parse error")
    static let invalidRequest = RPCError(code: -32600, message: "invalid request")
    static let emptyBatch = RPCError(code: -32600, message: "empty batch")
    static let batchTooLarge = RPCError(code: -32600, message: "batch too large")
    static let nonArrayArguments = RPCError(code: -32602, message: "non-array args")
    static let timeout = RPCError(code: -32002, message: "request timed out")
    static let responseTooLarge = RPCError(code: -32003, message: "response too large")
    static let busy = RPCError(code: -32005, message: "too many requests are waiting, try again")

    static func requestTooLarge(limit: Int) -> RPCError {
        RPCError(code: -32600, message: "request too large: more than \(limit) bytes")
    }

    static func parse(_ error: JSONError) -> RPCError {
        switch error {
        case .tooManyValues: RPCError(code: -32600, message: "invalid request: \(error)")
        default: RPCError(code: -32700, message: "parse error: \(error)")
        }
    }

    static func methodNotFound(_ name: String) -> RPCError {
        RPCError(
            code: -32601, message: "the method \(name.prefix(echoedTextMax)) does not exist/is not available")
    }

    static func missingArgument(_ index: Int) -> RPCError {
        RPCError(code: -32602, message: "missing value for required argument \(index)")
    }

    static func tooManyArguments(max: Int) -> RPCError {
        RPCError(code: -32602, message: "too many arguments, want at most \(max)")
    }

    static func invalidArgument(_ index: Int, _ reason: String) -> RPCError {
        RPCError(code: -32602, message: "invalid argument \(index): \(reason)")
    }

    static func invalidParameters(_ reason: String) -> RPCError {
        RPCError(code: -32602, message: reason)
    }

    /// Refused or impossible, in geth's default code.
    static func server(_ message: String) -> RPCError {
        RPCError(code: -32000, message: message)
    }

    /// Our own trouble: a disk that does not read.
    static func internalError(_ message: String) -> RPCError {
        RPCError(code: -32603, message: "internal error: \(message)")
    }

    /// The state of a block that does not exist was asked for.
    static let headerNotFound = server("header not found")
    static let headerForHashNotFound = server("header for hash not found")
}
