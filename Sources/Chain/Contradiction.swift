import Primitives

/// The pairs of votes of which no honest validator casts both (QBFT.md, "Accountability").
///
/// Each is about one validator and one height, and needs nothing but the two votes: whatever else was said and
/// seen, whoever keeps the rules of `Voter` never signs such a pair.
public enum Contradiction: String, CaseIterable, Hashable, Sendable {
    /// Two commits in one round to different blocks.
    case doubleCommit = "E1"
    /// Two prepares in one round for different blocks.
    case doublePrepare = "E2"
    /// A commit to another block than the one prepared in that round.
    case crossVote = "E3"
    /// A commit, and a round change to a later round that has forgotten it.
    case amnesia = "E4"
    /// Two different round changes to one round.
    case doubleRoundChange = "E5"
    /// Two proposals in one round: of different blocks, or of one block with different contents or justifications.
    case doubleProposal = "E6"

    private struct Row: Sendable {
        let name: Contradiction
        let first, second: VoteKind
        /// Whether two votes of these kinds, at one height, contradict each other.
        let applies: @Sendable (Vote, Vote) -> Bool
    }

    private static let table = [
        Row(name: .doubleCommit, first: .commit, second: .commit) {
            $0.round == $1.round && $0.block != $1.block
        },
        Row(name: .doublePrepare, first: .prepare, second: .prepare) {
            $0.round == $1.round && $0.block != $1.block
        },
        Row(name: .crossVote, first: .prepare, second: .commit) {
            $0.round == $1.round && $0.block != $1.block
        },
        Row(name: .amnesia, first: .commit, second: .roundChange) {
            $1.round > $0.round && !$1.remembers($0)
        },
        Row(name: .doubleRoundChange, first: .roundChange, second: .roundChange) {
            $0.round == $1.round && ($0.block, $0.preparedRound) != ($1.block, $1.preparedRound)
        },
        // A proposal that leaves out its content or justification says less than one that names it, but nothing else.
        Row(name: .doubleProposal, first: .proposal, second: .proposal) {
            $0.round == $1.round
                && ($0.block != $1.block || differ($0.content, $1.content)
                    || differ($0.justification, $1.justification))
        },
    ]

    /// What two votes by one validator amount to, in the one order in which such a pair is written: by kind, as in
    /// the names above, and within one kind ascending. Nil where an honest validator may cast both, where they stand
    /// in the other order, and where one of them is malformed.
    public init?(between first: Vote, _ second: Vote) {
        guard first.height == second.height, first.isWellFormed, second.isWellFormed,
            first.kind != second.kind || first.rank < second.rank,
            let row = Self.table.first(where: {
                $0.first == first.kind && $0.second == second.kind && $0.applies(first, second)
            })
        else { return nil }
        self = row.name
    }

    private static func differ(_ one: Hash32?, _ other: Hash32?) -> Bool {
        guard let one, let other else { return false }
        return one != other
    }
}

extension Vote {
    /// Whether this round change knows of `commit`: it names that block in that round, or one prepared later.
    ///
    /// Later is enough: by then a quorum has prepared another block, after a quorum had left the round of the commit.
    public func remembers(_ commit: Vote) -> Bool {
        guard let preparedRound else { return false }
        return preparedRound > commit.round || (preparedRound == commit.round && block == commit.block)
    }

    /// By which two votes of one kind ascend: every field in which they can contradict each other.
    fileprivate var rank: (Hash32, UInt64, Hash32, Hash32) {
        (block, preparedRound ?? 0, content ?? .zero, justification ?? .zero)
    }
}

extension SignedVote {
    /// This vote and another by the same validator, in their order, if they contradict each other.
    ///
    /// The signatures are not checked here.
    public func contradiction(
        to other: SignedVote
    ) -> (name: Contradiction, first: SignedVote, second: SignedVote)? {
        guard validator == other.validator else { return nil }
        if let name = Contradiction(between: vote, other.vote) { return (name, self, other) }
        return Contradiction(between: other.vote, vote).map { ($0, other, self) }
    }
}
