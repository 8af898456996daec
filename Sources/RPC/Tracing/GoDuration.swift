extension Duration {
    /// Reads a span of time as Go programs write it: `5s`, `300ms`, `1m30s`, `1.5h`. Nil for what is none.
    ///
    /// Years and more come out as a thousand hours; what is negative as zero.
    init?(goText text: String) {
        var rest = text[...].utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        var nanoseconds = 0.0
        if rest.elementsEqual("0".utf8) { rest = rest.dropFirst() }
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) && $0 != UInt8(ascii: ".") }
            rest = rest.dropFirst(unit.count)
            guard let amount = Self.amount(digits), let scale = Self.nanoseconds[String(unit) ?? ""] else {
                return nil
            }
            nanoseconds += amount * scale
        }
        self = isNegative ? .zero : .nanoseconds(Int64(min(nanoseconds, Self.longest).rounded()))
    }

    /// The span to the millisecond as Go programs write it, in minutes at most: `300ms`, `5s`, `1.5s`, `1m30s`.
    var goText: String {
        let (seconds, attoseconds) = components
        let thousandths = attoseconds / 1_000_000_000_000_000
        if seconds == 0, thousandths > 0 { return "\(thousandths)ms" }
        var fraction = ""
        if thousandths > 0 {
            fraction = ".\(String(1_000 + thousandths).dropFirst())"
            while fraction.last == "0" { fraction.removeLast() }
        }
        return (seconds >= 60 ? "\(seconds / 60)m" : "") + "\(seconds % 60)\(fraction)s"
    }

    /// Digits with at most one point, and at least one digit.
    private static func amount(_ digits: Substring.UTF8View) -> Double? {
        guard digits.contains(where: { $0 != UInt8(ascii: ".") }) else { return nil }
        guard digits.count(where: { $0 == UInt8(ascii: ".") }) <= 1 else { return nil }
        return Double("0" + (String(digits) ?? "") + (digits.last == UInt8(ascii: ".") ? "0" : ""))
    }

    private static let longest = 1_000 * 3.6e12

    /// The units of Go's time.ParseDuration; µ has two characters.
    private static let nanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "\u{b5}s": 1e3, "\u{3bc}s": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3.6e12,
    ]
}
