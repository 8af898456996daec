import Chain
import Consensus
import Crypto
import FaultProofs
public import Primitives
import Ranger
import Validation

/// Signatures that a faulty node asks for behind its voter's back, and what it wants them for.
struct Misconduct: Sendable {
    enum Purpose: Sendable {
        /// Half of the council gets this block instead.
        case secondProposal(Block)
        /// Everybody gets this commit, whatever becomes of the height.
        case commitToAll
        /// Rangers get this block with no seal but ours.
        case loneSeal(Block)
        /// A proposal out of turn.
        case proposalOutOfTurn(Block)
    }

    var asked: [(vote: Vote, purpose: Purpose)] = []
    /// The height at which a proposal out of turn is being built.
    var buildingOutOfTurn: Height?
    /// A transaction that is in the chain, for replaying it.
    var lastIncluded: BuildRequest.Candidate?
}

// Faults on purpose: all that makes a node lie or be silent, in one place. Without an injection nothing here acts.
extension Node {
    /// Notes an injection for its height; a lying ranger starts at once.
    mutating func inject(_ injection: Injection) {
        guard settings.allowsInjection, injections.count < Self.injectionsMax else { return }
        note(.injected(injection))
        if injection.fault == .lyingRanger {
            if isRanger, injection.actor == nil || injection.actor == address { lie(seed: injection.seed) }
            return
        }
        injections.append(injection)
    }

    /// Injections further ahead than this are refused.
    static var injectionReach: Height { 1_000_000 }

    /// Why `injection` would come to nothing, or nil.
    public func refusal(of injection: Injection) -> String? {
        if injections.count >= Self.injectionsMax { return "\(Self.injectionsMax) faults are waiting already" }
        if injection.fault != .lyingRanger, injection.height <= tail.height {
            return "height \(injection.height) is sealed already: the head is \(tail.height)"
        }
        if injection.height > tail.height + Self.injectionReach {
            return "height \(injection.height) is too far away: at most \(Self.injectionReach) blocks ahead"
        }
        if injection.fault == .nonceReplay, !isRanger, misconduct.lastIncluded == nil {
            return "there is nothing to replay: no transaction has been included since this node started"
        }
        return nil
    }

    /// The height at which `injection` takes effect: for faults of a proposer, its actor's next turn.
    public func effectiveHeight(of injection: Injection) -> Height {
        guard let actor = injection.actor, injection.fault.isByProposer else { return injection.height }
        let committee = committee(at: injection.height, parent: tail.hash)
        let heights = injection.height..<injection.height + Height(committee.members.count)
        return heights.first { committee.proposer(height: $0, round: 0).address == actor } ?? injection.height
    }

    func injections(at height: Height) -> [Injection] {
        injections.filter { $0.height == height }
    }

    mutating func forgetInjections() {
        injections.removeAll { $0.height <= tail.height }
        misconduct.asked.removeAll { $0.vote.height <= tail.height }
    }

    private func active(_ fault: Injection.Fault) -> Injection? {
        let height = tail.height + 1
        return injections(at: height).first { $0.fault == fault && (actor(of: $0, at: height) == address) }
    }

    /// Unless somebody is named, the proposer of round 0 where the fault is a proposer's, else the one after it.
    private func actor(of injection: Injection, at height: Height) -> Address {
        if let actor = injection.actor { return actor }
        let round: UInt64 = injection.fault.isByProposer ? 0 : 1
        return committee(at: height, parent: tail.hash).proposer(height: height, round: round).address
    }

    // MARK: Blocks

    /// How this node looks at blocks of `height`: with its eyes shut where a fault is to be sealed.
    func conduct(at height: Height) -> Conduct {
        guard !isRanger, let injection = injections(at: height).first(where: { $0.level == .sealed }) else {
            return .honest
        }
        return injection.laxConduct
    }

    /// What to spoil in the block that is being built.
    func sabotage(round: UInt64) -> Sabotage? {
        guard round == 0 else { return nil }
        let height = tail.height + 1
        let injection = injections(at: height).first { actor(of: $0, at: height) == address }
        return injection.flatMap {
            Sabotage($0, rules: rules, baseFee: tail.header.baseFeePerGas, misconduct: misconduct)
        }
    }

    /// Whether the proposer of round 0 stays silent.
    func skipsProposal(round: UInt64) -> Bool {
        round == 0 && active(.silentProposer) != nil
    }

    // MARK: Messages

    /// Whether this validator says nothing at this height.
    var isSilentOnPurpose: Bool { active(.silentValidator) != nil }

