import Crypto
public import Primitives

/// What a function is called with and answers, as clients and compilers know it.
public struct ABIFunction: Hashable, Sendable {
    public enum Mutability: String, Hashable, Sendable {
        /// Changes nothing.
        case view
        /// Refuses value.
        case nonpayable
        case payable
    }

    public let name: String
    public let inputs: [ABIParameter]
    public let outputs: [ABIParameter]
    public let mutability: Mutability

    /// - Precondition: `name` is an identifier.
    public init(_ name: String, inputs: [ABIParameter], outputs: [ABIParameter], mutability: Mutability) {
        precondition(isIdentifier(name), "a function's name is an identifier")
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.mutability = mutability
    }

    /// The name and the types of the inputs: `transfer(address,uint256)`.
    public var signature: String { "\(name)\(ABIType.tuple(inputs))" }

    /// The first four bytes of keccak(signature). A call's data starts with it.
    public var selector: UInt32 { abiSelector(of: signature) }
}

/// What a log of a contract says.
public struct ABIEvent: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public let parameter: ABIParameter
        /// Stands in a topic, by which clients can search; else in the data.
        public let isIndexed: Bool

        public init(_ parameter: ABIParameter, isIndexed: Bool) {
            self.parameter = parameter
            self.isIndexed = isIndexed
        }
    }

    public let name: String
    public let fields: [Field]

    /// Of four topics the first is the event's own.
    public static let indexedFieldsMax = 3

    /// - Precondition: `name` is an identifier, and at most three fields are indexed, none of them an array or a tuple.
    public init(_ name: String, fields: [Field]) {
        precondition(isIdentifier(name), "an event's name is an identifier")
        let indexed = fields.filter(\.isIndexed)
        precondition(indexed.count <= ABIEvent.indexedFieldsMax, "an event has at most three indexed fields")
        precondition(indexed.allSatisfy { $0.parameter.type.fitsTopic }, "an array or tuple has no topic here")
        self.name = name
        self.fields = fields
    }

    /// The name and the types of the fields: `Transfer(address,address,uint256)`.
    public var signature: String { "\(name)\(ABIType.tuple(fields.map(\.parameter)))" }

    /// keccak(signature): the first topic.
    public var topic: Hash32 { keccak256(Bytes(signature.utf8)) }

    /// The topics and the data of a log with these values, one a field.
    func log(of values: [ABIValue]) -> (topics: [Hash32], data: Bytes) {
        precondition(values.count == fields.count, "an event has a value for each field")
        var topics = [topic]
        var plain: [ABIValue] = []
        for (field, value) in zip(fields, values) {
            if field.isIndexed { topics.append(value.topic) } else { plain.append(value) }
        }
        return (topics, ABIValue.encode(plain))
    }
}

extension ABIType {
    fileprivate var fitsTopic: Bool {
        switch self {
        case .array, .fixedArray, .tuple: false
        default: true
        }
    }
}

extension ABIValue {
    /// An indexed field: the word of a static value, the hash of bytes and strings.
    fileprivate var topic: Hash32 {
        switch self {
        case .bytes(let content): keccak256(content)
        case .string(let text): keccak256(Bytes(text.utf8))
        default: Hash32(ABIValue.encode([self]))
        }
    }
}

/// The first four bytes of keccak(signature).
func abiSelector(of signature: String) -> UInt32 {
    UInt32(truncatingIfNeeded: keccak256(Bytes(signature.utf8)).word0 >> 32)
}

extension UInt32 {
    /// Its four bytes, the most significant first.
    var selectorBytes: Bytes { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * UInt32($0))) } }

    /// The selector that `data` starts with; nil if it is too short for one.
    init?(selectorOf data: Bytes) {
        guard data.count >= 4 else { return nil }
        self = data[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
