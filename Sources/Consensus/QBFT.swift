public import Chain
public import Primitives

/// One validator's part in agreeing on blocks, height after height: QBFT (arXiv 2002.03613, Algorithms 1–4).
///
/// A value: every method applies one thing that happened and returns what to do about it, in order.
/// Whoever holds it checks signatures (`Verified…`), executes blocks, writes the log and keeps the timer.
///
/// R1: A proposal is accepted in the current or a later round, once a round, and only after its block was executed.
/// R2: A quorum of prepares for the accepted block is saved at that moment, before the commit is signed (QBFT.md 1).
/// R3: A quorum of commits decides, in whichever round it comes about.
/// R4: When the timer of a round fires, the validator asks for the next round and says what it has prepared.
/// R5: When f+1 validators want a later round, one of them is honest: join them.
/// R6: The proposer of a later round needs a quorum of round changes, and proposes the highest prepared block among them.
/// R7: A vote leaves only after `durable` has confirmed its record.
public struct QBFT: Sendable {
    /// Rounds above this are refused: nobody gets there, and arithmetic on rounds stays in range.
    public static let roundMax = Vote.roundMax

    public enum Action: Sendable {
        /// Build a block for this round, then call `built`.
        case build(round: UInt64)
        /// Execute the proposed block, then call `validated`.
        case validate(Candidate)
        /// Write these records durably, then call `durable`.
        case persist([VoteRecord])
        /// Sign this vote, then call `signed`.
        case sign(Vote)
        /// Say this to every validator.
        case send(ConsensusMessage)
        /// Replace the round timer: call `timeout` with this round then.
        case startTimer(round: UInt64, after: Duration)
        /// The height is decided.
        case decide(CommitCertificate)
        /// Two votes that accuse their author.
        case report(Conflict)
    }

    /// A block that stands for a vote in one round.
    public struct Candidate: Sendable {
        public let block: Block
        public let hash: Hash32
        public let round: UInt64
        /// Whether it was prepared in an earlier round, so that its builder need not be this round's proposer.
        public let isReproposal: Bool
    }

    /// A proposal that waits for its signature.
    struct Draft: Sendable {
        let block: Block
        let justification: Justification
    }

    let identity: Address?
    let chain: ChainIdentity
    let timeouts: TimeoutPolicy
    var voter: Voter
    /// Records of the log for heights that have not begun yet.
    private var restored: [VoteRecord]

    public private(set) var height: Height = 0
    public internal(set) var committee: Committee
    public internal(set) var round: UInt64 = 0
    /// The block this validator has accepted in the current round.
    var accepted: Candidate?
    /// The proposal of the current round that is being executed.
    var pending: Candidate?
    /// R2's memory.
    public internal(set) var prepared: PreparedCertificate?
    var keeper = VoteKeeper()
    /// Blocks of this height that were executed and are valid; at most one a round and `validMax`.
    var valid: [Hash32] = []
    static let validMax = 64
    var isDue = false
    /// The round for which a block was asked for or proposed by us.
    var proposingRound: UInt64?
    /// The round changes on which we propose in that round (R6).
    var grounds: [VerifiedRoundChange] = []
    /// What goes out with our signature on a proposal, until the signature is there.
    var draft: Draft?
    /// What this validator has said in this round, for peers that connect later.
    public internal(set) var said: [ConsensusMessage] = []
    var isDecided = false

    /// - Parameters:
    ///   - identity: The validator this node votes for; nil for one that only listens.
    ///   - restored: The records of the vote log, oldest first.
    ///   - suspendedThrough: See `Voter` R8.
    public init(
        identity: Address?, committee: Committee, chain: ChainIdentity, timeouts: TimeoutPolicy,
        restored: [VoteRecord] = [], suspendedThrough: Height? = nil
    ) {
        self.identity = identity
        self.committee = committee
        self.chain = chain
        self.timeouts = timeouts
        self.restored = restored
        voter = Voter(suspendedThrough: suspendedThrough)
    }

    /// What a message of this height is checked against.
    public var context: VotingContext {
        VotingContext(height: height, committee: committee, chain: chain)
    }

    var isMember: Bool {
        identity.map { committee.member($0) != nil } ?? false
    }

    func isProposer(of round: UInt64) -> Bool {
        committee.proposer(height: height, round: round).address == identity
    }

    /// Starts `height` in round 0, or where the log says this validator was.
    ///
    /// - Parameter patience: Time until a block is due at the latest; the timer of round 0 starts after it (QBFT.md 16).
    public mutating func begin(_ height: Height, committee: Committee, patience: Duration) -> [Action] {
        self.height = height
        self.committee = committee
        (round, accepted, pending, prepared, proposingRound) = (0, nil, nil, nil, nil)
        (valid, said, draft, grounds) = ([], [], nil, [])
        (isDue, isDecided) = (false, false)
        keeper = VoteKeeper()
        let votes = takeRestored()
        voter.begin(height, having: votes)
        round = voter.highestRound
        let wait = round == 0 ? patience : .zero
        var actions: [Action] = [.startTimer(round: round, after: wait + timeouts.timeout(of: round))]
        // Asked again, the voter gives the same answers: what was said in this round is said again (QBFT.md 13).
        for vote in voter.votes(in: round) where vote.kind != .proposal { actions.append(.sign(vote)) }
        if voter.votes(in: round).contains(where: { $0.kind == .proposal }) { proposingRound = round }
        return actions
    }

    private mutating func takeRestored() -> [Vote] {
        let here = restored.filter { $0.height == height }
        restored.removeAll { $0.height <= height }
        var votes: [Vote] = []
        for record in here {
            switch record {
            case .vote(let vote): votes.append(vote)
            case .prepared(_, let certificate): prepared = certificate
            }
        }
        return votes
    }

