/// Prometheus' text format: names, labels and numbers, one to a line.
struct MetricsText {
    private(set) var text = ""

    /// Begins a metric.
    ///
    /// - Parameter kind: "gauge", "counter" or "histogram".
    mutating func metric(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: UInt64) {
        sample(name, labels, value.description)
    }

    /// Metrics with one sample without labels.
    mutating func gauge(_ name: String, _ help: String, _ value: UInt64) {
        metric(name, "gauge", help)
        sample(name, [], value)
    }

    mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        metric(name, "counter", help)
        sample(name, [], value)
    }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
