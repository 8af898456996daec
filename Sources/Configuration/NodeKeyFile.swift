public import Crypto
internal import Primitives

/// A node's secret key on disk: one line of 0x and 64 hex digits, readable by its owner only.
public enum NodeKeyFile {
    /// Reads the key; refuses a file whose mode lets anyone else read it.
    public static func read(_ path: String) throws(ConfigurationError) -> NodeKey {
        let bytes = try SettingsFile.read(path)
        if let mode = SettingsFile.mode(path), mode & 0o077 != 0 {
            throw .exposedSecret(file: path, mode: String(mode, radix: 8))
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        // The found value is not shown: it may be a secret that is only slightly wrong.
        guard text[line.endIndex...].allSatisfy(\.isWhitespace), let secret = try? Hash32(hex: String(line)),
            let key = try? NodeKey(secret)
        else {
            throw .wrong(
                file: path, keyPath: "key", expected: "one line: 0x and 64 hex digits, a P-256 secret",
                found: "\(bytes.count) bytes that are not")
        }
        return key
    }

    public static func write(_ key: NodeKey, to path: String) throws(ConfigurationError) {
        try SettingsFile.write(Bytes((key.secret.hex + "\n").utf8), to: path, mode: 0o600)
    }
}
