/// Something that goes wrong at a certain moment of the safety phase. A machine is known by its index.
public struct Accident: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// One machine loses power for a while.
        case powerCut(machine: Int, lasting: Duration)
        /// All machines lose power, and come back one after the other within that time.
        case blackout(lasting: Duration)
        /// The connection between two machines breaks; whoever dials first restores it.
        case brokenLink(Int, Int)
        /// The machines of one side reach only each other.
        case partition(side: [Int], lasting: Duration)
        /// What one machine sends to another is lost, and neither of them notices.
        case oneWayLoss(from: Int, to: Int, lasting: Duration)
    }

    public let time: Duration
    public let kind: Kind

    public init(_ kind: Kind, at time: Duration) {
        self.kind = kind
        self.time = time
    }
}

extension Accident: CustomStringConvertible {
    public var description: String {
        let when = "at \(time.wholeMilliseconds) ms"
        return switch kind {
        case .powerCut(let machine, let lasting): "machine \(machine) off for \(lasting.wholeMilliseconds) ms \(when)"
        case .blackout(let lasting): "all off for \(lasting.wholeMilliseconds) ms \(when)"
        case .brokenLink(let one, let other): "link \(one)-\(other) breaks \(when)"
        case .partition(let side, let lasting): "\(side) alone for \(lasting.wholeMilliseconds) ms \(when)"
        case .oneWayLoss(let from, let to, let lasting):
            "\(from) does not reach \(to) for \(lasting.wholeMilliseconds) ms \(when)"
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
