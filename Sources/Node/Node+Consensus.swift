import Chain
import Consensus
import Crypto
import EVM
import FaultProofs
import Primitives
import Ranger
import Validation

extension Node {
    /// Starts the height above the head.
    mutating func beginHeight() {
        candidates = [:]
        proposals = [:]
        decided = nil
        guard takesPart else { return }
        let height = tail.height + 1
        castInjections()
        let wait = timeUntilDue
        perform(consensus.begin(height, committee: committee(at: height, parent: tail.hash), patience: wait))
        out.append(.setTimer(.blockDue, after: wait))
        let ready = waiting.filter { $0.signedVote.vote.height == height }
        waiting.removeAll { $0.signedVote.vote.height <= height }
        for message in ready { receive(message, from: nil) }
    }

    /// The rest of the block period; without one, no time if transactions wait, else the idle period.
    private var timeUntilDue: Duration {
        guard settings.blockTime > .zero else { return hasWork ? .zero : settings.idlePeriod }
        let due = tail.extension.timestampMilliseconds + UInt64(settings.blockTime.milliseconds)
        guard due > wallClock else { return .zero }
        return min(.milliseconds(Int64(due - wallClock)), settings.blockTime)
    }

    /// Whether a transaction waits that the next block could hold.
    private var hasWork: Bool { pool.hasCandidate(baseFee: baseFee(after: tail.header, under: rules)) }

    /// Transactions have come while nobody had anything to do.
    mutating func endIdleness() {
        guard settings.blockTime == .zero, takesPart, hasWork else { return }
        buildUnasked()
        perform(consensus.blockIsDue(restartTimer: true))
    }

    mutating func roundTimedOut() {
        guard takesPart else { return }
        let summary = consensus.summary
        note(.roundChanged(height: summary.height, round: summary.round, why: summary.verdict))
        remember(summary)
        perform(consensus.timeout(round: consensus.round, height: consensus.height))
        reviewFork()
    }

    mutating func remember(_ summary: RoundSummary) {
        rounds.append(summary)
        if rounds.count > Self.roundsMax { rounds.removeFirst() }
    }

    /// Carries out what the protocol decided.
    mutating func perform(_ actions: [QBFT.Action]) {
        guard takesPart else { return }
        for action in actions {
            switch action {
            case .build(let round): build(round: round)
            case .validate(let candidate): execute(candidate)
            case .persist(let records):
                out.append(.persist(records))
                misconduct(on: records)
            case .sign(let vote): out.append(.sign(vote))
            case .send(let message): say(message)
            case .startTimer(_, let after): out.append(.setTimer(.round, after: after))
            case .decide(let certificate): decide(certificate)
            case .report(let conflict): report(conflict)
            }
        }
    }

    private mutating func execute(_ candidate: QBFT.Candidate) {
        let drift = UInt64(rules.timestampDriftMilliseconds)
        guard candidate.block.extension.timestampMilliseconds <= wallClock + drift else {
            let why = "its timestamp lies more than \(drift) ms ahead of this node's clock"
            return refuse(candidate.block, hash: candidate.hash, why: why)
        }
        let bound: RoundBound =
            candidate.isReproposal ? .reproposed(candidate.round) : .proposedFresh(candidate.round)
        let conduct = conduct(for: candidate.block, bound)
        out.append(
            .validate(
                ValidationRequest(
                    block: candidate.block, ancestry: ancestry, bound: bound, purpose: .candidate, conduct: conduct,
                    senders: senders(of: candidate.block), accusation: nil)))
    }

    mutating func candidateValidated(_ block: Hash32, _ outcome: ValidationOutcome) {
        switch outcome {
        case .valid(let validated):
            guard validated.block.header.parentHash == tail.hash else { return }
            candidates[block] = validated
            perform(consensus.validated(block, isValid: true))
            if let decided, decided.block == block { seal(validated, decided) }
        case .invalid(let fault, _):
            guard let proposal = proposals[block] else { return perform(consensus.validated(block, isValid: false)) }
            refuse(proposal.block, hash: block, why: fault.description)
        case .unreadable(let reason):
            halt(because: "the state cannot be read: \(reason)")
        case .stale:
            break
        }
    }

