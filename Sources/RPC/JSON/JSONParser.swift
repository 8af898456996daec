public import Primitives

/// Why bytes are not a JSON document that we read.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    case unexpectedEnd
    case unexpectedByte(at: Int)
    case invalidNumber(at: Int)
    case invalidEscape(at: Int)
    case invalidUTF8(at: Int)
    case trailingBytes(at: Int)
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)
    case numberTooLong(limit: Int)

    public var description: String {
        switch self {
        case .unexpectedEnd: "unexpected end of JSON"
        case .unexpectedByte(let offset): "unexpected byte at offset \(offset)"
        case .invalidNumber(let offset): "invalid number at offset \(offset)"
        case .invalidEscape(let offset): "invalid escape sequence at offset \(offset)"
        case .invalidUTF8(let offset): "invalid UTF-8 in the string at offset \(offset)"
        case .trailingBytes(let offset): "trailing bytes at offset \(offset)"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooManyValues(let limit): "more than \(limit) values"
        case .numberTooLong(let limit): "number longer than \(limit) digits"
        }
    }
}

/// How much JSON one document may hold.
public struct JSONLimits: Sendable {
    /// Arrays and objects inside each other.
    public var depthMax = 64
    /// Values in the whole document, so that a body of `[0,0,0,…` costs bounded memory.
    public var valuesMax = 1_000_000
    /// Bytes of one number.
    public var numberBytesMax = 128

    public init() {}
}

/// A strict reader of RFC 8259, total over all inputs: every byte string gives a value or an error.
///
/// Ours instead of Foundation's: a call is read in about a microsecond instead of five, without the
/// memory Foundation maps, and depth and size are bounded while reading. A lone surrogate escape,
/// which no Unicode text can hold, becomes U+FFFD as in geth; bytes that are not UTF-8 are refused.
public struct JSONParser {
    private let input: Bytes
    private let limits: JSONLimits
    private var position = 0
    private var valuesLeft: Int

    private init(_ input: Bytes, _ limits: JSONLimits) {
        (self.input, self.limits) = (input, limits)
        valuesLeft = limits.valuesMax
    }

    /// The value that `input` is, and nothing but white space around it.
    public static func parse(_ input: Bytes, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        var parser = JSONParser(input, limits)
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == input.count else { throw .trailingBytes(at: parser.position) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard position < input.count else { throw .unexpectedEnd }
        guard valuesLeft > 0 else { throw .tooManyValues(limit: limits.valuesMax) }
        valuesLeft -= 1
        switch input[position] {
        case UInt8(ascii: "{"): return try .object(object(depth: depth + 1))
        case UInt8(ascii: "["): return try .array(array(depth: depth + 1))
        case UInt8(ascii: "\""): return try .string(string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try .number(number())
        default: throw .unexpectedByte(at: position)
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= limits.depthMax else { throw .tooDeep(limit: limits.depthMax) }
        position += 1
        var members = JSONObject()
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw .unexpectedByte(at: position) }
            let name = try string()
            skipSpace()
            guard try next() == UInt8(ascii: ":") else { throw .unexpectedByte(at: position - 1) }
            skipSpace()
            try members.append(name, value(depth: depth))
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return members
            default: throw .unexpectedByte(at: position - 1)
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= limits.depthMax else { throw .tooDeep(limit: limits.depthMax) }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipSpace()
            try elements.append(value(depth: depth))
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "]"): return elements
            default: throw .unexpectedByte(at: position - 1)
            }
        }
    }

    private mutating func literal(_ word: String) throws(JSONError) {
        let end = position + word.utf8.count
        guard end <= input.count else { throw .unexpectedEnd }
        guard input[position..<end].elementsEqual(word.utf8) else { throw .unexpectedByte(at: position) }
        position = end
    }

    /// -? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?
    private mutating func number() throws(JSONError) -> String {
        let start = position
        if input[position] == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits(from: start)
        if input[whole] == UInt8(ascii: "0"), position - whole > 1 { throw .invalidNumber(at: start) }
        if position < input.count, input[position] == UInt8(ascii: ".") {
            position += 1
            try digits(from: start)
        }
        if position < input.count, input[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < input.count, input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(from: start)
        }
        guard position - start <= limits.numberBytesMax else { throw .numberTooLong(limit: limits.numberBytesMax) }
        return String(decoding: input[start..<position], as: UTF8.self)
    }

    private mutating func digits(from start: Int) throws(JSONError) {
        let first = position
        while position < input.count, input[position] &- 48 < 10 { position += 1 }
        guard position > first else { throw position < input.count ? .invalidNumber(at: start) : .unexpectedEnd }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < input.count {
            switch input[position] {
            case UInt8(ascii: "\""):
                let text = try text(input[start..<position], from: start)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw .unexpectedByte(at: position)
            default: position += 1
            }
        }
        throw .unexpectedEnd
    }

    /// The string that began at `start` and has an escape at `position`.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var units = Bytes(input[start..<position])
        while position < input.count {
            let byte = input[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try text(units[...], from: start)
            case UInt8(ascii: "\\"): try escape(into: &units)
            case 0..<0x20: throw .unexpectedByte(at: position)
            default:
                units.append(byte)
                position += 1
            }
        }
        throw .unexpectedEnd
    }

    private mutating func escape(into units: inout Bytes) throws(JSONError) {
        let start = position
        position += 1
        switch try next() {
        case UInt8(ascii: "\""): units.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): units.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): units.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "u"): try units.append(contentsOf: Array(String(unicodeEscape(from: start)).utf8))
        default: throw .invalidEscape(at: start)
        }
    }

    /// The character of `\uXXXX`, or of two that are a surrogate pair. A lone surrogate is U+FFFD.
    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, position + 1 < input.count, input[position] == UInt8(ascii: "\\"),
            input[position + 1] == UInt8(ascii: "u")
        else { return "\u{fffd}" }
        let resume = position
        position += 2
        let second = try fourHexDigits(from: resume)
        guard (0xdc00..<0xe000).contains(second) else {
            position = resume
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func fourHexDigits(from start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexValue(try next()) else { throw .invalidEscape(at: start) }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func text(_ units: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: units, as: UTF8.self) else { throw .invalidUTF8(at: start) }
        return text
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard position < input.count else { throw .unexpectedEnd }
        return input[position]
    }

    private mutating func next() throws(JSONError) -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }

    private mutating func skipSpace() {
        while position < input.count {
            switch input[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }
}
