/// One JSON value, as it was read: numbers keep their text, objects keep their order.
///
/// Keeping a number's text lets a request's id be echoed digit for digit and leaves `1e999999` a
/// harmless string until somebody asks for its value.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The digits as they stood in the input; always a valid JSON number.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The number of `value`.
    public static func integer(_ value: Int) -> JSONValue { .number(String(value)) }

    public var isNull: Bool { self == .null }

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The value of a whole number without fraction or exponent that fits 64 bits, else nil.
    public var int64: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    /// The nearest finite floating-point value, or nil: `1e999999` has none.
    public var double: Double? {
        guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The member of that name, or nil where there is none or this is no object.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// What this value is, for an error message.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object in the order in which they stood.
///
/// Requests have a handful of members, so a scan is faster than a hash table. Of two members with
/// one name the later counts, as in other readers of JSON.
public struct JSONObject: Equatable, Sendable {
    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            (self.name, self.value) = (name, value)
        }
    }

    public private(set) var members: [Member]

    public init(_ members: [Member] = []) {
        self.members = members
    }

    public subscript(name: String) -> JSONValue? {
        members.last { $0.name == name }?.value
    }

    mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name, value))
    }
}
