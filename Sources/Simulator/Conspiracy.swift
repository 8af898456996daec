public import Chain
import Primitives

/// More liars than the council withstands, who tell two parts of the honest two stories, so that both seal a block.
///
/// Each liar has a second machine with the same key. Machines of one story take part in the protocol as they should;
/// it is having two of them that is the lie. Two of one key sign what no honest validator signs both: other votes in
/// one round (E1, E2, E6), round changes that know nothing of a commit (E4, E5), votes that cross (E3).
public struct Conspiracy: Sendable, Hashable {
    /// Seats of the liars in the order of machines, ascending.
    public var liars: [Int]
    /// The honest machines that are told the second story, ascending; the others are told the first.
    public var secondAudience: [Int]
    /// Rangers that hear both stories.
    public var bridges: [Int] = []
    public var style = Style.twins
    /// When the council falls apart, and how long it stays so; it ends soon after a fork in any case.
    public var begins = Duration.milliseconds(800)
    public var lasts = Duration.seconds(8)
    /// Time between the fork and the moment when the honest reach each other again.
    public var silence = Duration.milliseconds(200)
    /// Whether the second machines start without the votes that the liars have cast: amnesia.
    public var forgets = false
    /// Whether the second machines go on when all is over.
    public var stays = false
    /// Whether rangers get nothing from liars.
    public var hidesFromRangers = false
    /// Percent of messages between honest machines of different audiences that arrive; none has a connection at 0.
    public var leak: UInt64 = 0
    /// Milliseconds that such messages take longer; for the style that keeps the connections.
    public var lag: UInt64 = 0
    /// Votes that the liars keep to themselves.
    public var gags: [Gag] = []

    public enum Style: Sendable, Hashable, CaseIterable {
        /// Two machines a liar, and no way from one audience to the other.
        case twins
        /// One machine a liar, whose messages are another for each audience, which hear late of each other.
        case twoFaced
    }

    /// Votes of one kind, in rounds up to one, that the liars withhold in one of the stories.
    ///
    /// Withheld commits leave a block prepared and not sealed; withheld prepares not even that. So the next rounds find
    /// stale claims, in one story others than in the other.
    public struct Gag: Sendable, Hashable {
        public var kind: VoteKind
        public var isSecondStory: Bool
        public var roundMax: UInt64

        public init(_ kind: VoteKind, isSecondStory: Bool, roundMax: UInt64) {
            self.kind = kind
            self.isSecondStory = isSecondStory
            self.roundMax = roundMax
        }
    }

    public init(liars: [Int], secondAudience: [Int]) {
        self.liars = liars
        self.secondAudience = secondAudience
    }
}

extension Conspiracy: CustomStringConvertible {
    public var description: String {
        var parts = ["\(liars) lie (\(style)) to \(secondAudience) and the rest"]
        parts.append("from \(begins.wholeMilliseconds) ms on for \(lasts.wholeMilliseconds) ms")
        if !bridges.isEmpty { parts.append("bridges \(bridges)") }
        if forgets { parts.append("forgetting") }
        if stays { parts.append("staying") }
        if hidesFromRangers { parts.append("hiding from rangers") }
        if leak > 0 { parts.append("leak \(leak) %") }
        if lag > 0 { parts.append("lag \(lag) ms") }
        for gag in gags {
            parts.append("no \(gag.kind)s up to round \(gag.roundMax) in story \(gag.isSecondStory ? 2 : 1)")
        }
        return parts.joined(separator: ", ")
    }
}

/// A conspiracy under way.
struct Plot: Sendable {
    enum Phase: Sendable {
        case planned, active, over
    }

    let conspiracy: Conspiracy
    var phase = Phase.planned
    /// The liars that have a second machine; the first of these machines has the index `firstTwin`.
    let twins: [Int]
    let firstTwin: Int
    /// Which stories each machine is told or tells: 1, 2, or both as 3.
    private let stories: [UInt8]
    private let isLiar: [Bool]
    /// Heights up to this one were sealed when it began.
    var startHeight: Height = 0

    init(_ conspiracy: Conspiracy, council: Int, machines: Int) {
        self.conspiracy = conspiracy
        twins = conspiracy.style == .twins ? conspiracy.liars : []
        firstTwin = machines
        var stories = (0..<machines).map { conspiracy.secondAudience.contains($0) ? UInt8(2) : 1 }
        for bridge in conspiracy.bridges { stories[bridge] = 3 }
        var isLiar = (0..<machines).map { conspiracy.liars.contains($0) }
        if conspiracy.style == .twoFaced {
            for index in stories.indices where isLiar[index] || index >= council { stories[index] = 3 }
        }
        stories += twins.map { _ in 2 }
        isLiar += twins.map { _ in true }
        (self.stories, self.isLiar) = (stories, isLiar)
    }

    func tells(_ index: Int, secondStory: Bool) -> Bool { stories[index] & (secondStory ? 2 : 1) != 0 }
    func isLiar(_ index: Int) -> Bool { isLiar[index] }

    /// Whether two machines are told nothing in common.
    func areApart(_ one: Int, _ other: Int) -> Bool { stories[one] & stories[other] == 0 }

    /// Whether two machines cannot connect.
    func separates(_ one: Int, _ other: Int) -> Bool {
        guard phase != .planned, conspiracy.style == .twins, areApart(one, other) else { return false }
        if isLiar[one] || isLiar[other] { return true }
        return phase == .active && conspiracy.leak == 0
    }
}
