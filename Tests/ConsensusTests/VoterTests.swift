import Chain
import Consensus
import Primitives
import Testing

@Suite struct VoterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let before: [Vote]
        let asked: Vote
        let expected: Voter.Decision
    }

    static let (a, b) = (Hash32(0, 0, 0, 1), Hash32(0, 0, 0, 2))

    static func change(_ round: UInt64, _ prepared: (UInt64, Hash32)? = nil) -> Vote {
        .roundChange(height: 5, to: round, prepared: prepared.map { (round: $0.0, block: $0.1) })
    }
    static func proposal(_ block: Hash32, _ round: UInt64 = 0) -> Vote {
        .proposal(height: 5, round: round, block: block, content: block)
    }
    static func prepare(_ block: Hash32, _ round: UInt64 = 0) -> Vote {
        .prepare(height: 5, round: round, block: block)
    }
    static func commit(_ block: Hash32, _ round: UInt64 = 0) -> Vote { .commit(height: 5, round: round, block: block) }

    static let cases: [Case] = [
        Case(testDescription: "the first prepare is granted", before: [], asked: prepare(a), expected: .granted),
        Case(
            testDescription: "asked twice, the same answer", before: [prepare(a)], asked: prepare(a),
            expected: .repeated),
        Case(
            testDescription: "R1: another height", before: [], asked: .prepare(height: 6, round: 0, block: a),
            expected: .refused(.height)),
        Case(
            testDescription: "R2: a round that was left", before: [change(2)], asked: prepare(a, 1),
            expected: .refused(.leftRound)),
        Case(
            testDescription: "R2: the round that was asked for is open", before: [change(2)], asked: prepare(a, 2),
            expected: .granted),
        Case(
            testDescription: "R3: a second proposal", before: [proposal(a)], asked: proposal(b),
            expected: .refused(.proposal)),
        Case(
            testDescription: "R3: another round is another matter", before: [proposal(a)], asked: proposal(b, 1),
            expected: .granted),
        Case(
            testDescription: "R4: a second prepare", before: [prepare(a)], asked: prepare(b),
            expected: .refused(.prepare)),
        Case(
            testDescription: "R5: a commit without its prepare", before: [], asked: commit(a),
            expected: .refused(.commit)),
        Case(
            testDescription: "R5: a commit to what was not prepared", before: [prepare(a)], asked: commit(b),
            expected: .refused(.commit)),
        Case(
            testDescription: "R5: a commit to what was prepared", before: [prepare(a)], asked: commit(a),
            expected: .granted),
        Case(
            testDescription: "R5: a second commit", before: [prepare(a), commit(a)], asked: commit(b),
            expected: .refused(.commit)),
        Case(
            testDescription: "R6: amnesia", before: [prepare(a), commit(a)], asked: change(1),
            expected: .refused(.claim)),
        Case(
            testDescription: "R6: the wrong memory", before: [prepare(a), commit(a)], asked: change(1, (0, b)),
            expected: .refused(.claim)),
        Case(
            testDescription: "R6: an older memory", before: [prepare(a, 1), commit(a, 1)], asked: change(2, (0, a)),
            expected: .refused(.claim)),
        Case(
            testDescription: "R6: the right memory", before: [prepare(a), commit(a)], asked: change(1, (0, a)),
            expected: .granted),
        Case(
            testDescription: "R7: two stories for one round", before: [change(1)], asked: change(1, (0, a)),
            expected: .refused(.roundChange)),
        Case(
            testDescription: "R2: a lower round change", before: [change(3)], asked: change(2),
            expected: .refused(.leftRound)),
    ]

    @Test(arguments: cases)
    func `each rule refuses what it forbids and nothing else`(example: Case) {
        var voter = Voter()
        voter.begin(5, having: example.before)
        #expect(voter.decide(example.asked) == example.expected)
    }

    @Test(arguments: cases)
    func `a voter that restarts from its log answers as if it had not`(example: Case) {
        var first = Voter()
        first.begin(5, having: [])
        // Only what was granted is in the log.
        let log = example.before.filter { first.decide($0) == .granted }
        var second = Voter()
        second.begin(5, having: log)
        #expect(first.decide(example.asked) == second.decide(example.asked))
    }

    @Test func `without its log a voter is silent until a height has passed`() {
        var voter = Voter(suspendedThrough: 5)
        voter.begin(5, having: [])
        #expect(voter.decide(Self.prepare(Self.a)) == .refused(.suspended))
        voter.begin(6, having: [])
        #expect(voter.decide(.prepare(height: 6, round: 0, block: Self.a)) == .granted)
    }

    @Test func `a thousand rounds do not fill its memory, and the last commit is never forgotten`() {
        var voter = Voter()
        voter.begin(5, having: [Self.prepare(Self.a), Self.commit(Self.a)])
        for round: UInt64 in 1...1_000 { #expect(voter.decide(Self.change(round, (0, Self.a))) == .granted) }
        #expect(voter.decide(Self.change(1_001)) == .refused(.claim))
    }
}
