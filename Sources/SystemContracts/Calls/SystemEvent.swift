/// An event of a native contract, with the types of its fields.
struct SystemEvent<each Field: ABICodable>: Sendable {
    let declaration: ABIEvent

    init(_ name: String, _ fields: repeat EventField<each Field>) {
        var declared: [ABIEvent.Field] = []
        repeat declared.append((each fields).declaration)
        declaration = ABIEvent(name, fields: declared)
    }
}

/// A field of an event, and whether clients can search by it.
struct EventField<Value: ABICodable>: Sendable {
    let declaration: ABIEvent.Field

    static func indexed(_ name: String) -> EventField {
        EventField(declaration: ABIEvent.Field(ABIParameter(name, Value.abiType), isIndexed: true))
    }

    static func plain(_ name: String) -> EventField {
        EventField(declaration: ABIEvent.Field(ABIParameter(name, Value.abiType), isIndexed: false))
    }
}
