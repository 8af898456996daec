import Crypto
import Primitives

/// A structured message that a person is asked to sign (EIP-712): types, a domain, and a value of one of the types.
struct TypedData {
    /// One member of a struct type.
    private struct Field {
        let name, type: String
    }

    /// Types of one message; a request of any size must not make its hash dear.
    static let typesMax = 64
    /// Members of one type.
    static let membersMax = 256
    /// Structs and arrays within each other.
    static let depthMax = 32

    private static let domainType = "EIP712Domain"

    private let primaryType: String
    private let domain: JSONValue
    private let message: JSONValue
    /// Struct types by name.
    private let types: [String: [Field]]
    /// keccak of the text of a type with all that it refers to.
    private var typeHashes: [String: Hash32] = [:]

    /// Reads the object that wallets are given, or its text.
    init(_ argument: JSONValue) throws(ArgumentError) {
        var object = argument
        if let text = argument.string {
            guard let parsed = try? JSONParser.parse(Bytes(text.utf8)) else {
                throw ArgumentError("expected typed data, found a string that is no JSON")
            }
            object = parsed
        }
        primaryType = try Self.text(object, "primaryType")
        domain = object["domain"] ?? .object(JSONObject())
        message = object["message"] ?? .object(JSONObject())
        guard let members = object["types"]?.object?.members else { throw ArgumentError("types: expected an object") }
        guard members.count <= Self.typesMax else { throw ArgumentError("types: more than \(Self.typesMax)") }
        var types: [String: [Field]] = [:]
        for member in members { types[member.name] = try Self.fields(member) }
        self.types = types
        for name in [primaryType, Self.domainType] where types[name] == nil {
            throw ArgumentError("types: \(name.prefix(RPCError.echoedTextMax)) is missing")
        }
        for name in types.keys { typeHashes[name] = keccak256(Bytes(description(of: name).utf8)) }
    }

    private static func text(_ object: JSONValue, _ name: String) throws(ArgumentError) -> String {
        guard let text = object[name]?.string else { throw ArgumentError("\(name): expected a string") }
        return text
    }

    private static func fields(_ type: JSONObject.Member) throws(ArgumentError) -> [Field] {
        guard let listed = type.value.array, listed.count <= membersMax else {
            throw ArgumentError("types: expected an array of at most \(membersMax) members for each type")
        }
        var fields: [Field] = []
        for field in listed { fields.append(Field(name: try text(field, "name"), type: try text(field, "type"))) }
        return fields
    }

    // MARK: Types

    /// The type's members, then those of all struct types that it refers to, by name.
    private func description(of name: String) -> String {
        var found: Set<String> = []
        var waiting = [name]
        while let next = waiting.popLast() {
            guard let fields = types[next], found.insert(next).inserted else { continue }
            waiting += fields.map { String($0.type.prefix { $0 != "[" }) }
        }
        found.remove(name)
        return ([name] + found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }).map { name in
            "\(name)(\((types[name] ?? []).map { "\($0.type) \($0.name)" }.joined(separator: ",")))"
        }.joined()
    }

    // MARK: Hashes

    /// What is signed.
    func digest() throws(ArgumentError) -> Hash32 {
        var bytes: Bytes = [0x19, 0x01]
        bytes += try hash(domain, of: Self.domainType, depth: 0).bytes
        if primaryType != Self.domainType { bytes += try hash(message, of: primaryType, depth: 0).bytes }
        return keccak256(bytes)
    }

    private func hash(_ value: JSONValue, of type: String, depth: Int) throws(ArgumentError) -> Hash32 {
        guard depth < Self.depthMax else { throw ArgumentError("structs are more than \(Self.depthMax) deep") }
        guard let fields = types[type], let typeHash = typeHashes[type], let object = value.object else {
            throw ArgumentError(
                "expected an object of type \(type.prefix(RPCError.echoedTextMax)), found \(value.kind)")
        }
        var words = typeHash.bytes
        for field in fields {
            do {
                words += try word(object[field.name] ?? .null, of: field.type[...], depth: depth + 1).bytes
            } catch {
                throw ArgumentError("\(field.name.prefix(RPCError.echoedTextMax)): \(error.reason)")
            }
        }
        return keccak256(words)
    }

    /// The 32 bytes that stand for a value in the struct around it.
    private func word(_ value: JSONValue, of type: Substring, depth: Int) throws(ArgumentError) -> Hash32 {
        guard depth < Self.depthMax else { throw ArgumentError("more than \(Self.depthMax) deep") }
        if type.hasSuffix("]") { return try arrayHash(value, of: type, depth: depth) }
        if types[String(type)] != nil {
            // What is not there counts as nothing, so that types may refer to themselves.
            return value.isNull ? .zero : try hash(value, of: String(type), depth: depth)
        }
        return try AtomicType(type).word(value)
    }

    private func arrayHash(_ value: JSONValue, of type: Substring, depth: Int) throws(ArgumentError) -> Hash32 {
        guard let open = type.lastIndex(of: "["), let elements = value.array else {
            throw ArgumentError("expected \(type.prefix(RPCError.echoedTextMax)), found \(value.kind)")
        }
        let length = type[type.index(after: open)...].dropLast()
        guard length.isEmpty || Int(length) == elements.count else {
            throw ArgumentError("expected \(type.prefix(RPCError.echoedTextMax)), found \(elements.count) elements")
        }
        var words: Bytes = []
        for element in elements { words += try word(element, of: type[..<open], depth: depth + 1).bytes }
        return keccak256(words)
    }
}

