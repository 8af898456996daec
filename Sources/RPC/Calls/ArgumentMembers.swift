import Primitives

// Members of objects that callers give, read one by one. Every failure names the member.

/// The member of that name, read by `read`; nil where it is missing or null.
func member<Value>(
    _ object: JSONObject, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> Value? {
    guard let value = object[name], !value.isNull else { return nil }
    do {
        return try read(value)
    } catch {
        throw ArgumentError("\(name): \(error.reason)")
    }
}

/// The elements of the array of that name; nil where it is missing or null.
func optionalElements<Value>(
    _ object: JSONObject, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> [Value]? {
    try member(object, name) { value throws(ArgumentError) in
        guard let elements = value.array else { throw ArgumentError("expected an array, found \(value.kind)") }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try read(element)) }
        return values
    }
}

/// The elements of the array of that name; none where it is missing or null.
func elements<Value>(
    _ object: JSONObject, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> [Value] {
    try optionalElements(object, name, read) ?? []
}

/// The member of that name of an object, which must be there.
func required<Value>(
    _ value: JSONValue, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> Value {
    guard let found = try member(try objectArgument(value), name, read) else {
        throw ArgumentError("\(name) is missing")
    }
    return found
}

func objectArgument(_ value: JSONValue) throws(ArgumentError) -> JSONObject {
    guard let object = value.object else { throw ArgumentError("expected an object, found \(value.kind)") }
    return object
}

func booleanArgument(_ value: JSONValue) throws(ArgumentError) -> Bool {
    guard let flag = value.bool else { throw ArgumentError("expected true or false, found \(value.kind)") }
    return flag
}
