import Chain
import Consensus
import Primitives
import Validation

/// A fork that this liar takes part in: two blocks for one height, each shown to one half of the honest.
///
/// The liars' own consensus sees the first block and those who are shown it. While the fork is under way a liar is deaf
/// and mute towards the second half, but for what it forges, so that its node stays on one branch and in one piece.
struct StagedFork: Sendable {
    let injection: Injection
    let cast: InjectionCast
    let committee: Committee
    /// The block that this liar follows.
    var first: Hash32?
    /// What the second half is to seal; known to the liar that makes it.
    var second: Block?
    /// Everybody's wish to leave the first block's round; the liars' are forgetful (E4).
    var roundChanges: [SignedVote] = []
    var hasProposedSecond = false
    var hasForgotten = false
    var hasPledged = false
    /// Of the second half, those who have sealed.
    var sealedBy: [Address] = []

    /// A fork that the second half has not sealed this many blocks later is given up.
    static let patience: Height = 8
    /// Rounds that the first half may take beyond its own.
    static let roundsMax: UInt64 = 2

    var height: Height { injection.height }
    var isAcrossRounds: Bool { injection.fault == .crossRoundFork }
    var secondRound: UInt64 { isAcrossRounds ? injection.round + 1 : injection.round }
    /// Whoever proposes the second block: in the same round the one that proposed the first.
    var secondProposer: Address { cast.liars[isAcrossRounds ? 1 : 0] }
    var othersInOnIt: [Address] { cast.secondHalf + cast.liars }

    /// Whether this validator must not hear of the first branch for now.
    func isKeptApart(_ validator: Address) -> Bool {
        cast.secondHalf.contains(validator) && !sealedBy.contains(validator)
    }
}

/// Half of the honest, kept apart from the other half until it has sealed the height that is to be forked.
///
/// That is a partition of the network as the links know it, but keyed by height: without it the first certificate would
/// often reach the other half before that has its own. Their nodes do nothing else than they would behind cut links.
struct PartedHalf: Sendable {
    let height: Height
    let round: UInt64
    /// Their own half, and the liars.
    let friends: [Address]
    let strangers: [Address]
}

extension Node {
    /// Takes up the order for a fork at the next height, as a liar or as one who is kept apart.
    mutating func stageFork() {
        let height = tail.height + 1
        guard misconduct.fork == nil, !isRanger,
            let injection = injections(at: height).first(where: { $0.level == .fork })
        else { return }
        let committee = committee(at: height, parent: tail.hash)
        guard let cast = cast(of: injection) else { return }
        let isLiar = cast.liars.contains(address)
        guard cast.liars.first == committee.proposer(height: height, round: injection.round).address else {
            let why = "the one who is named is not the proposer of round \(injection.round)"
            return isLiar ? settle(injection, .missed(why)) : ()
        }
        guard isLiar else { return part(injection, cast) }
        misconduct.fork = StagedFork(injection: injection, cast: cast, committee: committee)
    }

    private mutating func part(_ injection: Injection, _ cast: InjectionCast) {
        let isFirst = cast.firstHalf.contains(address)
        let (own, other) = isFirst ? (cast.firstHalf, cast.secondHalf) : (cast.secondHalf, cast.firstHalf)
        guard own.contains(address) else { return }
        misconduct.parted = PartedHalf(
            height: injection.height, round: injection.round, friends: own + cast.liars, strangers: other)
    }

    /// Ends a fork that is done, or that has come to nothing.
    mutating func reviewFork() {
        if let parted = misconduct.parted,
            tail.height >= parted.height || consensus.round > parted.round + StagedFork.roundsMax
        {
            misconduct.parted = nil
        }
        guard let fork = misconduct.fork else { return }
        let isSealed = tail.height >= fork.height
        if isSealed, fork.cast.secondHalf.allSatisfy(fork.sealedBy.contains) {
            misconduct.fork = nil
        } else if tail.height >= fork.height + StagedFork.patience {
            giveUpFork("the second half sealed nothing in \(StagedFork.patience) blocks")
        } else if !isSealed, consensus.height == fork.height,
            consensus.round > fork.injection.round + StagedFork.roundsMax
        {
            giveUpFork("the first half did not seal in round \(fork.injection.round)")
        }
    }