    /// Refuses before Prepare, shows the signed proposal to the rangers, and asks for the next round.
    private mutating func refuse(_ block: Block, hash: Hash32, why: String) {
        badBlocks.keep(.init(block, hash: hash, why: why, proposal: proposals[hash]?.vote))
        if let proposal = proposals[hash] {
            let vote = proposal.vote
            note(.proposalRefused(height: vote.vote.height, round: vote.vote.round, proposer: vote.validator, why: why))
            send(.proposal(proposal), to: table.rangerNumbers)
        }
        perform(consensus.validated(hash, isValid: false))
    }

    private mutating func build(round: UInt64) {
        guard !skipsProposal(round: round) else { return }
        let timestamp = max(wallClock, tail.extension.timestampMilliseconds + 1)
        let member = consensus.committee.member(address)
        let request = BuildRequest(
            ancestry: ancestry, beneficiary: member?.rewardAddress ?? .zero, timestampMilliseconds: timestamp,
            candidates: pool.candidates(baseFee: baseFee(after: tail.header, under: rules), max: Self.candidatesMax))
        out.append(.build(request, round: round, sabotage(round: round)))
    }

    /// More transactions than this do not fit into a block of 60 M gas.
    static var candidatesMax: Int { 3_000 }

    mutating func built(_ block: ValidatedBlock?, height: Height, round: UInt64) {
        if builtForMisconduct(block, height: height, round: round) { return }
        guard let block, height == tail.height + 1, block.block.header.parentHash == tail.hash else { return }
        candidates[block.hash] = block
        perform(consensus.built(block.block, round: round))
    }

    mutating func signed(_ vote: SignedVote) {
        if signedForMisconduct(vote) { return }
        do {
            let verified = try consensus.context.verified(vote, as: vote.vote.kind, scheme: scheme)
            if isUnheard(vote) { archive(verified, isOwn: true) }
            perform(consensus.signed(verified))
        } catch {
            // A signature for a height that was decided meanwhile is of no use to anybody.
        }
    }

    /// Says `message` to the validators, and its vote to the rangers.
    private mutating func say(_ message: ConsensusMessage) {
        if misconductReplaces(message) { return }
        send(wire(message), to: table.councilNumbers)
        relay(message.signedVote)
    }

    func wire(_ message: ConsensusMessage) -> Message {
        switch message {
        case .proposal(let proposal): .proposal(proposal)
        case .vote(let vote): .vote(vote)
        case .roundChange(let change): .roundChange(change)
        }
    }

    /// Rangers get every signed statement, whoever made it: two that differ may have gone to different validators.
    mutating func relay(_ vote: SignedVote) {
        send(.vote(vote), to: table.rangerNumbers)
    }

    private mutating func decide(_ certificate: CommitCertificate) {
        remember(consensus.summary(of: certificate.round))
        out.append(.cancelTimer(.round))
        out.append(.cancelTimer(.blockDue))
        guard let validated = candidates[certificate.block] else {
            // Decided by others on a block that is not executed here: it comes by sync, or is being executed.
            decided = certificate
            return requestDecided(certificate)
        }
        seal(validated, certificate)
    }

    /// Makes the block the head and goes on.
    mutating func seal(_ validated: ValidatedBlock, _ certificate: CommitCertificate) {
        guard validated.block.header.parentHash == tail.hash, !isFrozen else { return }
        do {
            out.append(.append(try SealedBlock(validated, certificate: certificate)))
        } catch {
            return halt(because: "a certificate and its block disagree: \(error)")
        }
        let isSilent = isSilentOnPurpose
        let orders = injections(at: validated.number).map { ($0, cast(of: $0)) }
        tail = ChainTail(block: validated.block, certificate: certificate)
        ranger.sealed(SealedHeader(tail.header, hash: tail.hash, certificate: certificate))
        accessLists.keep(validated.accessList, of: tail.hash)
        archiveGenuine(certificate.votes)
        note(
            .sealed(
                height: tail.height, round: certificate.round, block: tail.hash,
                transactions: validated.block.transactions.count))
        announce(pool.update(accounts: validated.changes.accounts.map { ($0.address, $0.after) }))
        remember(changes: validated.changes)
        if let transaction = validated.block.transactions.last, let sender = validated.senders.last {
            misconduct.lastIncluded = BuildRequest.Candidate(transaction, from: sender)
        }
        settleInjections(sealed: tail.hash, round: certificate.round, cast: orders)
        sync.headMoved(to: tail.height)
        if !isSilent { send(.sealed(certificate), to: table.numbers) }
        advance()
    }

    /// What to do at a new head: the next sealed block if there is one, else consensus.
    mutating func advance() {
        stopIfFrozen()
        guard !validateNextSealed() else { return }
        beginHeight()
        judgeSuspects()
    }

