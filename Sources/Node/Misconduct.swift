import Chain
import Consensus
import Crypto
import Primitives
import Validation

/// What a node remembers of the faults that it is told to commit.
struct Misconduct: Sendable {
    /// Who gets what is signed behind the voter's back.
    enum Audience: Sendable {
        case everybody
        case validators([Address])
    }

    /// What a signature that is asked for behind the voter's back becomes.
    enum Purpose: Sendable {
        case proposal(Block, Justification, to: Audience)
        /// A prepare or a commit, whatever becomes of the height.
        case vote(to: Audience)
        /// A round change that claims nothing.
        case roundChange(to: Audience)
        /// Rangers get this block with no seal but ours.
        case loneSeal(Block)
    }

    /// Blocks that are built beside what consensus asks for, marked by rounds that are none.
    enum ExtraBlock: UInt64, Sendable {
        case outOfTurn = 0xffff_ffff_ffff_ffff
        case unjustified = 0xffff_ffff_ffff_fffe
        case second = 0xffff_ffff_ffff_fffd
    }

    var asked: [(vote: Vote, purpose: Purpose)] = []
    /// The height for which an extra block was asked for last.
    var extraHeight: Height?
    /// The order whose fault is being put into a block.
    var spoiling: Injection?
    /// Blocks of the next height that have a fault in them on purpose.
    var spoiled: [Hash32] = []
    /// A transaction that is in the chain, for replaying it.
    var lastIncluded: BuildRequest.Candidate?
    var fork: StagedFork?
    var parted: PartedHalf?
    /// Every order that is not forgotten, oldest first.
    var reports: [InjectionReport] = []

    /// Orders that are settled and kept for whoever asks.
    static let settledMax = 64
    /// Spoiled blocks of one height that are remembered; there is one a round.
    static let spoiledMax = 16
}

// Faults on purpose: all that makes a node lie or be silent begins here. Without an injection nothing here acts.
extension Node {
    /// Injections further ahead than this are refused.
    static var injectionReach: Height { 1_000_000 }

    /// What became of every order, oldest first; settled ones are forgotten after `Misconduct.settledMax` others.
    public var injectionReports: [InjectionReport] { misconduct.reports }

    /// Notes an injection for its height; a lying ranger starts at once.
    ///
    /// It may come to nothing: `refusal(of:)` says so beforehand as far as it can be known, and
    /// `injectionReports` afterwards.
    mutating func inject(_ injection: Injection) {
        guard settings.allowsInjection, injections.count < Self.injectionsMax,
            !misconduct.reports.contains(InjectionReport(injection))
        else { return }
        note(.injected(injection))
        misconduct.reports.append(InjectionReport(injection))
        if injection.fault == .lyingRanger { return takeRangersPart(in: injection) }
        guard !isRanger else { return settle(injection, .bystander) }
        guard injection.height > tail.height else {
            return settle(injection, .missed("height \(injection.height) was sealed before the order came"))
        }
        injections.append(injection)
        castInjections()
    }

    private mutating func takeRangersPart(in injection: Injection) {
        guard isRanger, injection.actor == nil || injection.actor == address else {
            return settle(injection, .bystander)
        }
        guard lie(seed: injection.seed) else {
            return settle(injection, .missed("this ranger has no vote yet that it could forge"))
        }
        settle(injection, .applied(height: tail.height, round: 0))
    }

    /// Once it is known who plays what at the next height, whoever plays nothing says so.
    mutating func castInjections() {
        for injection in injections(at: tail.height + 1) where isWaiting(injection) {
            if let cast = cast(of: injection), !cast.liars.contains(address) { settle(injection, .bystander) }
        }
        stageFork()
    }

    func injections(at height: Height) -> [Injection] {
        injections.filter { $0.height == height }
    }

    /// Who plays what; nil where the committee of its height, the next one, has nobody to play it.
    func cast(of injection: Injection) -> InjectionCast? {
        InjectionCast(injection, in: committee(at: injection.height, parent: tail.hash))
    }

    /// The order to commit `fault` at the next height, if it is this validator's part.
    func active(_ fault: Injection.Fault) -> Injection? {
        injections(at: tail.height + 1).first {
            $0.fault == fault && cast(of: $0)?.liars.contains(address) == true
        }
    }

    // MARK: What becomes of orders

