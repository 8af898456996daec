import Chain
import Consensus
import Fixtures
import Primitives
import Testing

/// Asks a voter for anything at all, and restarts it from its log now and then.
private struct Interrogation {
    private(set) var granted: [Vote] = []
    /// What was refused and would have contradicted something granted.
    private(set) var averted: [Contradiction] = []

    private static let height: Height = 5
    private static let blocks = (1...3).map { Hash32(0, 0, 0, $0) }
    private var numbers: SeededNumbers
    /// Rounds far apart: the voter forgets old ones.
    private let stride: UInt64

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
        stride = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 40 : 1 << 20
    }

    private mutating func request() -> Vote {
        let round = UInt64(numbers.below(6)) * stride + UInt64(numbers.below(2))
        let block = Self.blocks[numbers.below(3)]
        switch numbers.below(5) {
        case 0:
            let other = Self.blocks[numbers.below(3)]
            return .proposal(
                height: Self.height, round: round, block: block, content: other,
                justification: round > 0 ? Self.blocks[numbers.below(3)] : nil)
        case 1: return .prepare(height: Self.height, round: round, block: block)
        case 2:
            // A commit is granted only to what was prepared.
            let prepared = granted.last { $0.kind == .prepare }
            return .commit(
                height: Self.height, round: prepared?.round ?? round,
                block: numbers.below(3) == 0 ? block : prepared?.block ?? block)
        default:
            guard numbers.below(3) > 0, let commit = granted.last(where: { $0.kind == .commit }), round > commit.round
            else {
                let earlier = round > 0 && numbers.below(2) == 0 ? UInt64(numbers.below(Int(round))) : nil
                return .roundChange(
                    height: Self.height, to: max(round, 1), prepared: earlier.map { (round: $0, block: block) })
            }
            return .roundChange(height: Self.height, to: round, prepared: (round: commit.round, block: commit.block))
        }
    }

    mutating func run(requests: Int) {
        var voter = Voter()
        voter.begin(Self.height, having: [])
        for _ in 0..<requests {
            if numbers.below(20) == 0 {
                voter = Voter()
                voter.begin(Self.height, having: granted)
            }
            let vote = request()
            switch voter.decide(vote) {
            case .granted: granted.append(vote)
            case .repeated: #expect(granted.contains(vote))
            case .refused: averted += granted.compactMap { Self.contradiction($0, vote) }
            }
        }
    }

    static func contradiction(_ one: Vote, _ other: Vote) -> Contradiction? {
        Contradiction(between: one, other) ?? Contradiction(between: other, one)
    }
}

struct `The rules of the voter` {
    @Test(arguments: UInt64(0)..<60)
    func `never let it sign two votes that contradict each other`(seed: UInt64) {
        var interrogation = Interrogation(seed: seed)
        interrogation.run(requests: 400)
        let granted = interrogation.granted
        for (index, vote) in granted.enumerated() {
            for earlier in granted[..<index] {
                let found = Interrogation.contradiction(earlier, vote)
                #expect(found == nil, "seed \(seed): \(earlier) and \(vote)")
            }
        }
    }

    @Test func `avert every kind of contradiction, each of which is asked for`() {
        var averted: Set<Contradiction> = []
        for seed in UInt64(0)..<60 {
            var interrogation = Interrogation(seed: seed)
            interrogation.run(requests: 400)
            averted.formUnion(interrogation.averted)
        }
        #expect(averted == Set(Contradiction.allCases))
    }

    @Test func `hold for rounds that it has forgotten`() {
        let (a, b) = (Hash32(0, 0, 0, 1), Hash32(0, 0, 0, 2))
        var voter = Voter()
        voter.begin(5, having: [])
        #expect(voter.decide(.prepare(height: 5, round: 0, block: a)) == .granted)
        #expect(voter.decide(.prepare(height: 5, round: 1_000, block: a)) == .granted)
        #expect(voter.decide(.prepare(height: 5, round: 0, block: b)) == .refused(.leftRound))
        #expect(voter.decide(.prepare(height: 5, round: 935, block: b)) == .refused(.leftRound))
        #expect(voter.decide(.prepare(height: 5, round: 936, block: b)) == .granted)
    }

    @Test func `remember the highest commit, in whatever order rounds came`() {
        let (a, b) = (Hash32(0, 0, 0, 1), Hash32(0, 0, 0, 2))
        var voter = Voter()
        voter.begin(5, having: [])
        for (round, block): (UInt64, Hash32) in [(3, a), (1, b)] {
            #expect(voter.decide(.prepare(height: 5, round: round, block: block)) == .granted)
            #expect(voter.decide(.commit(height: 5, round: round, block: block)) == .granted)
        }
        #expect(voter.decide(.prepare(height: 5, round: 500, block: a)) == .granted)
        let claim = Vote.roundChange(height: 5, to: 501, prepared: (round: 1, block: b))
        #expect(voter.decide(claim) == .refused(.claim))
    }
}
