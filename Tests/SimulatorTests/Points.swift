import FoundationEssentials
import Testing

/// The 24 things that implementers of QBFT get wrong, and the tests that watch over each of them here.
struct Point: Sendable, CustomTestStringConvertible {
    let number: Int
    let rule: String
    /// `Target/File: name of the test`.
    let tests: [String]

    var testDescription: String { "\(number): \(rule)" }

    static let all: [Point] = [
        Point(
            number: 1, rule: "the prepared certificate is saved when its quorum is seen",
            tests: [
                "ConsensusTests/RoundChangeTests: a validator that jumps a round keeps the certificate of what it has prepared",
                "ConsensusTests/RoundChangeTests: the trace that forks other implementations does not fork this one",
            ]),
        Point(
            number: 2, rule: "a round change proves what it claims",
            tests: [
                "ConsensusTests/JustificationTests: a claim without its prepares is refused",
                "ConsensusTests/JustificationTests: a forged prepared certificate makes the round change worthless",
            ]),
        Point(
            number: 3, rule: "justification is neither loosened nor over-tightened",
            tests: [
                "ConsensusTests/JustificationTests: claims may differ, and the highest wins",
                "ConsensusTests/JustificationTests: another block than the highest prepared is refused",
                "ConsensusTests/JustificationTests: a quorum means distinct authors",
                "ConsensusTests/RoundChangeTests: a proposal keeps its grounds, though their authors go on while its block is built",
            ]),
        Point(
            number: 4, rule: "a justified proposal of any later round is accepted",
            tests: ["ConsensusTests/RoundChangeTests: a justified proposal of a later round is accepted at once"]),
        Point(
            number: 5, rule: "a leader proposes once a round",
            tests: [
                "ConsensusTests/AgreementTests: nothing makes a proposer propose twice in a round",
                "ConsensusTests/VoterTests: each rule refuses what it forbids and nothing else",
            ]),
        Point(
            number: 6, rule: "the block's hash knows no round and no seal",
            tests: [
                "ConsensusTests/RoundChangeTests: a prepared block is proposed again with the same hash",
                "ChainTests/CommitCertificateTests: the block's hash has neither round nor seals in it",
            ]),
        Point(
            number: 7, rule: "a seal binds chain, height, round and block",
            tests: [
                "ChainTests/CommitCertificateTests: seals of another height, round, block or chain are refused",
                "ChainTests/VoteTests: a signature is valid for one vote only",
            ]),
        Point(
            number: 8, rule: "the voter signs what it is asked for, or nothing",
            tests: [
                "ConsensusTests/VoterTests: each rule refuses what it forbids and nothing else",
                "SimulatorTests/SeedTests: the oracles hold whatever is drawn",
            ]),
        Point(
            number: 9, rule: "one signature a commit",
            tests: [
                "ConsensusTests/AgreementTests: a commit is its own seal, so the certificate is made of the votes that were sent"
            ]),
        Point(
            number: 10, rule: "prepares and commits are counted apart",
            tests: [
                "ConsensusTests/AgreementTests: prepares and commits are counted apart",
                "ConsensusTests/AgreementTests: a proposal alone is no vote",
            ]),
        Point(
            number: 11, rule: "membership first, signature second, content third",
            tests: [
                "ConsensusTests/JustificationTests: a stranger's round change is refused before its signature is looked at"
            ]),
        Point(
            number: 12, rule: "a vote counts on one chain, at one height, as one kind",
            tests: [
                "ConsensusTests/JustificationTests: a vote of another chain, height or kind does not count here",
                "ChainTests/VoteTests: a signature is valid on one chain only",
                "ChainTests/CommitCertificateTests: votes of another kind are no seals",
            ]),
        Point(
            number: 13, rule: "what was voted survives a restart, and without its log a validator is silent",
            tests: [
                "ConsensusTests/RestartTests: a validator that restarts says the same again and nothing else",
                "ConsensusTests/RestartTests: a vote leaves only after its record is durable",
                "ConsensusTests/VoterTests: without its log a voter is silent until a height has passed",
                "SimulatorTests/CatchingUpTests: a council that loses power at once goes on where it was",
            ]),
        Point(
            number: 14, rule: "a torn tail of the log is cut, damage in the middle stops the node",
            tests: [
                "StorageTests/VoteLogTests: loses only the last record when it is cut anywhere in it, and says how much",
                "StorageTests/VoteLogTests: refuses to open when any bit of it has changed",
            ]),
        Point(
            number: 15, rule: "timeouts are capped and start anew at each height",
            tests: [
                "ConsensusTests/TimeoutTests: timeouts double and stop at the cap",
                "ConsensusTests/TimeoutTests: a new height starts with a short timer again",
                "ConsensusTests/RoundChangeTests: f+1 round changes pull a validator along, to the highest round that many want",
            ]),
        Point(
            number: 16, rule: "the timer of round 0 starts after the block period",
            tests: [
                "ConsensusTests/TimeoutTests: the timer of round 0 starts after the block period",
                "ConsensusTests/TimeoutTests: what ends an idle wait starts the timer of round 0 anew",
            ]),
        Point(
            number: 17, rule: "what lies ahead is kept within bounds, for each validator",
            tests: [
                "ConsensusTests/BoundTests: votes far above the current round are not kept",
                "ConsensusTests/BoundTests: one validator's round changes take one place, the highest",
                "NodeTests/NodeLimitTests: messages of the next height wait, a few for each validator",
                "SimulatorTests/CrowdingTests: nobody takes the place of another's messages",
            ]),
        Point(
            number: 18, rule: "duplicates cost no signature check",
            tests: [
                "SimulatorTests/DuplicateTests: the second of two equal messages costs no signature check and no penalty",
                "ConsensusTests/BoundTests: the same vote twice changes nothing",
            ]),
        Point(
            number: 19, rule: "who lags syncs instead of voting",
            tests: [
                "SimulatorTests/LaggardTests: a validator that comes back syncs, casts no vote on the past, and then seals again",
                "SimulatorTests/LaggardTests: a vote of a later height is enough to ask for blocks",
            ]),
        Point(
            number: 20, rule: "the committee is a function of the sealed parent",
            tests: [
                "ChainTests/CommitteeTests: a great council draws by lot: by parent and height alone, and fairly"
            ]),
        Point(
            // Members neither come nor go before the Council contract exists; each block names the council that seals
            // the next one already, and that it is the right one is tested here.
            number: 21, rule: "a council change takes effect at the next height",
            tests: [
                "ValidationTests/HeaderRuleTests: that breaks one rule is refused for it, and accepted by who waives it"
            ]),
        Point(
            number: 22, rule: "no message crashes a node",
            tests: [
                "ConsensusTests/RestartTests: no bytes make a decoder trap",
                "NodeTests/NodeLimitTests: no height or round that a peer makes up is too large to survive",
                "NodeTests/MessageTests: no frame makes the decoder trap",
                "NodeTests/NodeLimitTests: a frame that is no message costs its sender the connection",
            ]),
        Point(
            number: 23, rule: "a proposal is judged whole before it is prepared, its time within bounds",
            tests: [
                "SimulatorTests/TimestampTests: a time not above the parent's, or beyond the drift, is refused before it is prepared",
                "ConsensusTests/AgreementTests: an invalid proposal is not prepared and ends its round at once",
            ]),
        Point(
            number: 24, rule: "a block that is proposed again brings its body, and is executed before that",
            tests: [
                "ConsensusTests/RoundChangeTests: the proposer of the next round need not have seen the prepared block",
                "ConsensusTests/RoundChangeTests: a block is executed before it is proposed again, for its proposer answers for it",
                "SimulatorTests/CatchingUpTests: whoever decides without the block takes it from a round change",
            ]),
    ]
}

@Suite struct PointTests {
    /// The folder of all tests.
    static let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/")

    @Test func `there are twenty-four points, each with a test`() {
        #expect(Point.all.map(\.number) == Array(1...24))
        #expect(Point.all.allSatisfy { !$0.tests.isEmpty })
    }

    @Test(arguments: Point.all)
    func `every test that a point names is there`(point: Point) throws {
        for test in point.tests {
            let parts = test.split(separator: ": ", maxSplits: 1)
            let path = "\(Self.folder)/\(parts[0]).swift"
            let source = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            #expect(source.contains("func `\(parts[1])`"), "\(path) has no test of this name")
        }
    }
}
