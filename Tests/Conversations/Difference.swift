import RPC

/// Where two answers part: a path such as `result.logs[2].data`, and both values.
struct Difference {
    let path: String
    let expected: JSONValue?
    let found: JSONValue?

    /// The longest part of a value that is printed.
    private static let shownMax = 120

    var text: String { "\(path): expected \(Self.shown(expected)), found \(Self.shown(found))" }

    private static func shown(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        let text =
            switch value {
            case .string(let text): "\"\(text)\""
            case .number(let digits): digits
            case .bool(let flag): "\(flag)"
            case .null: "null"
            case .array(let elements): "[\(elements.count) elements]"
            case .object(let object): "{\(object.members.map(\.name).joined(separator: ", "))}"
            }
        return text.count > shownMax ? text.prefix(shownMax) + "…" : text
    }

    /// All differences between two answers. What an error says in words is nobody's business, its code and data are.
    static func all(expected: JSONValue, found: JSONValue) -> [Difference] {
        var differences: [Difference] = []
        compare(expected, found, at: "", &differences)
        return differences
    }

    private static func compare(
        _ expected: JSONValue, _ found: JSONValue, at path: String, _ differences: inout [Difference]
    ) {
        if let theirs = expected.array, let ours = found.array {
            for index in 0..<max(theirs.count, ours.count) {
                let place = "\(path)[\(index)]"
                guard index < theirs.count, index < ours.count else {
                    differences.append(
                        Difference(
                            path: place, expected: index < theirs.count ? theirs[index] : nil,
                            found: index < ours.count ? ours[index] : nil))
                    continue
                }
                compare(theirs[index], ours[index], at: place, &differences)
            }
        } else if let theirs = expected.object, let ours = found.object {
            var names = theirs.members.map(\.name)
            names += ours.members.map(\.name).filter { theirs[$0] == nil }
            for name in names where !(path == "error" && name == "message") {
                let place = path.isEmpty ? name : "\(path).\(name)"
                if let left = theirs[name], let right = ours[name] {
                    compare(left, right, at: place, &differences)
                } else {
                    differences.append(Difference(path: place, expected: theirs[name], found: ours[name]))
                }
            }
        } else if expected != found {
            differences.append(Difference(path: path, expected: expected, found: found))
        }
    }
}
