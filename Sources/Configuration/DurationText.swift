extension Duration {
    /// Longer durations in settings are typing errors: one day.
    public static let settingMax = Duration.seconds(86_400)

    /// Reads a whole number and its unit: "250ms", "1s", "2m"; "0" needs no unit.
    ///
    /// - Returns: nil for anything else, and beyond `settingMax`.
    public init?(text: String) {
        if text == "0" {
            self = .zero
            return
        }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 86_400_000 else { return nil }
        let duration: Duration
        switch text[digits.endIndex...] {
        case "ms": duration = .milliseconds(count)
        case "s": duration = .seconds(count)
        case "m": duration = .seconds(60 * count)
        default: return nil
        }
        guard duration <= Self.settingMax else { return nil }
        self = duration
    }

    /// Whole milliseconds, rounded down; settings below a millisecond do not exist.
    public var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(Swift.max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }

    /// The shortest text that `init(text:)` reads back, for whole milliseconds.
    public var text: String {
        let milliseconds = wholeMilliseconds
        return milliseconds.isMultiple(of: 1000) ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
