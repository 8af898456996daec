import Compression
import FoundationEssentials
import Primitives
import RPC

/// The members of a JSON object in a file, read with the file's name for what is wrong.
struct DocumentFields {
    let file: String
    /// Where in the file it stands, for errors; empty at its top.
    private let place: String
    let object: JSONObject

    /// Reads a whole document.
    init(file: String) throws(ImportProblem) {
        let bytes = try DocumentFields.content(of: file, limit: ImportLimits.documentBytesMax)
        var limits = JSONLimits()
        limits.valuesMax = ImportLimits.documentValuesMax
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(bytes, limits: limits)
        } catch {
            throw .malformed(file: file, reason: "\(error)")
        }
        guard let object = document.object else { throw .malformed(file: file, reason: "expected an object") }
        self.init(file: file, place: "", object: object)
    }

    private init(file: String, place: String, object: JSONObject) {
        (self.file, self.place, self.object) = (file, place, object)
    }

    /// All of the file, unpacked where gzip has packed it.
    static func content(of file: String, limit: Int) throws(ImportProblem) -> Bytes {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: file))
        } catch {
            throw .unreadable(file: file, reason: "\(error)")
        }
        guard data.count <= limit else { throw .tooLarge(file: file, bytes: data.count, limit: limit) }
        let bytes = Bytes(data)
        guard isGzip(bytes) else { return bytes }
        do throws(GunzipError) {
            return try gunzipped(bytes, limit: limit)
        } catch {
            throw .malformed(file: file, reason: "\(error)")
        }
    }

    func wrong(_ name: String, _ reason: String) -> ImportProblem {
        .malformed(file: file, reason: "\(place)\(name): \(reason)")
    }

    private func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// The object of that name, or nil.
    func fields(_ name: String) throws(ImportProblem) -> DocumentFields? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrong(name, "expected an object") }
        return DocumentFields(file: file, place: "\(place)\(name).", object: object)
    }

    /// A number in JSON, or as text in hex or decimal; nil where it is missing.
    func word(_ name: String) throws(ImportProblem) -> UInt256? {
        guard let value = value(name) else { return nil }
        if case .number(let digits) = value, let word = try? UInt256(decimal: digits) { return word }
        guard let text = value.string else { throw wrong(name, "expected a number") }
        if text.hasPrefix("0x") {
            let digits = text.dropFirst(2)
            guard digits.count <= 64, digits.allSatisfy(\.isHexDigit) else { throw wrong(name, "expected a number") }
            let padded = String(repeating: "0", count: 64 - digits.count) + digits
            if let hash = try? Hash32(hex: "0x" + padded) { return UInt256(hash) }
        }
        guard let word = try? UInt256(decimal: text) else { throw wrong(name, "expected a number, found \(text)") }
        return word
    }

    func number(_ name: String) throws(ImportProblem) -> UInt64? {
        guard let word = try word(name) else { return nil }
        guard let number = word.asUInt64 else { throw wrong(name, "\(word) does not fit 64 bits") }
        return number
    }

    func data(_ name: String) throws(ImportProblem) -> Bytes? {
        guard let value = value(name) else { return nil }
        guard let text = value.string, let data = try? Bytes(hex: text) else {
            throw wrong(name, "expected bytes in hex")
        }
        return data
    }

    func address(_ name: String) throws(ImportProblem) -> Address? {
        guard let bytes = try data(name) else { return nil }
        guard bytes.count == 20 else { throw wrong(name, "expected 20 bytes, found \(bytes.count)") }
        return Address(bytes)
    }

    func hash(_ name: String) throws(ImportProblem) -> Hash32? {
        guard let bytes = try data(name) else { return nil }
        guard bytes.count == 32 else { throw wrong(name, "expected 32 bytes, found \(bytes.count)") }
        return Hash32(bytes)
    }
}