    /// Who has given the second half its votes has done its part, whatever came of it: rangers tell that.
    private mutating func giveUpFork(_ why: String) {
        guard let fork = misconduct.fork else { return }
        misconduct.fork = nil
        if isWaiting(fork.injection) { settle(fork.injection, .missed(why)) }
    }

    // MARK: The first block

    /// Whether the proposal of the first block sets a fork off; those who are not kept apart get it as usual.
    mutating func stagesFork(with proposal: Proposal) -> Bool {
        guard let fork = misconduct.fork, proposal.vote.vote.round == fork.injection.round,
            proposal.vote.vote.height == fork.height
        else { return false }
        misconduct.fork?.first = proposal.vote.vote.block
        guard !fork.isAcrossRounds, !fork.hasProposedSecond else { return true }
        let second = proposal.block.twin
        misconduct.fork?.second = second
        misconduct.fork?.hasProposedSecond = true
        ask(
            .proposal(second, proposal.justification, to: .validators(fork.othersInOnIt)),
            for: .proposal(of: second, round: fork.secondRound, because: proposal.justification))
        return true
    }

    /// A liar prepares the first block: it commits in the same breath, so that the first half seals at once. Where the
    /// second block is one of the next round, it forgets all of that towards the second half.
    mutating func forkIsPrepared(_ prepare: Vote) {
        guard let fork = misconduct.fork, prepare.height == fork.height, prepare.round == fork.injection.round,
            !fork.hasForgotten
        else { return }
        misconduct.fork?.first = prepare.block
        misconduct.fork?.hasForgotten = true
        ask(
            .vote(to: .validators(fork.cast.firstHalf)),
            for: .commit(height: fork.height, round: prepare.round, block: prepare.block))
        guard fork.isAcrossRounds else { return }
        ask(
            .roundChange(to: .validators(fork.othersInOnIt)),
            for: .roundChange(height: fork.height, to: fork.secondRound))
        if address == fork.secondProposer { build(.second) }
    }

    // MARK: The second block

    mutating func secondIsBuilt(_ block: Block) {
        guard let fork = misconduct.fork, fork.second == nil, block.number == fork.height else { return }
        misconduct.fork?.second = block
        proposeSecond()
    }

    /// Counts a wish to leave the first block's round.
    mutating func keepForSecond(_ change: RoundChange) {
        guard let fork = misconduct.fork, fork.isAcrossRounds, change.vote.vote.height == fork.height,
            change.vote.vote.round == fork.secondRound, change.prepared == nil,
            !fork.roundChanges.contains(where: { $0.validator == change.vote.validator })
        else { return }
        misconduct.fork?.roundChanges.append(change.vote)
        proposeSecond()
    }

    private mutating func proposeSecond() {
        guard let fork = misconduct.fork, fork.isAcrossRounds, address == fork.secondProposer, !fork.hasProposedSecond,
            let second = fork.second, fork.roundChanges.count >= fork.committee.quorum
        else { return }
        misconduct.fork?.hasProposedSecond = true
        let justification = Justification(roundChanges: fork.roundChanges)
        ask(
            .proposal(second, justification, to: .validators(fork.othersInOnIt)),
            for: .proposal(of: second, round: fork.secondRound, because: justification))
    }

    /// Prepares and commits the second block at once, towards the second half.
    mutating func pledgeToSecond(_ block: Hash32, round: UInt64) {
        guard let fork = misconduct.fork, !fork.hasPledged, block != fork.first else { return }
        misconduct.fork?.hasPledged = true
        let audience = Misconduct.Audience.validators(fork.cast.secondHalf)
        ask(.vote(to: audience), for: .prepare(height: fork.height, round: round, block: block))
        ask(.vote(to: audience), for: .commit(height: fork.height, round: round, block: block))
        note(.forked(height: fork.height, second: block, round: round, follows: fork.first ?? tail.hash))
        settle(fork.injection, .applied(height: fork.height, round: round))
    }

