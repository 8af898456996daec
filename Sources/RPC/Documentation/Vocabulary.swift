/// What the words of the method table mean as JSON schemas.
enum Vocabulary {
    /// The schema of a result that a row describes as `words`: a noun, "array of" nouns, "or null", "or false".
    ///
    /// Words that are not known describe anything; the document then says them and no more.
    static func schema(ofResult words: String) -> JSONValue {
        if let schema = nouns[words] { return schema }
        if let noun = words.dropping(suffix: " or null") { return Schema.orNull(schema(ofResult: noun)) }
        if let noun = words.dropping(suffix: " or false") {
            return ["anyOf": [schema(ofResult: noun), ["const": false]]]
        }
        if let things = words.dropping(prefix: "array of ") { return Schema.array(of: schema(ofMany: things)) }
        if words == "object" || words.hasPrefix("object:") || words.hasPrefix("object of ") {
            return ["type": "object", "description": .string(words)]
        }
        return ["description": .string(words)]
    }

    /// The schema of each of several things: "logs", "hashes, transactions or logs".
    private static func schema(ofMany words: String) -> JSONValue {
        let kinds = words.split(separator: ", ").flatMap { $0.split(separator: " or ") }.map(String.init)
        let known = kinds.compactMap { plurals[$0] }
        if known.count == kinds.count { return known.count == 1 ? known[0] : ["anyOf": .array(known)] }
        return schema(ofResult: words.hasPrefix("objects") ? "object" + words.dropFirst("objects".count) : words)
    }

    private static let nouns: [String: JSONValue] = [
        "quantity": Schema.quantity, "number": ["type": "integer"], "text": Schema.text, "bytes": Schema.bytes,
        "32 bytes": Schema.hash, "65 bytes": Schema.named("Signature"), "address": Schema.address,
        "transaction hash": Schema.hash, "true": ["const": true], "true or false": Schema.boolean,
        "null": Schema.null, "filter id": Schema.quantity, "subscription id": Schema.quantity,
        "block": Schema.named("Block"), "header": Schema.named("Header"), "proof": Schema.named("Proof"),
        "transaction": Schema.named("Transaction"), "receipt": Schema.named("Receipt"), "log": Schema.named("Log"),
        "empty array": ["type": "array", "maxItems": .integer(0)],
        "signed transaction": Schema.object(
            "signed transaction", [("raw", Schema.bytes), ("tx", Schema.named("Transaction"))]),
    ]

    private static let plurals: [String: JSONValue] = [
        "addresses": Schema.address, "hashes": Schema.hash, "transactions": Schema.named("Transaction"),
        "receipts": Schema.named("Receipt"), "logs": Schema.named("Log"), "quantities": Schema.quantity,
        "texts": Schema.text,
    ]

    /// The schema of a parameter.
    static func schema(of kind: Parameter.Kind) -> JSONValue {
        switch kind {
        case .address: Schema.address
        case .hash: Schema.hash
        case .data: Schema.bytes
        case .quantity, .wideQuantity: Schema.quantity
        case .count: ["anyOf": [Schema.quantity, ["type": "integer", "minimum": .integer(0)]]]
        case .milliseconds: ["anyOf": [Schema.quantity, ["type": "integer", "minimum": .integer(1)]]]
        case .storageKey: Schema.named("StorageKey")
        case .storageKeys: Schema.array(of: Schema.named("StorageKey"))
        case .block: Schema.named("BlockNumberOrTag")
        case .blockOrHash: Schema.named("BlockNumberOrTagOrHash")
        case .flag: Schema.boolean
        case .call: Schema.named("TransactionObject")
        case .logFilter: Schema.named("LogFilter")
        case .stateOverrides, .blockOverrides: Schema.named("Overrides")
        case .percentiles: Schema.array(of: ["type": "number"])
        // Objects of our own, and those whose shape is a document of its own, are described in words.
        default: ["description": .string(kind.rawValue)]
        }
    }
}

extension String {
    fileprivate func dropping(suffix: String) -> String? {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
    }

    fileprivate func dropping(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
