public import FaultProofs
public import Primitives

/// What has been proven, what is being judged, and how often somebody cried wolf.
///
/// A fault is known by what was done and by whom, not by the bytes of its proof: a hundred proofs of one deed are one
/// fault, and a further proof about a block, a fork or a pair of votes is news only if it convicts somebody new.
public struct FaultDesk: Sendable {
    /// Faults kept in memory; further ones are refused until an operator has looked.
    public static let faultsMax = 4_096
    /// Faults kept of one validator that no quorum shares, so that a liar cannot fill the desk with its own.
    public static let faultsPerValidatorMax = 256
    /// Proofs that may wait to be judged at once.
    public static let judgingMax = 16
    /// Proofs of our own that may wait beside them: nobody would send those again.
    public static let ownJudgingMax = 64
    /// Identifiers of refused proofs that are remembered, so that repeating one costs nothing.
    public static let refusedMax = 1_024
    /// Identifiers of proofs that hold and show nothing new: they need no second look.
    public static let repeatedMax = 1_024

    /// What somebody may be convicted of once.
    private enum Deed: Hashable, Sendable {
        case votes(rule: String, height: Height, round: UInt64?, validator: Address?)
        case sealed(block: Hash32)
        case proposed(block: Hash32)
        case fork(Height)
    }

    private var convicted: [Deed: Set<Address>] = [:]
    private var counts: [Address: Int] = [:]
    private var identifiers: Set<Hash32> = []
    private var judging: [Hash32] = []
    private var refused: [Hash32] = []
    private var repeated: [Hash32] = []
    private var pairs: [(height: Height, validator: Address)] = []
    /// Faults that are known.
    public private(set) var count = 0
    /// Reports that did not verify, since start.
    public private(set) var refusedCount: UInt64 = 0

    public init(known: [(id: Hash32, fault: ProvenFault)] = []) {
        for entry in known { note(entry.id, entry.fault) }
    }

    public enum Admission: Sendable, Hashable {
        case judge
        case known
        /// It was refused before; whoever repeats it is as much at fault as the first time.
        case refusedBefore
        case tooMany
    }

    /// Whether a proof is worth judging.
    ///
    /// - Parameter isOwn: Whether this node has made it itself.
    public mutating func admit(_ id: Hash32, isOwn: Bool = false) -> Admission {
        if identifiers.contains(id) || judging.contains(id) || repeated.contains(id) { return .known }
        if refused.contains(id) {
            refusedCount += 1
            return .refusedBefore
        }
        let judgingMax = isOwn ? Self.judgingMax + Self.ownJudgingMax : Self.judgingMax
        guard judging.count < judgingMax, count < Self.faultsMax else { return .tooMany }
        judging.append(id)
        return .judge
    }

    /// Notes a verified proof. Returns whether it shows something new.
    public mutating func accept(_ id: Hash32, showing fault: ProvenFault) -> Bool {
        judging.removeAll { $0 == id }
        guard count < Self.faultsMax, isNew(fault) else {
            repeated.append(id)
            if repeated.count > Self.repeatedMax { repeated.removeFirst() }
            return false
        }
        note(id, fault)
        return true
    }

    /// Notes a proof that failed.
    public mutating func refuse(_ id: Hash32) {
        judging.removeAll { $0 == id }
        refusedCount += 1
        refused.append(id)
        if refused.count > Self.refusedMax { refused.removeFirst() }
    }

    /// Whether the block with this hash is known to be sealed and wrong.
    public func hasConvictedSealers(of block: Hash32) -> Bool {
        convicted[.sealed(block: block)] != nil
    }

    /// How many contradictions `validator` was convicted of from `height` on.
    public func equivocations(of validator: Address, from height: Height) -> Int {
        pairs.count { $0.validator == validator && $0.height >= height }
    }

    private func isNew(_ fault: ProvenFault) -> Bool {
        let deed = Self.deed(fault)
        if !fault.isSealed, !fault.guilty.isEmpty,
            fault.guilty.allSatisfy({ counts[$0, default: 0] >= Self.faultsPerValidatorMax })
        {
            return false
        }
        guard let known = convicted[deed] else {
            // Whoever was convicted as a sealer of the block need not be convicted as its proposer too.
            guard case .proposed(let block) = deed, let sealers = convicted[.sealed(block: block)] else { return true }
            return !sealers.isSuperset(of: fault.guilty)
        }
        return !known.isSuperset(of: fault.guilty)
    }

    private mutating func note(_ id: Hash32, _ fault: ProvenFault) {
        identifiers.insert(id)
        count += 1
        convicted[Self.deed(fault), default: []].formUnion(fault.guilty)
        for validator in fault.guilty {
            counts[validator, default: 0] += 1
            if fault.kind == .pair { pairs.append((fault.height, validator)) }
        }
    }

    private static func deed(_ fault: ProvenFault) -> Deed {
        switch fault.kind {
        case .pair, .justification:
            .votes(rule: fault.rule, height: fault.height, round: fault.round, validator: fault.guilty.first)
        case .fork: .fork(fault.height)
        default: fault.isSealed ? .sealed(block: fault.block) : .proposed(block: fault.block)
        }
    }
}