    /// Whether `message` is withheld, or replaced by something else.
    mutating func misconductReplaces(_ message: ConsensusMessage) -> Bool {
        if isSilentOnPurpose { return true }
        guard case .proposal(let proposal) = message, proposal.vote.vote.round == 0,
            active(.equivocatingProposer) != nil
        else { return false }
        let half = table.councilNumbers.prefix((table.councilNumbers.count + 1) / 2)
        send(.proposal(proposal), to: Array(half))
        relay(proposal.vote)
        let second = Self.twin(of: proposal.block)
        ask(.secondProposal(second), for: .proposal(of: second, round: 0))
        return true
    }

    /// Commits that a faulty node makes as soon as it prepares: later the height may be decided without it.
    mutating func misconduct(on records: [VoteRecord]) {
        for case .vote(let vote) in records where vote.kind == .prepare {
            let commit = Vote.commit(height: vote.height, round: vote.round, block: vote.block)
            if active(.doubleCommit) != nil {
                ask(.commitToAll, for: commit)
                ask(.commitToAll, for: .commit(height: vote.height, round: vote.round, block: keccak256(vote.block)))
            }
            if active(.tooFewSeals) != nil, let block = candidates[vote.block]?.block {
                ask(.loneSeal(block), for: commit)
            }
        }
    }

    /// The same block a millisecond later, or earlier where that is another second, which code could tell from the
    /// state: as valid as the first.
    private static func twin(of block: Block) -> Block {
        var milliseconds = block.extension.timestampMilliseconds
        if milliseconds % 1_000 == 999 { milliseconds -= 1 } else { milliseconds += 1 }
        let moved = BlockExtension(
            version: block.extension.version, nextCouncilHash: block.extension.nextCouncilHash,
            accessListRoot: block.extension.accessListRoot, timestampMilliseconds: milliseconds)
        var header = block.header
        header.extraData = moved.hash.bytes
        return Block(header: header, transactions: block.transactions, extension: moved)
    }

    private mutating func ask(_ purpose: Misconduct.Purpose, for vote: Vote) {
        misconduct.asked.append((vote, purpose))
        out.append(.sign(vote))
    }

    /// Whether `signed` was asked for behind the voter's back; if so, it is put to use.
    mutating func signedForMisconduct(_ signed: SignedVote) -> Bool {
        guard let index = misconduct.asked.firstIndex(where: { $0.vote == signed.vote }) else { return false }
        let purpose = misconduct.asked.remove(at: index).purpose
        switch purpose {
        case .secondProposal(let block):
            let half = table.councilNumbers.dropFirst((table.councilNumbers.count + 1) / 2)
            send(.proposal(Proposal(vote: signed, block: block)), to: Array(half))
        case .commitToAll:
            send(.vote(signed), to: table.numbers)
        case .loneSeal(let block):
            let seal = Seal(validator: signed.validator, signature: signed.signature)
            let certificate = CommitCertificate(
                height: signed.vote.height, round: signed.vote.round, block: signed.vote.block, seals: [seal])
            send(.blocks([CertifiedBlock(block: block, certificate: certificate)]), to: table.rangerNumbers)
        case .proposalOutOfTurn(let block):
            send(.proposal(Proposal(vote: signed, block: block)), to: table.councilNumbers)
        }
        return true
    }

    /// Builds a block although it is somebody else's turn.
    mutating func proposeOutOfTurn() {
        let height = tail.height + 1
        guard active(.wrongProposer) != nil, misconduct.buildingOutOfTurn != height,
            let member = consensus.committee.member(address)
        else { return }
        misconduct.buildingOutOfTurn = height
        let request = BuildRequest(
            ancestry: ancestry, beneficiary: member.rewardAddress,
            timestampMilliseconds: max(wallClock, tail.extension.timestampMilliseconds + 1), candidates: [])
        out.append(.build(request, round: .max, nil))
    }

    /// Whether `block` was built out of turn; if so, it is signed and sent.
    mutating func builtForMisconduct(_ block: ValidatedBlock, round: UInt64) -> Bool {
        guard round == .max else { return false }
        ask(.proposalOutOfTurn(block.block), for: .proposal(of: block.block, round: 0))
        return true
    }

    // MARK: Rangers

    /// Accuses honest validators: a genuine vote beside a forged one, and a valid block called invalid.
    private mutating func lie(seed: UInt64) {
        guard let genuine = ranger.archive.anyVote(at: followedHeight) ?? ranger.archive.anyVote(at: tail.height) else {
            return
        }
        var other = genuine.vote
        other.block = keccak256(Bytes("forged \(seed)".utf8))
        let forged = SignedVote(vote: other, validator: genuine.validator, signature: genuine.signature)
        guard let proof = proveContradiction(genuine, forged) else { return }
        send(.fault(proof), to: table.numbers)
    }
}

extension Injection.Fault {
    /// Whether it is committed by whoever proposes a block.
    public var isByProposer: Bool {
        switch self {
        case .silentValidator, .doubleCommit, .lyingRanger, .tooFewSeals, .wrongProposer: false
        default: true
        }
    }
}
