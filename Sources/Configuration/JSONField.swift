internal import Crypto
internal import Primitives

/// One place in a JSON file: reads the value there, or says which file, key, expected and found.
struct JSONField {
    let file: String
    /// From the root: "council[2].publicKey"; empty at the root.
    let keyPath: String
    /// nil where the key is absent.
    let value: JSONValue?

    init(_ document: JSONValue, file: String) {
        self.init(file: file, keyPath: "", value: document)
    }

    private init(file: String, keyPath: String, value: JSONValue?) {
        (self.file, self.keyPath, self.value) = (file, keyPath, value)
    }

    subscript(key: String) -> JSONField {
        JSONField(file: file, keyPath: keyPath.isEmpty ? key : "\(keyPath).\(key)", value: value?[key])
    }

    func fault(_ expected: String) -> ConfigurationError {
        guard let value else { return .missing(file: file, keyPath: keyPath, expected: expected) }
        return .wrong(file: file, keyPath: keyPath, expected: expected, found: value.summary)
    }

    /// Refuses a value that is no object and every key that is not in `known`.
    func object(_ known: [String]) throws(ConfigurationError) {
        for (key, _) in try members() where !known.contains(key) {
            throw .unknownKey(file: file, keyPath: self[key].keyPath, known: known)
        }
    }

    /// The members of an object, sorted by key.
    func members() throws(ConfigurationError) -> [(key: String, field: JSONField)] {
        guard case .object(let members) = value else { throw fault("an object") }
        return members.keys.sorted().map { ($0, self[$0]) }
    }

    func array(max: Int) throws(ConfigurationError) -> [JSONField] {
        guard case .array(let items) = value else { throw fault("an array") }
        guard items.count <= max else { throw fault("an array of at most \(max)") }
        return items.enumerated().map { index, item in
            JSONField(file: file, keyPath: "\(keyPath)[\(index)]", value: item)
        }
    }

    func string() throws(ConfigurationError) -> String {
        guard case .string(let text) = value else { throw fault("a string") }
        return text
    }

    func bool() throws(ConfigurationError) -> Bool {
        guard case .bool(let flag) = value else { throw fault("true or false") }
        return flag
    }

    func unsigned(_ range: ClosedRange<UInt64> = 0...UInt64.max) throws(ConfigurationError) -> UInt64 {
        let expected =
            range.upperBound == .max
            ? "an integer of at least \(range.lowerBound)"
            : "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard let number = value?.unsigned, range.contains(number) else { throw fault(expected) }
        return number
    }

    func integer(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        Int(try unsigned(UInt64(range.lowerBound)...UInt64(range.upperBound)))
    }

    /// An amount: a JSON integer, decimal digits in a string, or a 0x quantity in a string.
    func amount() throws(ConfigurationError) -> UInt256 {
        let expected = "an amount below 2^256: decimal digits or 0x hex in a string, or an integer"
        switch value {
        case .integer(let number) where number >= 0: return UInt256(UInt64(number))
        case .string(let text):
            let amount = text.hasPrefix("0x") ? try? UInt256(hex: text) : try? UInt256(decimal: text)
            guard let amount else { throw fault(expected) }
            return amount
        default: throw fault(expected)
        }
    }

    func address() throws(ConfigurationError) -> Address {
        guard case .string(let text) = value, let address = try? Address(hex: text) else {
            throw fault("an address: 0x and 40 hex digits")
        }
        return address
    }

    func data() throws(ConfigurationError) -> Bytes {
        guard case .string(let text) = value, let bytes = try? Bytes(hex: text) else {
            throw fault("bytes: 0x and an even number of hex digits")
        }
        return bytes
    }

    func nodePublicKey() throws(ConfigurationError) -> NodePublicKey {
        guard let bytes = try? data(), bytes.count == 64, let key = try? NodePublicKey(checking: bytes) else {
            throw fault("a P-256 public key: 0x and 128 hex digits, x then y, on the curve")
        }
        return key
    }

    func duration() throws(ConfigurationError) -> Duration {
        guard case .string(let text) = value, let duration = Duration(text: text) else {
            throw fault("a duration such as \"1s\", \"250ms\" or \"0\"")
        }
        return duration
    }

    func endpoint() throws(ConfigurationError) -> Endpoint {
        guard case .string(let text) = value, let endpoint = Endpoint(text: text) else {
            throw fault("host:port, for example 127.0.0.1:8545")
        }
        return endpoint
    }

    /// This field, or nil where its key is absent: `try field["gasLimit"].present?.unsigned() ?? 60_000_000`.
    var present: JSONField? { value == nil ? nil : self }
}
