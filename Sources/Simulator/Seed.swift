/// The one number from which every option and every accident of a run is drawn.
public struct Seed: Sendable, Hashable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) {
        self.value = value
    }

    public var description: String { "\(value)" }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, fast and the same everywhere.
struct SeededGenerator: Sendable {
    private var state: UInt64

    init(seed: Seed) {
        state = seed.value
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True in `percent` of a hundred cases.
    mutating func chance(_ percent: UInt64) -> Bool {
        percent > 0 && next() % 100 < percent
    }

    /// A whole number in `range`.
    mutating func pick(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + next() % (range.upperBound - range.lowerBound + 1)
    }

    /// `items` in an order in which each is as likely as any other (Fisher-Yates).
    mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
        var items = items
        for index in items.indices.dropFirst().reversed() { items.swapAt(index, Int(pick(0...UInt64(index)))) }
        return items
    }

    /// - Precondition: `choices` is not empty.
    mutating func oneOf<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int(next() % UInt64(choices.count))]
    }
}