    // MARK: Messages

    /// Routes a consensus message; `number` is nil for one that waited here.
    mutating func receive(_ message: ConsensusMessage, from number: PeerNumber?) {
        let vote = message.signedVote.vote
        let height = tail.height + 1
        guard !misconductTakes(message) else { return }
        guard takesPart else { return observe(message, from: number) }
        if vote.height < height {
            // Too late for the height, not for the archive.
            if let number, hear([message.signedVote], from: number) { help(number, at: vote.height) }
            return
        }
        guard vote.height == height else {
            if let number {
                keep(message, from: number)
                behind(number, of: vote.height - 1)
            }
            return
        }
        guard consensus.height == height else { return }
        do {
            try count(message, from: number)
        } catch {
            refuse(message, error, from: number)
        }
    }

    /// Proposals of one height that are kept: a liar can sign many in one round.
    private static var proposalsMax: Int { 64 }

    private mutating func count(_ message: ConsensusMessage, from number: PeerNumber?) throws(JustificationError) {
        let signed = message.signedVote
        switch message {
        case .proposal(let proposal):
            if let known = proposals[signed.vote.block], known.vote.vote == signed.vote { return }
            let verified = try VerifiedProposal(checking: proposal, in: consensus.context, scheme: scheme)
            if proposals.count < Self.proposalsMax { proposals[verified.hash] = proposal }
            archive(verified.vote)
            archiveGenuine(proposal.roundChanges + proposal.prepares)
            perform(consensus.receive(verified))
            settle(with: proposal.block, from: nil)
        case .vote:
            guard !ranger.archive.contains(signed) || consensus.lacks(signed) else { return }
            let verified = try consensus.context.verified(signed, as: signed.vote.kind, scheme: scheme)
            archive(verified)
            if signed.vote.kind != .proposal { perform(consensus.receive(verified)) }
        case .roundChange(let change):
            // The archive does not tell: it may know the bare vote, without what it claims.
            guard !consensus.hasCounted(change) else { return settle(with: nil, from: number) }
            let verified = try VerifiedRoundChange(checking: change, in: consensus.context, scheme: scheme)
            archive(verified.vote)
            archiveGenuine(change.prepared?.prepares ?? [])
            perform(consensus.receive(verified))
            settle(with: change.prepared?.block, from: number)
        }
    }

    /// Where the height is decided and its block is not here: others, who have not seen the commits, may bring it along.
    private mutating func settle(with block: Block?, from number: PeerNumber?) {
        guard let decided else { return }
        if let number { send(.sealed(decided), to: [number]) }
        if let block, block.hash == decided.block { requestDecided(decided, body: block) }
    }

    private mutating func refuse(_ message: ConsensusMessage, _ error: JustificationError, from number: PeerNumber?) {
        let signed = message.signedVote
        guard case .proposal(let proposal) = message else {
            if let number { penalise(number, because: "consensus message refused: \(error)") }
            return
        }
        note(
            .proposalRefused(
                height: signed.vote.height, round: signed.vote.round, proposer: signed.validator, why: "\(error)"))
        guard hear([signed], from: number) else { return }
        // A wrong proposer has signed the proof of it.
        if case .wrongProposer = error { return send(.proposal(proposal), to: table.rangerNumbers) }
        // So has one who signed reasons that are none (C10, C11): that takes no state to show.
        let unjustified = proveUnjustified(
            proposal.vote, of: proposal.block, because: proposal.justification, genesis: genesis, scheme: scheme)
        if let unjustified {
            send(.proposal(proposal), to: table.rangerNumbers)
            return judgeOwn(unjustified)
        }
        if let number { penalise(number, because: "proposal refused: \(error)") }
    }

    /// Holds a message of the next height, a few for each validator (QBFT.md 17).
    ///
    /// Its signature is checked when its turn comes. Until then a validator speaks for itself only, so that nobody
    /// can fill another's place with forgeries.
    private mutating func keep(_ message: ConsensusMessage, from number: PeerNumber) {
        let signed = message.signedVote
        guard signed.vote.height == tail.height + 2, table[number]?.address == signed.validator,
            genesis.council.members.contains(where: { $0.address == signed.validator }),
            waiting.count(where: { $0.signedVote.validator == signed.validator }) < Self.waitingPerValidatorMax,
            !waiting.contains(where: {
                $0.signedVote.vote == signed.vote && $0.signedVote.validator == signed.validator
            })
        else { return }
        waiting.append(message)
    }
}
