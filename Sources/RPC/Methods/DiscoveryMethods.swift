/// rpc_modules and rpc.discover: what this node can be asked, told from the table that answers.
///
/// - Parameter table: All other rows.
func discoveryMethods(_ context: RPCContext, documenting table: [RPCMethod]) -> [RPCMethod] {
    let modules = MethodDescription(
        name: "rpc_modules", summary: "The families of methods, each with its version.", parameters: [],
        result: "object of texts")
    let discover = MethodDescription(
        name: "rpc.discover", summary: "This document: every method with its parameters and result (OpenRPC 1.3).",
        parameters: [], result: "object")
    let methods = (table.map(\.description) + [modules, discover]).sorted { $0.name < $1.name }
    let families = Set(methods.map { $0.name.prefix { $0 != "_" && $0 != "." } }).sorted()
    let document = openRPC(methods, version: context.clientVersion)
    return [
        RPCMethod(
            modules,
            .immediate { _, writer in
                writer.value(.object(JSONObject(families.map { JSONObject.Member(String($0), "1.0") })))
            }),
        RPCMethod(discover, .reading { _, writer in writer.value(document) }),
    ]
}

/// The OpenRPC document of `methods` (spec.open-rpc.org).
private func openRPC(_ methods: [MethodDescription], version: String) -> JSONValue {
    [
        "openrpc": "1.3.2",
        "info": [
            "title": "Firetower JSON-RPC", "version": .string(version),
            "description": "Ethereum's methods, Klaytn's names for them, and those of the council and its rangers.",
        ],
        "methods": .array(methods.map(\.openRPC)),
        "components": [
            "schemas": .object(JSONObject(Schema.components.map { JSONObject.Member($0.name, $0.schema) }))
        ],
    ]
}

extension MethodDescription {
    fileprivate var openRPC: JSONValue {
        [
            "name": .string(name),
            "summary": .string(summary),
            "paramStructure": "by-position",
            "params": .array(
                parameters.map { parameter in
                    [
                        "name": .string(parameter.name), "required": .bool(parameter.isRequired),
                        "description": .string(parameter.kind.rawValue),
                        "schema": Vocabulary.schema(of: parameter.kind),
                    ]
                }),
            "result": ["name": .string(result), "schema": Vocabulary.schema(ofResult: result)],
        ]
    }
}
