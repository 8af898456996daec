public import Chain
public import Primitives

extension QBFT {
    /// Takes a justified proposal of the current or a later round (R1).
    public mutating func receive(_ proposal: VerifiedProposal) -> [Action] {
        guard proposal.height == height, !isDecided else { return [] }
        if case .conflict(let conflict) = keeper.add(proposal.vote, currentRound: round) {
            return [.report(conflict)]
        }
        guard proposal.round >= round else { return [] }
        var actions: [Action] = []
        if proposal.round > round { actions += enter(proposal.round) }
        guard accepted == nil, pending == nil else { return actions }
        let candidate = Candidate(
            block: proposal.proposal.block, hash: proposal.hash, round: proposal.round,
            isReproposal: proposal.isReproposal)
        if valid.contains(candidate.hash) { return actions + accept(candidate) }
        pending = candidate
        return actions + [.validate(candidate)]
    }

    /// The outcome of executing a block of this height.
    ///
    /// An invalid proposal ends its round at once: nobody honest can prepare it.
    public mutating func validated(_ block: Hash32, isValid: Bool) -> [Action] {
        guard !isDecided else { return [] }
        if isValid { remember(valid: block) }
        guard let candidate = pending, candidate.hash == block else { return [] }
        pending = nil
        guard candidate.round == round else { return [] }
        guard isValid else { return changeRound(to: round + 1) }
        if proposingRound == round, draft == nil, let highest = Self.highestPrepared(in: grounds) {
            return propose(highest.block, prepares: highest.prepares)
        }
        return accept(candidate)
    }

    private mutating func remember(valid block: Hash32) {
        guard !valid.contains(block), valid.count < Self.validMax else { return }
        valid.append(block)
    }

    private mutating func accept(_ candidate: Candidate) -> [Action] {
        accepted = candidate
        return cast([prepare(candidate)]) + commitIfPrepared()
    }

    private func prepare(_ candidate: Candidate) -> Vote {
        Vote(kind: .prepare, height: height, round: candidate.round, block: candidate.hash, preparedRound: nil)
    }

    /// R6, and in round 0 simply the proposer's turn once a block is due.
    mutating func proposeIfMyTurn() -> [Action] {
        guard isMember, isProposer(of: round), proposingRound != round, !isDecided else { return [] }
        guard round > 0 else {
            guard isDue else { return [] }
            proposingRound = 0
            return [.build(round: 0)]
        }
        let changes = keeper.roundChanges(to: round)
        guard changes.count >= committee.quorum else { return [] }
        proposingRound = round
        grounds = changes
        guard let highest = Self.highestPrepared(in: changes) else { return [.build(round: round)] }
        if valid.contains(highest.block.hash) { return propose(highest.block, prepares: highest.prepares) }
        // A quorum has prepared it, which does not make it valid; and whoever proposes a block answers for it.
        let candidate = Candidate(
            block: highest.block, hash: highest.block.hash, round: round, isReproposal: true)
        pending = candidate
        return [.validate(candidate)]
    }

    private static func highestPrepared(in changes: [VerifiedRoundChange]) -> PreparedCertificate? {
        var highest: PreparedCertificate?
        for change in changes {
            guard let prepared = change.change.prepared else { continue }
            if highest.map({ prepared.round > $0.round }) ?? true { highest = prepared }
        }
        return highest
    }

    /// The block asked for with `.build` is there; it is valid by construction.
    ///
    /// It stands on the round changes that it was asked for on: meanwhile their authors may have gone on to later
    /// rounds.
    public mutating func built(_ block: Block, round: UInt64) -> [Action] {
        guard round == self.round, proposingRound == round, accepted == nil, pending == nil, !isDecided,
            block.header.number == height
        else { return [] }
        remember(valid: block.hash)
        return propose(block, prepares: [])
    }

    /// Proposal and own prepare go to the log together, since the block is known to be valid: one sync instead of two.
    private mutating func propose(_ block: Block, prepares: [SignedVote]) -> [Action] {
        let hash = block.hash
        let justification = Justification(roundChanges: grounds.map(\.change.vote), prepares: prepares)
        let vote = Vote.proposal(of: block, round: round, because: justification)
        draft = Draft(block: block, justification: justification)
        let candidate = Candidate(block: block, hash: hash, round: round, isReproposal: !prepares.isEmpty)
        accepted = candidate
        return cast([vote, prepare(candidate)]) + commitIfPrepared()
    }
}
