import Chain
import Consensus
import Crypto
import FaultProofs
import Primitives
import Ranger
import Validation

// The deeds themselves, where the honest node passes by.
extension Node {
    // MARK: Blocks

    /// How this node looks at `block`: with its eyes shut if it is one of those who seal the fault in it.
    ///
    /// Only the block in which the fault is to be is looked at so. It is known by its round, and proposed again or
    /// sealed by whom it pays: another block of the height would not come out right with somebody's mint in it.
    mutating func conduct(for block: Block, _ bound: RoundBound) -> Conduct {
        guard !isRanger, let injection = injections(at: block.header.number).first(where: { $0.level == .sealed }),
            let cast = cast(of: injection), cast.liars.contains(address)
        else { return .honest }
        let committee = committee(at: injection.height, parent: tail.hash)
        let author = committee.proposer(height: injection.height, round: injection.round)
        if case .proposedFresh(let round) = bound, round != injection.round { return .honest }
        guard block.header.beneficiary == author.rewardAddress else { return .honest }
        remember(spoiled: block.hash)
        return injection.laxConduct
    }

    private mutating func remember(spoiled block: Hash32) {
        guard !misconduct.spoiled.contains(block), misconduct.spoiled.count < Misconduct.spoiledMax else { return }
        misconduct.spoiled.append(block)
    }

    /// What to spoil in the block that is being built.
    mutating func sabotage(round: UInt64) -> Sabotage? {
        let injection = injections(at: tail.height + 1).first {
            let isInBlock = $0.level == .sealed || ($0.level == .proposal && $0.fault != .wrongProposer)
            return isInBlock && $0.round == round && cast(of: $0)?.liars.first == address
        }
        guard let injection else { return nil }
        let sabotage = Sabotage(
            injection, rules: rules, baseFee: tail.header.baseFeePerGas, misconduct: misconduct)
        guard sabotage != nil else {
            settle(injection, .missed("there is nothing to make it from, such as a transaction to replay"))
            return nil
        }
        misconduct.spoiling = injection
        return sabotage
    }

    /// Whether the proposer of `round` stays silent: that is the fault, or it brings a later round about.
    mutating func skipsProposal(round: UInt64) -> Bool {
        if let injection = active(.silentProposer), injection.round == round {
            settle(injection, .applied(height: injection.height, round: round))
            return true
        }
        return injections(at: tail.height + 1).contains { injection in
            injection.round > round && injection.fault.needsItsRound
                && cast(of: injection)?.silent[Int(round)] == address
        }
    }

    /// Whether `block` was built beside what consensus asked for; if so, it is put to use. nil: it could not be built.
    mutating func builtForMisconduct(_ block: ValidatedBlock?, height: Height, round: UInt64) -> Bool {
        guard let kind = Misconduct.ExtraBlock(rawValue: round) else {
            noteSpoiled(block)
            return false
        }
        guard let block = block?.block else { return true }
        switch kind {
        case .outOfTurn:
            if let injection = active(.wrongProposer), height == injection.height {
                let vote = Vote.proposal(of: block, round: injection.round)
                ask(.proposal(block, Justification(), to: .everybody), for: vote)
                settle(injection, .applied(height: height, round: injection.round))
            }
        case .unjustified:
            if let injection = active(.unjustifiedProposal), height == injection.height {
                let forgery = Justification(roundChanges: forgedRoundChanges(for: injection))
                let vote = Vote.proposal(of: block, round: injection.round, because: forgery)
                ask(.proposal(block, forgery, to: .everybody), for: vote)
                settle(injection, .applied(height: height, round: injection.round))
            }
        case .second: secondIsBuilt(block)
        }
        return true
    }

    private mutating func noteSpoiled(_ block: ValidatedBlock?) {
        guard let injection = misconduct.spoiling else { return }
        misconduct.spoiling = nil
        guard let block else { return settle(injection, .missed("the block with the fault could not be built")) }
        remember(spoiled: block.hash)
    }

    /// Builds blocks that nobody has asked for, at the time at which one is due.
    mutating func buildUnasked() {
        if active(.wrongProposer) != nil { build(.outOfTurn) }
        if active(.unjustifiedProposal) != nil { build(.unjustified) }
    }

    /// Builds a block beside consensus, one a height.
    mutating func build(_ kind: Misconduct.ExtraBlock) {
        let height = tail.height + 1
        guard misconduct.extraHeight != height, let member = consensus.committee.member(address) else { return }
        misconduct.extraHeight = height
        let request = BuildRequest(
            ancestry: ancestry, beneficiary: member.rewardAddress,
            timestampMilliseconds: max(wallClock, tail.extension.timestampMilliseconds + 1), candidates: [])
        out.append(.build(request, round: kind.rawValue, nil))
    }

