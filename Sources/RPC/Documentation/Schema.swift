/// JSON schemas (draft 7, as OpenRPC wants them) of what goes in and out. Each has a name in the document.
enum Schema {
    /// A reference to the schema of that name.
    static func named(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    static func array(of element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    static func orNull(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, null]] }

    static let null: JSONValue = ["type": "null"]
    static let boolean: JSONValue = ["type": "boolean"]
    static let object: JSONValue = ["type": "object"]
    static let text: JSONValue = ["type": "string"]

    /// An object with these members, all of them always there, and maybe others.
    static func object(_ title: String, _ members: [(String, JSONValue)]) -> JSONValue {
        [
            "title": .string(title), "type": "object",
            "required": .array(members.map { .string($0.0) }),
            "properties": .object(JSONObject(members.map { JSONObject.Member($0.0, $0.1) })),
        ]
    }

    /// An object that may have these members.
    static func options(_ title: String, _ members: [(String, JSONValue)]) -> JSONValue {
        [
            "title": .string(title), "type": "object",
            "properties": .object(JSONObject(members.map { JSONObject.Member($0.0, $0.1) })),
        ]
    }

    private static func hex(_ title: String, _ pattern: String) -> JSONValue {
        ["title": .string(title), "type": "string", "pattern": .string(pattern)]
    }

    static let quantity = named("Quantity")
    static let hash = named("Hash")
    static let address = named("Address")
    static let bytes = named("Bytes")

    /// Everything that has a name, in the order of the document.
    static let components: [(name: String, schema: JSONValue)] =
        [
            ("Address", hex("hex encoded address", "^0x[0-9a-fA-F]{40}$")),
            ("Hash", hex("32 byte hex value", "^0x[0-9a-fA-F]{64}$")),
            ("Bytes", hex("hex encoded bytes", "^0x([0-9a-fA-F]{2})*$")),
            ("Signature", hex("65 hex encoded bytes", "^0x[0-9a-f]{130}$")),
            ("Quantity", hex("hex encoded unsigned integer", "^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$")),
            ("StorageKey", hex("up to 32 hex encoded bytes", "^(0x)?[0-9a-fA-F]{0,64}$")),
            ("BlockTag", ["type": "string", "enum": ["latest", "safe", "finalized", "pending", "earliest"]]),
            ("BlockNumberOrTag", ["anyOf": [named("Quantity"), named("BlockTag")]]),
            (
                "BlockNumberOrTagOrHash",
                [
                    "anyOf": [
                        named("Quantity"), named("BlockTag"), named("Hash"),
                        options(
                            "EIP-1898 object",
                            [
                                ("blockNumber", named("BlockNumberOrTag")), ("blockHash", hash),
                                ("requireCanonical", boolean),
                            ]),
                    ]
                ]
            ),
        ] + requests + answers

    private static let requests: [(name: String, schema: JSONValue)] = [
        (
            "AccessList",
            array(of: object("access list entry", [("address", address), ("storageKeys", array(of: hash))]))
        ),
        (
            "TransactionObject",
            options(
                "transaction object",
                [
                    ("from", address), ("to", orNull(address)), ("gas", quantity), ("gasPrice", quantity),
                    ("maxFeePerGas", quantity), ("maxPriorityFeePerGas", quantity), ("value", quantity),
                    ("nonce", quantity), ("chainId", quantity), ("input", bytes), ("data", bytes),
                    ("accessList", named("AccessList")), ("authorizationList", array(of: object)),
                ])
        ),
        (
            "LogFilter",
            options(
                "filter object",
                [
                    ("fromBlock", named("BlockNumberOrTag")), ("toBlock", named("BlockNumberOrTag")),
                    ("blockHash", hash), ("address", ["anyOf": [null, address, array(of: address)]]),
                    (
                        "topics",
                        ["anyOf": [null, array(of: ["anyOf": [null, hash, array(of: orNull(hash))]])]]
                    ),
                ])
        ),
        ("Overrides", ["title": "object of overrides", "type": "object"]),
    ]

    private static let header: [(String, JSONValue)] = [
        ("number", quantity), ("hash", orNull(hash)), ("parentHash", hash), ("nonce", orNull(bytes)),
        ("mixHash", hash), ("sha3Uncles", hash), ("logsBloom", bytes), ("transactionsRoot", hash),
        ("stateRoot", hash), ("receiptsRoot", hash), ("miner", orNull(address)), ("difficulty", quantity),
        ("extraData", bytes), ("gasLimit", quantity), ("gasUsed", quantity), ("timestamp", quantity),
    ]

    private static let answers: [(name: String, schema: JSONValue)] = [
        ("Header", object("header", header)),
        (
            "Block",
            object(
                "block",
                header + [
                    ("size", quantity),
                    ("transactions", array(of: ["anyOf": [hash, named("Transaction")]])),
                    ("uncles", array(of: hash)),
                ])
        ),
        (
            "Transaction",
            object(
                "transaction",
                [
                    ("blockHash", orNull(hash)), ("blockNumber", orNull(quantity)), ("from", address),
                    ("gas", quantity), ("gasPrice", quantity), ("hash", hash), ("input", bytes), ("nonce", quantity),
                    ("to", orNull(address)), ("transactionIndex", orNull(quantity)), ("value", quantity),
                    ("type", quantity), ("v", quantity), ("r", quantity), ("s", quantity),
                ])
        ),
        (
            "Log",
            object(
                "log",
                [
                    ("address", address), ("topics", array(of: hash)), ("data", bytes), ("blockNumber", quantity),
                    ("transactionHash", hash), ("transactionIndex", quantity), ("blockHash", hash),
                    ("blockTimestamp", quantity), ("logIndex", quantity), ("removed", boolean),
                ])
        ),
        (
            "Receipt",
            object(
                "receipt",
                [
                    ("blockHash", hash), ("blockNumber", quantity), ("contractAddress", orNull(address)),
                    ("cumulativeGasUsed", quantity), ("effectiveGasPrice", quantity), ("from", address),
                    ("gasUsed", quantity), ("logs", array(of: named("Log"))), ("logsBloom", bytes),
                    ("to", orNull(address)), ("transactionHash", hash), ("transactionIndex", quantity),
                    ("type", quantity),
                ])
        ),
        (
            "Proof",
            object(
                "account proof",
                [
                    ("address", address), ("accountProof", array(of: bytes)), ("balance", quantity),
                    ("codeHash", hash), ("nonce", quantity), ("storageHash", hash),
                    (
                        "storageProof",
                        array(
                            of: object(
                                "storage proof",
                                [("key", named("StorageKey")), ("value", quantity), ("proof", array(of: bytes))]))
                    ),
                ])
        ),
    ]
}