    // MARK: Between the halves

    /// Whether `message` is kept from this node's consensus: it comes from beyond a partition, or a liar has other use
    /// for it.
    mutating func misconductTakes(_ message: ConsensusMessage) -> Bool {
        let signed = message.signedVote
        if let parted = misconduct.parted {
            return signed.vote.height >= parted.height && parted.strangers.contains(signed.validator)
        }
        guard let fork = misconduct.fork, signed.vote.height == fork.height else {
            return misconduct.fork.map { signed.vote.height > $0.height && $0.isKeptApart(signed.validator) } ?? false
        }
        guard isGenuine(signed, fork) else { return false }
        switch message {
        case .roundChange(let change):
            if signed.vote.round == fork.secondRound, fork.isAcrossRounds, fork.cast.liars.contains(signed.validator) {
                keepForSecond(change)
                return true
            }
            if fork.isKeptApart(signed.validator) { keepForSecond(change) }
        case .proposal:
            if signed.validator == fork.secondProposer, signed.vote.round == fork.secondRound {
                guard fork.isAcrossRounds || (fork.first != nil && fork.first != signed.vote.block) else {
                    misconduct.fork?.first = signed.vote.block
                    return false
                }
                pledgeToSecond(signed.vote.block, round: fork.secondRound)
                return true
            }
        case .vote: break
        }
        return fork.isKeptApart(signed.validator)
    }

    private func isGenuine(_ signed: SignedVote, _ fork: StagedFork) -> Bool {
        let context = VotingContext(height: fork.height, committee: fork.committee, chain: consensus.context.chain)
        return (try? context.verified(signed, as: signed.vote.kind, scheme: scheme)) != nil
    }

    /// Whether the news of a sealed block is none for this node: it comes from beyond a partition, rangers included, or
    /// tells a liar that the second half has sealed as it was meant to.
    mutating func misconductIgnores(_ certificate: CommitCertificate, from number: PeerNumber) -> Bool {
        if let parted = misconduct.parted, let peer = table[number] {
            return certificate.height >= parted.height && !parted.friends.contains(peer.address)
        }
        guard let fork = misconduct.fork, let peer = table[number], fork.cast.secondHalf.contains(peer.address),
            certificate.height >= fork.height
        else { return false }
        guard certificate.block != fork.first else { return false }
        if certificate.height == fork.height, !fork.sealedBy.contains(peer.address) {
            misconduct.fork?.sealedBy.append(peer.address)
            reviewFork()
        }
        return true
    }

    /// Those among `numbers` who may hear `message`: what tells of the first branch is kept from the second half.
    func hearers(of message: Message, among numbers: [PeerNumber]) -> [PeerNumber] {
        if let parted = misconduct.parted, message.heightTold.map({ $0 >= parted.height }) ?? false {
            return numbers.filter { number in table[number].map { !parted.strangers.contains($0.address) } ?? true }
        }
        guard let fork = misconduct.fork, message.heightTold.map({ $0 >= fork.height }) ?? false else {
            return numbers
        }
        return numbers.filter { number in table[number].map { !fork.isKeptApart($0.address) } ?? true }
    }

    /// How many of the blocks from `from` on may be served to a peer.
    func servable(from: Height, count: UInt64, to number: PeerNumber) -> UInt64 {
        guard let fork = misconduct.fork, let peer = table[number], fork.isKeptApart(peer.address) else { return count }
        return from < fork.height ? min(count, fork.height - from) : 0
    }
}

extension Message {
    /// The height that a message tells something new of.
    fileprivate var heightTold: Height? {
        switch self {
        case .proposal(let proposal): proposal.vote.vote.height
        case .vote(let vote): vote.vote.height
        case .roundChange(let change): change.vote.vote.height
        case .sealed(let certificate): certificate.height
        default: nil
        }
    }
}