    /// None, or a quorum of them with signatures that were made for something else; by the seed.
    private func forgedRoundChanges(for injection: Injection) -> [SignedVote] {
        guard injection.seed % 2 == 1, let certificate = tail.certificate else { return [] }
        let claim = Vote.roundChange(height: injection.height, to: injection.round)
        return certificate.seals.map { SignedVote(vote: claim, validator: $0.validator, signature: $0.signature) }
    }

    // MARK: Messages

    /// Whether this validator says nothing at this height.
    var isSilentOnPurpose: Bool { active(.silentValidator) != nil }

    /// Whether `message` is withheld, or replaced by something else.
    mutating func misconductReplaces(_ message: ConsensusMessage) -> Bool {
        if isSilentOnPurpose { return true }
        guard case .proposal(let proposal) = message else { return false }
        let round = proposal.vote.vote.round
        for injection in injections(at: tail.height + 1)
        where injection.level == .proposal && injection.round == round
            && misconduct.spoiled.contains(proposal.vote.vote.block)
        {
            settle(injection, .applied(height: injection.height, round: round))
        }
        if stagesFork(with: proposal) { return false }
        guard let injection = active(.equivocatingProposer), injection.round == round,
            let honest = cast(of: injection)?.firstHalf
        else { return false }
        let half = (honest.count + 1) / 2
        send(
            .proposal(proposal),
            to: table.peers.filter { honest.prefix(half).contains($0.address) }.map(\.number))
        relay(proposal.vote)
        let second = proposal.block.twin
        ask(
            .proposal(second, proposal.justification, to: .validators(Array(honest.dropFirst(half)))),
            for: .proposal(of: second, round: round, because: proposal.justification))
        settle(injection, .applied(height: injection.height, round: round))
        return true
    }

    /// What a faulty node signs on top of what its voter has granted, as soon as it is granted: later the height may
    /// be decided without it.
    mutating func misconduct(on records: [VoteRecord]) {
        for case .vote(let vote) in records {
            if vote.kind == .prepare { misconduct(onPrepare: vote) }
        }
    }

    private mutating func misconduct(onPrepare vote: Vote) {
        for fault in [Injection.Fault.doubleCommit, .amnesia] {
            guard let injection = active(fault), injection.round == vote.round else { continue }
            contradictItself(injection, vote.block)
            settle(injection, .applied(height: vote.height, round: vote.round))
        }
        if let injection = active(.tooFewSeals), injection.round == vote.round,
            let block = candidates[vote.block]?.block
        {
            ask(
                .loneSeal(block), for: .commit(height: vote.height, round: vote.round, block: vote.block))
            settle(injection, .applied(height: vote.height, round: vote.round))
        }
        forkIsPrepared(vote)
    }

    /// Commits to `block`, and in the same breath to another one, or asks for the next round as if it never had.
    mutating func contradictItself(_ injection: Injection, _ block: Hash32) {
        let (height, round) = (injection.height, injection.round)
        guard injection.fault == .doubleCommit || injection.fault == .amnesia else { return }
        ask(.vote(to: .everybody), for: .commit(height: height, round: round, block: block))
        if injection.fault == .doubleCommit {
            ask(.vote(to: .everybody), for: .commit(height: height, round: round, block: keccak256(block)))
        } else {
            ask(.roundChange(to: .everybody), for: .roundChange(height: height, to: round + 1))
        }
    }

    // MARK: Rangers

    private var forgeable: SignedVote? {
        ranger.archive.anyVote(at: followedHeight) ?? ranger.archive.anyVote(at: tail.height)
    }

    var canLie: Bool { forgeable != nil }

    /// Accuses an honest validator: a genuine vote beside a forged one. Returns whether there was one to begin with.
    mutating func lie(seed: UInt64) -> Bool {
        guard let genuine = forgeable else { return false }
        var other = genuine.vote
        other.block = keccak256(Bytes("forged \(seed)".utf8))
        let forged = SignedVote(vote: other, validator: genuine.validator, signature: genuine.signature)
        guard let proof = proveContradiction(genuine, forged) else { return false }
        send(.fault(proof), to: table.numbers)
        return true
    }
}

extension Block {
    /// The same block a millisecond later, or earlier where that is another second, which code could tell from the
    /// state: as valid as the first.
    var twin: Block {
        var milliseconds = `extension`.timestampMilliseconds
        if milliseconds % 1_000 == 999 { milliseconds -= 1 } else { milliseconds += 1 }
        let moved = BlockExtension(
            version: `extension`.version, nextCouncilHash: `extension`.nextCouncilHash,
            accessListRoot: `extension`.accessListRoot, timestampMilliseconds: milliseconds)
        var header = header
        header.extraData = moved.hash.bytes
        return Block(header: header, transactions: transactions, extension: moved)
    }
}
