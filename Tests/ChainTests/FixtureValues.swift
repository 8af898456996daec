import Primitives
import Testing

/// Reading the values of vectors: hex with or without 0x, decimal numbers, strings.
extension [String: Any] {
    func text(_ key: String) throws -> String {
        try #require(self[key] as? String, "\(key) is missing")
    }

    func bytes(_ key: String) throws -> Bytes {
        let text = try text(key)
        return try Bytes(hex: text.hasPrefix("0x") ? text : "0x" + text)
    }

    func hash(_ key: String) throws -> Hash32 {
        try Hash32(checking: bytes(key))
    }

    func address(_ key: String) throws -> Address {
        try Address(checking: bytes(key))
    }

    func object(_ key: String) throws -> [String: Any] {
        try #require(self[key] as? [String: Any], "\(key) is not an object")
    }

    func objects(_ key: String) throws -> [[String: Any]] {
        try #require(self[key] as? [[String: Any]], "\(key) is not a list of objects")
    }

    /// A hex quantity, which may have leading zeros, or a number of JSON.
    func number(_ key: String) throws -> UInt64 {
        if let number = self[key] as? Int { return UInt64(number) }
        let text = try text(key)
        return try #require(UInt64(text.dropFirst(2), radix: 16), "\(key) is not a number")
    }
}
