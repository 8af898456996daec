import Primitives

/// The positional arguments of one call. Every reader throws -32602 that names the argument.
struct Arguments: Sendable {
    let values: [JSONValue]
    /// The connection that asks, by number; nil where it is not known.
    var caller: UInt64?

    init(values: [JSONValue], caller: UInt64? = nil) {
        (self.values, self.caller) = (values, caller)
    }

    /// The argument, or nil where it was left out or null.
    subscript(index: Int) -> JSONValue? {
        guard index < values.count, !values[index].isNull else { return nil }
        return values[index]
    }

    func required(_ index: Int) throws(RPCError) -> JSONValue {
        guard let value = self[index] else { throw .missingArgument(index) }
        return value
    }

    /// Reads the argument with `read`, which throws the reason as text.
    func read<Value>(
        _ index: Int, _ read: (JSONValue) throws(ArgumentError) -> Value
    ) throws(RPCError) -> Value {
        let value = try required(index)
        do {
            return try read(value)
        } catch {
            throw .invalidArgument(index, error.reason)
        }
    }

    func readOptional<Value>(
        _ index: Int, _ reader: (JSONValue) throws(ArgumentError) -> Value
    ) throws(RPCError) -> Value? {
        self[index] == nil ? nil : try read(index, reader)
    }

    func address(_ index: Int) throws(RPCError) -> Address { try read(index, addressArgument) }
    func hash(_ index: Int) throws(RPCError) -> Hash32 { try read(index, hashArgument) }
    func data(_ index: Int) throws(RPCError) -> Bytes { try read(index, dataArgument) }
    func quantity(_ index: Int) throws(RPCError) -> UInt64 { try read(index, quantityArgument) }

    func flag(_ index: Int) throws(RPCError) -> Bool? {
        try readOptional(index) { value throws(ArgumentError) in
            guard let flag = value.bool else { throw ArgumentError("expected true or false, found \(value.kind)") }
            return flag
        }
    }
}

/// Why an argument is not what it should be.
struct ArgumentError: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// The hex digits of a JSON string after 0x.
func hexDigitsArgument(_ value: JSONValue) throws(ArgumentError) -> Substring.UTF8View {
    guard let text = value.string else { throw ArgumentError("expected a hex string, found \(value.kind)") }
    guard !text.isEmpty else { throw ArgumentError("empty hex string") }
    guard text.hasPrefix("0x") || text.hasPrefix("0X") else { throw ArgumentError("hex string without 0x prefix") }
    return text.dropFirst(2).utf8
}

/// Bytes in hex: an even number of digits.
func dataArgument(_ value: JSONValue) throws(ArgumentError) -> Bytes {
    let digits = try hexDigitsArgument(value)
    var bytes = Bytes()
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
        guard let nibble = hexValue(digit) else { throw ArgumentError("invalid hex string") }
        if let first = high {
            bytes.append(first << 4 | nibble)
            high = nil
        } else {
            high = nibble
        }
    }
    guard high == nil else { throw ArgumentError("hex string of odd length") }
    return bytes
}

func addressArgument(_ value: JSONValue) throws(ArgumentError) -> Address {
    let bytes = try dataArgument(value)
    guard bytes.count == 20 else {
        throw ArgumentError("hex string has length \(2 * bytes.count), want 40 for address")
    }
    return Address(bytes)
}

func hashArgument(_ value: JSONValue) throws(ArgumentError) -> Hash32 {
    let bytes = try dataArgument(value)
    guard bytes.count == 32 else {
        throw ArgumentError("hex string has length \(2 * bytes.count), want 64 for hash")
    }
    return Hash32(bytes)
}

/// A hex number of at most `digitsMax` digits, without leading zeros, as big-endian bytes.
private func numberArgument(_ value: JSONValue, digitsMax: Int) throws(ArgumentError) -> Bytes {
    let digits = try hexDigitsArgument(value)
    guard let first = digits.first else { throw ArgumentError("hex string \"0x\"") }
    guard first != UInt8(ascii: "0") || digits.count == 1 else {
        throw ArgumentError("hex number with leading zero digits")
    }
    guard digits.count <= digitsMax else { throw ArgumentError("hex number > \(4 * digitsMax) bits") }
    var bytes = Bytes()
    var isHigh = digits.count.isMultiple(of: 2)
    for digit in digits {
        guard let nibble = hexValue(digit) else { throw ArgumentError("invalid hex string") }
        if isHigh || bytes.isEmpty { bytes.append(0) }
        bytes[bytes.count - 1] = bytes[bytes.count - 1] << 4 | nibble
        isHigh.toggle()
    }
    return bytes
}

/// A hex number of 64 bits.
func quantityArgument(_ value: JSONValue) throws(ArgumentError) -> UInt64 {
    try numberArgument(value, digitsMax: 16).reduce(0) { $0 << 8 | UInt64($1) }
}

/// A hex number of 256 bits.
func wideQuantityArgument(_ value: JSONValue) throws(ArgumentError) -> UInt256 {
    UInt256(bigEndian: try numberArgument(value, digitsMax: 64))
}

/// A storage key: up to 32 bytes, also with an odd number of digits, and whether it was written out in full.
func storageKeyArgument(_ value: JSONValue) throws(ArgumentError) -> (slot: UInt256, isFull: Bool) {
    guard let text = value.string else {
        throw ArgumentError("unable to decode storage key: expected a hex string, found \(value.kind)")
    }
    let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2).utf8 : text[...].utf8
    guard digits.count <= 64 else {
        throw ArgumentError(
            "storage key too long (want at most 32 bytes): \"\(text.prefix(RPCError.echoedTextMax))\"")
    }
    var bytes = Bytes(repeating: 0, count: 32)
    for (place, digit) in digits.reversed().enumerated() {
        guard let nibble = hexValue(digit) else {
            throw ArgumentError("unable to decode storage key: invalid hex string")
        }
        bytes[31 - place / 2] |= place.isMultiple(of: 2) ? nibble : nibble << 4
    }
    return (UInt256(bigEndian: bytes), digits.count == 64)
}
