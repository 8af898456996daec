public import Primitives

/// Why code reverted, in the two forms that compilers write.
public enum RevertReason: Hashable, Sendable, CustomStringConvertible {
    /// `Error(string)`: what `require` and `revert` of Solidity, and `assert` of Vyper, say.
    case message(String)
    /// `Panic(uint256)`: a check that the compiler put in failed.
    case panic(UInt256)

    private static let messageSelector: Bytes = [0x08, 0xc3, 0x79, 0xa0]
    private static let panicSelector: Bytes = [0x4e, 0x48, 0x7b, 0x71]

    /// Reads what a call reverted with; nil if that has neither form.
    public init?(_ output: Bytes) {
        let arguments = output.dropFirst(4)
        switch Bytes(output.prefix(4)) {
        case Self.messageSelector:
            guard let text = Self.text(Bytes(arguments)) else { return nil }
            self = .message(text)
        case Self.panicSelector:
            guard arguments.count >= 32 else { return nil }
            self = .panic(UInt256(bigEndian: arguments.prefix(32)))
        default: return nil
        }
    }

    /// The one argument, a string: its place, there its length, then its bytes (Contract ABI specification).
    private static func text(_ arguments: Bytes) -> String? {
        guard let place = number(arguments[...]), let length = number(arguments.dropFirst(place)) else { return nil }
        let content = arguments.dropFirst(place).dropFirst(32)
        guard length <= content.count else { return nil }
        return String(decoding: content.prefix(length), as: UTF8.self)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.count >= 32 ? UInt256(bigEndian: bytes.prefix(32)).asInt : nil
    }

    /// The words of geth, which clients match on and show.
    public var description: String {
        switch self {
        case .message(let text): text
        case .panic(let code):
            Self.panics.first { $0.code == code }?.meaning ?? "unknown panic code: \(code.quantity)"
        }
    }

    /// The codes of Solidity's documentation, "Panic via assert and Error via require".
    private static let panics: [(code: UInt256, meaning: String)] = [
        (0x00, "generic panic"),
        (0x01, "assert(false)"),
        (0x11, "arithmetic underflow or overflow"),
        (0x12, "division or modulo by zero"),
        (0x21, "enum overflow"),
        (0x22, "invalid encoded storage byte array accessed"),
        (0x31, "out-of-bounds array access; popping on an empty array"),
        (0x32, "out-of-bounds access of an array or bytesN"),
        (0x41, "out of memory"),
        (0x51, "uninitialized function"),
    ]
}
