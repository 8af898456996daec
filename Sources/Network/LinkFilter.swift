import Crypto
import NIOCore
import Primitives

/// How the link to one peer is disturbed on purpose: for tests of what the nodes above make of a bad network.
public struct LinkRule: Hashable, Sendable {
    /// No connection to the peer lives, whoever opens it.
    public var isCut: Bool
    /// Each frame that we send leaves so much later, and up to `jitter` more; frames keep their order.
    public var delay: Duration
    public var jitter: Duration
    /// So many of a hundred frames that we send are lost. The first of a connection never is: without it there is no
    /// talking at all, which is what `isCut` is for.
    public var lossPercent: UInt64

    /// No frame is held longer: `delay` and `jitter` together.
    public static let delayMax = Duration.seconds(60)

    public init(isCut: Bool = false, delay: Duration = .zero, jitter: Duration = .zero, lossPercent: UInt64 = 0) {
        (self.isCut, self.delay, self.jitter, self.lossPercent) = (isCut, delay, jitter, lossPercent)
    }

    /// Whether it asks for what a link can do.
    public var isPossible: Bool {
        delay >= .zero && jitter >= .zero && delay + jitter <= Self.delayMax && lossPercent <= 100
    }
}

/// The rules in force, by the address of the peer's key, and what chance decides about each frame.
struct LinkFilter {
    /// What becomes of a frame.
    enum Fate: Equatable {
        case passes
        case isLost
        case waits(Duration)
    }

    private var rules: [Address: LinkRule] = [:]
    private var draws: [Address: UInt64] = [:]

    /// At most so many rules are in force at once.
    static let rulesMax = 1_024

    var isEmpty: Bool { rules.isEmpty }

    /// - Parameter seed: Together with our own address and the peer's it decides every draw on that link.
    mutating func set(_ rules: [Address: LinkRule], seed: UInt64, own: Address) {
        self.rules = rules
        draws = [:]
        for peer in rules.keys {
            draws[peer] = seed ^ own.word0 ^ own.word1 &* 31 ^ peer.word0 &* 17 ^ peer.word1 &* 7
        }
    }

    func isCut(_ peer: Address) -> Bool { rules[peer]?.isCut ?? false }

    mutating func fate(ofFrameTo peer: Address, isFirst: Bool) -> Fate {
        guard let rule = rules[peer] else { return .passes }
        if rule.lossPercent > 0, !isFirst, draw(for: peer) % 100 < rule.lossPercent { return .isLost }
        guard rule.delay + rule.jitter > .zero else { return .passes }
        let (seconds, attoseconds) = rule.jitter.components
        let microseconds = UInt64(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        return .waits(rule.delay + .microseconds(Int64(draw(for: peer) % (microseconds + 1))))
    }

    /// SplitMix64: the same numbers for the same seed, on every machine.
    private mutating func draw(for peer: Address) -> UInt64 {
        let state = draws[peer, default: 0] &+ 0x9E37_79B9_7F4A_7C15
        draws[peer] = state
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Frames that are held back on one connection until they may leave, in their order.
struct HeldFrames {
    private var frames = CircularBuffer<(frame: Bytes, due: NIODeadline)>()
    /// Of the frames alone.
    private(set) var byteCount = 0

    var isEmpty: Bool { frames.isEmpty }
    var nextDue: NIODeadline? { frames.first?.due }

    /// A frame leaves no earlier than the one before it, as on TCP.
    mutating func append(_ frame: Bytes, due: NIODeadline) {
        frames.append((frame, Swift.max(due, frames.last?.due ?? due)))
        byteCount += frame.count
    }

    /// The next frame that may leave at `now`.
    mutating func take(at now: NIODeadline) -> Bytes? {
        guard let first = frames.first, first.due <= now else { return nil }
        frames.removeFirst()
        byteCount -= first.frame.count
        return first.frame
    }
}
