import Fixtures
import Foundation
import Primitives
import RPC

/// The part of JSON Schema that the OpenRPC document of execution-apis uses.
struct Schema {
    private let results: [String: JSONValue]

    /// Schemas within schemas that are followed.
    private static let depthMax = 64

    /// Reads the assembled document, packed by gzip.
    init(document file: URL) throws {
        let document = try JSONParser.parse(Fixtures.unpacked(Data(contentsOf: file)))
        var results: [String: JSONValue] = [:]
        for method in document["methods"]?.array ?? [] {
            guard let name = method["name"]?.string, let schema = method["result"]?["schema"] else { continue }
            results[name] = schema
        }
        self.results = results
    }

    /// What is wrong with `result` as an answer of `method`; nil if nothing is.
    func problem(of result: JSONValue, method: String) -> String? {
        guard let schema = results[method] else { return "the specification has no method \(method)" }
        return Self.problem(of: result, schema, at: "result", depth: 0)
    }

    private static func problem(of value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        guard depth < depthMax else { return "\(path): the schema is too deep" }
        if case .bool(let allowed) = schema { return allowed ? nil : "\(path): nothing is allowed here" }
        if let kind = schema["type"]?.string, !isOfKind(value, kind) { return "\(path): expected \(kind)" }
        if let constant = schema["const"], constant != value { return "\(path): is not the constant" }
        if let values = schema["enum"]?.array, !values.contains(value) { return "\(path): is none of the values" }
        if let pattern = schema["pattern"]?.string, let text = value.string {
            guard let regex = try? Regex(pattern) else { return "\(path): the pattern \(pattern) is no pattern" }
            if text.firstMatch(of: regex) == nil { return "\(path): \(text.prefix(80)) is not of the form \(pattern)" }
        }
        if let least = schema["minimum"]?.double, let number = value.double, number < least {
            return "\(path): below \(least)"
        }
        if let most = schema["maximum"]?.double, let number = value.double, number > most {
            return "\(path): above \(most)"
        }
        return alternatives(value, schema, path, depth) ?? members(value, schema, path, depth)
            ?? elements(value, schema, path, depth)
    }

    private static func isOfKind(_ value: JSONValue, _ kind: String) -> Bool {
        switch kind {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "boolean": value.bool != nil
        case "integer": value.int64 != nil
        case "number": value.double != nil
        case "null": value.isNull
        default: false
        }
    }

    private static func alternatives(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ depth: Int) -> String? {
        for (name, isExclusive) in [("oneOf", true), ("anyOf", false)] {
            guard let choices = schema[name]?.array else { continue }
            let problems = choices.map { problem(of: value, $0, at: path, depth: depth + 1) }
            let fitting = problems.count { $0 == nil }
            if fitting == 0 {
                let reasons = problems.compactMap(\.self).joined(separator: "; ")
                return "\(path): fits none of \(choices.count) forms: \(reasons)"
            }
            if isExclusive, fitting > 1 { return "\(path): fits \(fitting) forms instead of one" }
        }
        return nil
    }

    private static func members(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ depth: Int) -> String? {
        guard let object = value.object else { return nil }
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
            return "\(path): \(name) is missing"
        }
        for member in object.members {
            let place = "\(path).\(member.name)"
            if let known = schema["properties"]?[member.name] {
                if let problem = problem(of: member.value, known, at: place, depth: depth + 1) { return problem }
            } else if let other = schema["additionalProperties"] {
                if let problem = problem(of: member.value, other, at: place, depth: depth + 1) { return problem }
            }
        }
        return nil
    }

    private static func elements(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ depth: Int) -> String? {
        guard let elements = value.array, let schema = schema["items"] else { return nil }
        for (index, element) in elements.enumerated() {
            if let problem = problem(of: element, schema, at: "\(path)[\(index)]", depth: depth + 1) { return problem }
        }
        return nil
    }
}
