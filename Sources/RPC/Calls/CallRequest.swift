import Chain
import Primitives

/// The transaction object of eth_call and eth_estimateGas: what would be sent, unsigned.
struct CallRequest {
    /// Who sends it; the zero address where nobody is named.
    let from: Address
    /// The gas limit, where one is named.
    let gas: UInt64?
    /// The rest, with fees of zero where none are named.
    let content: Transaction.Content

    init(_ argument: JSONValue) throws(ArgumentError) {
        guard let object = argument.object else {
            throw ArgumentError("expected a transaction object, found \(argument.kind)")
        }
        from = try member(object, "from", addressArgument) ?? .zero
        gas = try member(object, "gas", quantityArgument)
        let price = try member(object, "gasPrice", wideQuantityArgument)
        let cap = try member(object, "maxFeePerGas", wideQuantityArgument)
        let tip = try member(object, "maxPriorityFeePerGas", wideQuantityArgument)
        if price != nil, cap != nil || tip != nil {
            throw ArgumentError("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
        }
        if let cap, let tip, cap < tip { throw ArgumentError("max priority fee per gas higher than max fee per gas") }
        let authorizations = try elements(object, "authorizationList", authorizationArgument)
        content = Transaction.Content(
            kind: authorizations.isEmpty ? .dynamicFee : .setCode,
            chainID: try member(object, "chainId", quantityArgument),
            nonce: try member(object, "nonce", quantityArgument) ?? 0,
            maxPriorityFeePerGas: price ?? tip ?? .zero, maxFeePerGas: price ?? cap ?? .zero, gasLimit: gas ?? 0,
            to: try member(object, "to", addressArgument),
            value: try member(object, "value", wideQuantityArgument) ?? .zero, data: try callData(object),
            accessList: try elements(object, "accessList", accessListEntry),
            authorizations: authorizations)
    }
}

/// The member of that name, read by `read`; nil where it is missing or null.
private func member<Value>(
    _ object: JSONObject, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> Value? {
    guard let value = object[name], !value.isNull else { return nil }
    do {
        return try read(value)
    } catch {
        throw ArgumentError("\(name): \(error.reason)")
    }
}

/// The elements of the array of that name; none where it is missing or null.
private func elements<Value>(
    _ object: JSONObject, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> [Value] {
    try member(object, name) { value throws(ArgumentError) in
        guard let elements = value.array else { throw ArgumentError("expected an array, found \(value.kind)") }
        var values: [Value] = []
        for element in elements { values.append(try read(element)) }
        return values
    } ?? []
}

private func required<Value>(
    _ value: JSONValue, _ name: String, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> Value {
    guard let object = value.object else { throw ArgumentError("expected an object, found \(value.kind)") }
    guard let found = try member(object, name, read) else { throw ArgumentError("\(name) is missing") }
    return found
}

/// `input`, or `data` as it was called before.
private func callData(_ object: JSONObject) throws(ArgumentError) -> Bytes {
    let input = try member(object, "input", dataArgument)
    let data = try member(object, "data", dataArgument)
    if let input, let data, input != data {
        throw ArgumentError(
            "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data")
    }
    return input ?? data ?? []
}

private func accessListEntry(_ value: JSONValue) throws(ArgumentError) -> AccessListEntry {
    AccessListEntry(
        address: try required(value, "address", addressArgument),
        storageKeys: try elements(value.object ?? JSONObject(), "storageKeys", hashArgument))
}

private func authorizationArgument(_ value: JSONValue) throws(ArgumentError) -> Authorization {
    Authorization(
        chainID: try required(value, "chainId", wideQuantityArgument),
        address: try required(value, "address", addressArgument), nonce: try required(value, "nonce", quantityArgument),
        yParity: UInt8(truncatingIfNeeded: try required(value, "yParity", quantityArgument)),
        r: try required(value, "r", wideQuantityArgument), s: try required(value, "s", wideQuantityArgument))
}