    /// Notes the outcome of an order; the first one stands.
    mutating func settle(_ injection: Injection, _ status: InjectionReport.Status) {
        guard let index = misconduct.reports.firstIndex(of: InjectionReport(injection)) else { return }
        misconduct.reports[index].status = status
        switch status {
        case .applied(let height, let round): note(.injectionApplied(injection, height: height, round: round))
        case .missed(let why): note(.injectionMissed(injection, why: why))
        case .waiting, .bystander: break
        }
        let settled = misconduct.reports.indices.filter { misconduct.reports[$0].status != .waiting }
        if settled.count > Misconduct.settledMax { misconduct.reports.remove(at: settled[0]) }
    }

    func isWaiting(_ injection: Injection) -> Bool {
        misconduct.reports.contains(InjectionReport(injection))
    }

    /// The head has moved: whatever was ordered for its height has happened by now or never will.
    mutating func settleInjections(sealed block: Hash32, round: UInt64, cast: [(Injection, InjectionCast?)]) {
        for (injection, cast) in cast where isWaiting(injection) && misconduct.fork?.injection != injection {
            let outcome = outcome(of: injection, cast, sealed: block, round: round)
            if case .applied = outcome { contradictItself(injection, block) }
            settle(injection, outcome)
        }
        injections.removeAll { $0.height <= tail.height }
        let staged = misconduct.fork?.injection.height
        // The latest height's are on their way.
        misconduct.asked.removeAll { $0.vote.height < tail.height && $0.vote.height != staged }
        (misconduct.spoiled, misconduct.spoiling) = ([], nil)
        reviewFork()
    }

    private func outcome(
        of injection: Injection, _ cast: InjectionCast?, sealed block: Hash32, round: UInt64
    ) -> InjectionReport.Status {
        guard let cast else {
            return .missed("the committee of height \(injection.height) has nobody to commit it")
        }
        guard cast.liars.contains(address) else { return .bystander }
        let isDone =
            switch injection.fault {
            case .silentValidator: true
            // Others were faster than this validator's own votes; what it signs now contradicts itself all the same.
            case .doubleCommit, .amnesia: round == injection.round
            default: injection.level == .sealed && misconduct.spoiled.contains(block)
            }
        guard isDone else {
            let other = round == injection.round ? "" : ", not in round \(injection.round)"
            return .missed("height \(injection.height) was sealed in round \(round)\(other), without this node's part")
        }
        return .applied(height: injection.height, round: round)
    }

    // MARK: Signatures

    /// Asks for a signature behind the voter's back. This is the only place that does.
    mutating func ask(_ purpose: Misconduct.Purpose, for vote: Vote) {
        misconduct.asked.append((vote, purpose))
        out.append(.sign(vote))
    }

    /// Whether `signed` was asked for behind the voter's back; if so, it is put to use.
    mutating func signedForMisconduct(_ signed: SignedVote) -> Bool {
        guard let index = misconduct.asked.firstIndex(where: { $0.vote == signed.vote }) else { return false }
        switch misconduct.asked.remove(at: index).purpose {
        case .proposal(let block, let justification, let audience):
            let proposal = Proposal(
                vote: signed, block: block, roundChanges: justification.roundChanges,
                prepares: justification.prepares)
            out.append(.send(.proposal(proposal), to: councilNumbers(of: audience)))
            if misconduct.fork?.second?.hash == block.hash { pledgeToSecond(block.hash, round: signed.vote.round) }
        case .vote(let audience):
            out.append(.send(.vote(signed), to: numbers(of: audience)))
        case .roundChange(let audience):
            let change = RoundChange(vote: signed, prepared: nil)
            out.append(.send(.roundChange(change), to: councilNumbers(of: audience)))
            if case .everybody = audience { relay(signed) }
            keepForSecond(change)
        case .loneSeal(let block):
            let seal = Seal(validator: signed.validator, signature: signed.signature)
            let certificate = CommitCertificate(
                height: signed.vote.height, round: signed.vote.round, block: signed.vote.block, seals: [seal])
            send(.blocks([CertifiedBlock(block: block, certificate: certificate)]), to: table.rangerNumbers)
        }
        return true
    }

    private func councilNumbers(of audience: Misconduct.Audience) -> [PeerNumber] {
        switch audience {
        case .everybody: table.councilNumbers
        case .validators(let addresses): table.peers.filter { addresses.contains($0.address) }.map(\.number)
        }
    }

    private func numbers(of audience: Misconduct.Audience) -> [PeerNumber] {
        if case .everybody = audience { return table.numbers }
        return councilNumbers(of: audience)
    }
}
