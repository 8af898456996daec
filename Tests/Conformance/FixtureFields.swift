import Primitives

/// A JSON object of a test file.
typealias FixtureObject = [String: Any]

// Upstream writes every value as text: 0x and hex digits, with or without leading zeros, now and then none at all.
extension FixtureObject {
    func object(_ name: String) throws -> FixtureObject {
        guard let object = self[name] as? FixtureObject else { throw FixtureError("there is no object \(name)") }
        return object
    }

    func array(_ name: String) throws -> [Any] {
        guard let array = self[name] as? [Any] else { throw FixtureError("there is no list \(name)") }
        return array
    }

    func text(_ name: String) throws -> String {
        guard let text = self[name] as? String else { throw FixtureError("there is no text \(name)") }
        return text
    }

    func bytes(_ name: String) throws -> Bytes {
        try fixtureBytes(text(name), name)
    }

    func hash(_ name: String) throws -> Hash32 {
        let bytes = try bytes(name)
        // Short ones stand for numbers, as in `currentRandom`.
        guard bytes.count <= 32 else { throw FixtureError("\(name) has \(bytes.count) bytes, not 32") }
        return UInt256(bigEndian: bytes).hash
    }

    func address(_ name: String) throws -> Address {
        try fixtureAddress(text(name))
    }

    func word(_ name: String) throws -> UInt256 {
        try fixtureWord(text(name), name)
    }

    func number(_ name: String) throws -> UInt64 {
        // Some numbers are JSON numbers in packs of our own.
        if let number = self[name] as? Int, number >= 0 { return UInt64(number) }
        let word = try word(name)
        guard let number = word.asUInt64 else { throw FixtureError("\(name) does not fit 64 bits: \(word)") }
        return number
    }
}

func fixtureBytes(_ text: String, _ name: String) throws -> Bytes {
    do {
        return try Bytes(hex: text.hasPrefix("0x") || text.hasPrefix("0X") ? text : "0x" + text)
    } catch {
        throw FixtureError("\(name): \(error)")
    }
}

func fixtureAddress(_ text: String) throws -> Address {
    let bytes = try fixtureBytes(text, "address \(text)")
    guard bytes.count == 20 else { throw FixtureError("address \(text) has \(bytes.count) bytes") }
    return Address(bytes)
}

/// A quantity in hex, of any number of digits up to 256 bits.
func fixtureWord(_ text: String, _ name: String) throws -> UInt256 {
    var digits = text.utf8[...]
    if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) { digits = digits.dropFirst(2) }
    var word: UInt256 = 0
    for digit in digits {
        guard let value = hexValue(digit) else { throw FixtureError("\(name): not a hex quantity: \(text.prefix(80))") }
        guard word.leadingZeroBitCount >= 4 else {
            throw FixtureError("\(name): more than 256 bits: \(text.prefix(80))")
        }
        word = word << 4 | UInt256(UInt64(value))
    }
    return word
}