/// A type of EIP-712 that consists of nothing else.
private enum AtomicType {
    case bool, address, bytes, text
    case fixedBytes(count: Int)
    case integer(bits: Int, isSigned: Bool)

    init(_ name: Substring) throws(ArgumentError) {
        func number(after prefix: String) -> Int? {
            let digits = name.dropFirst(prefix.count)
            return digits.first == "0" ? nil : Int(digits)
        }
        func isWidth(_ bits: Int) -> Bool { bits % 8 == 0 && (8...256).contains(bits) }
        switch name {
        case "bool": self = .bool
        case "address": self = .address
        case "bytes": self = .bytes
        case "string": self = .text
        case "uint": self = .integer(bits: 256, isSigned: false)
        case "int": self = .integer(bits: 256, isSigned: true)
        default:
            if name.hasPrefix("bytes"), let count = number(after: "bytes"), (1...32).contains(count) {
                self = .fixedBytes(count: count)
            } else if name.hasPrefix("uint"), let bits = number(after: "uint"), isWidth(bits) {
                self = .integer(bits: bits, isSigned: false)
            } else if name.hasPrefix("int"), let bits = number(after: "int"), isWidth(bits) {
                self = .integer(bits: bits, isSigned: true)
            } else {
                throw ArgumentError("the type \(name.prefix(RPCError.echoedTextMax)) does not exist")
            }
        }
    }

    func word(_ value: JSONValue) throws(ArgumentError) -> Hash32 {
        switch self {
        case .bool:
            guard let flag = value.bool else { throw ArgumentError("expected true or false, found \(value.kind)") }
            return UInt256(flag ? 1 : 0).hash
        case .address: return UInt256(try addressArgument(value)).hash
        case .bytes: return keccak256(try dataArgument(value))
        case .text:
            guard let text = value.string else { throw ArgumentError("expected a string, found \(value.kind)") }
            return keccak256(Bytes(text.utf8))
        case .fixedBytes(let count):
            let bytes = try dataArgument(value)
            guard bytes.count == count else { throw ArgumentError("expected \(count) bytes, found \(bytes.count)") }
            return Hash32(bytes + Bytes(repeating: 0, count: 32 - count))
        case .integer(let bits, let isSigned): return try Self.integer(value, bits: bits, isSigned: isSigned).hash
        }
    }

    /// Also with zeros in front, as wallets pad numbers.
    private static func hexNumber(_ text: String) -> UInt256? {
        let digits = text.dropFirst(2).drop { $0 == "0" }
        return text.count == 2 ? nil : try? UInt256(hex: digits.isEmpty ? "0x0" : "0x\(digits)")
    }

    /// A number, or its digits as text, in decimal or in hex; two's complement where it is negative.
    private static func integer(_ value: JSONValue, bits: Int, isSigned: Bool) throws(ArgumentError) -> UInt256 {
        let text: String
        switch value {
        case .number(let digits), .string(let digits): text = digits
        default: throw ArgumentError("expected a whole number, found \(value.kind)")
        }
        let isNegative = text.hasPrefix("-")
        let digits = isNegative ? String(text.dropFirst()) : text
        guard let magnitude = digits.hasPrefix("0x") ? hexNumber(digits) : try? UInt256(decimal: digits) else {
            throw ArgumentError("expected a whole number of \(bits) bits, found \(text.prefix(RPCError.echoedTextMax))")
        }
        // As many bits as the type has for numbers of that sign; of the negative ones one more than of the others.
        let valueBits = isSigned ? bits - 1 : bits
        let fits =
            isNegative
            ? isSigned && magnitude <= UInt256(1) << valueBits : valueBits == 256 || magnitude >> valueBits == 0
        guard fits else { throw ArgumentError("\(text.prefix(RPCError.echoedTextMax)) has no place in \(bits) bits") }
        return isNegative ? 0 &- magnitude : magnitude
    }
}