    /// The block period is over, or transactions wait and there is no need to be idle: a block may be proposed now.
    ///
    /// - Parameter restartTimer: Whether the others may expect it too, so that patience ends for everybody.
    public mutating func blockIsDue(restartTimer: Bool) -> [Action] {
        guard !isDue, !isDecided else { return [] }
        isDue = true
        var actions: [Action] = []
        if restartTimer, round == 0 { actions.append(.startTimer(round: 0, after: timeouts.timeout(of: 0))) }
        if round == 0 { actions += proposeIfMyTurn() }
        return actions
    }

    /// The body of `block` where this validator has seen it: accepted, prepared, or in somebody's round change.
    ///
    /// Whoever decides without having executed the block need not ask others for it, who may have no more (QBFT.md 24).
    public func body(of block: Hash32) -> Block? {
        if let accepted, accepted.hash == block { return accepted.block }
        let certificates = [prepared] + keeper.roundChanges.map(\.change.prepared)
        return certificates.lazy.compactMap { $0?.block }.first { $0.hash == block }
    }

    // MARK: Votes

    /// Asks the voter; what it grants goes to the log first (R7).
    mutating func cast(_ votes: [Vote], alongside certificate: PreparedCertificate? = nil) -> [Action] {
        guard isMember else { return [] }
        var records: [VoteRecord] = []
        var repeated: [Action] = []
        for vote in votes {
            switch voter.decide(vote) {
            case .granted: records.append(.vote(vote))
            case .repeated: repeated.append(.sign(vote))
            case .refused: break
            }
        }
        guard !records.isEmpty else { return repeated }
        if let certificate { records.insert(.prepared(height: height, certificate), at: 0) }
        return repeated + [.persist(records)]
    }

    /// R7: the records are on disk, so their votes may be signed.
    public mutating func durable(_ records: [VoteRecord]) -> [Action] {
        records.compactMap { record in
            guard case .vote(let vote) = record, vote.height == height, !isDecided else { return nil }
            return .sign(vote)
        }
    }

    /// Our own signature is there: say it, and count it like anybody's.
    public mutating func signed(_ verified: Verified<SignedVote>) -> [Action] {
        let signed = verified.value
        guard signed.vote.height == height, !isDecided else { return [] }
        guard let message = message(for: signed) else { return [] }
        said.append(message)
        var actions: [Action] = [.send(message)]
        switch message {
        case .proposal(let proposal): actions += receive(VerifiedProposal(own: proposal, vote: verified))
        case .vote: actions += receive(verified)
        case .roundChange(let change): actions += receive(VerifiedRoundChange(own: change, vote: verified))
        }
        return actions
    }

    private mutating func message(for signed: SignedVote) -> ConsensusMessage? {
        switch signed.vote.kind {
        case .prepare, .commit:
            return .vote(signed)
        case .proposal:
            guard let draft, draft.block.hash == signed.vote.block else { return nil }
            return .proposal(
                Proposal(
                    vote: signed, block: draft.block, roundChanges: draft.justification.roundChanges,
                    prepares: draft.justification.prepares))
        case .roundChange:
            guard let claimed = signed.vote.preparedRound else {
                return .roundChange(RoundChange(vote: signed, prepared: nil))
            }
            // After a restart the memory may be newer than what an old round change claimed: leave that one unsaid.
            guard let prepared, prepared.round == claimed else { return nil }
            return .roundChange(RoundChange(vote: signed, prepared: prepared))
        }
    }

    /// Whether nothing by this validator is counted yet where this prepare or commit belongs.
    ///
    /// A vote that came inside a round change is in an archive, but not counted: what comes directly is.
    public func lacks(_ signed: SignedVote) -> Bool {
        let vote = signed.vote
        return vote.height == height && !isDecided && (vote.kind == .prepare || vote.kind == .commit)
            && !keeper.votes(vote.kind, round: vote.round).contains { $0.validator == signed.validator }
    }

    /// Counts a prepare or a commit.
    public mutating func receive(_ verified: Verified<SignedVote>) -> [Action] {
        let vote = verified.value.vote
        guard vote.height == height, !isDecided, vote.kind == .prepare || vote.kind == .commit else { return [] }
        switch keeper.add(verified, currentRound: round) {
        case .ignored: return []
        case .conflict(let conflict): return [.report(conflict)]
        case .counted: return vote.kind == .prepare ? commitIfPrepared() : decideIfCommitted(vote)
        }
    }

    /// R2.
    mutating func commitIfPrepared() -> [Action] {
        guard let accepted, prepared?.round != round || prepared?.block.hash != accepted.hash else { return [] }
        let prepares = keeper.votes(.prepare, for: accepted.hash, round: round)
        guard prepares.count >= committee.quorum else { return [] }
        let certificate = PreparedCertificate(round: round, block: accepted.block, prepares: prepares)
        prepared = certificate
        let commit = Vote(kind: .commit, height: height, round: round, block: accepted.hash, preparedRound: nil)
        return cast([commit], alongside: certificate)
    }

    /// R3.
    private mutating func decideIfCommitted(_ vote: Vote) -> [Action] {
        let commits = keeper.votes(.commit, for: vote.block, round: vote.round)
        guard commits.count >= committee.quorum else { return [] }
        isDecided = true
        let seals = commits.map { Seal(validator: $0.validator, signature: $0.signature) }
        let sorted = seals.sorted { $0.validator < $1.validator }
        return [.decide(CommitCertificate(height: height, round: vote.round, block: vote.block, seals: sorted))]
    }
}
