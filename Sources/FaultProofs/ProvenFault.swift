public import Chain
public import Primitives
public import Validation

/// A fault that a proof has shown, and whose it is. What looks like malice may be a defect: it is proven, not judged.
public struct ProvenFault: Hashable, Sendable {
    public let kind: FaultProof.Kind
    /// "E1" to "E6", the name of a `BlockRule`, "justification" or "fork".
    public let rule: String
    public let height: Height
    public let round: UInt64?
    /// The block at fault; of two votes, the first that they name; of a fork, the one sealed in the lower round.
    public let block: Hash32
    /// The validators whose signatures show it, in ascending order.
    public let guilty: [Address]
    public let expected: String
    public let found: String
    /// Whether a quorum sealed the block, so that the chain itself is at fault.
    public let isSealed: Bool
    /// The transaction at fault, where it is one.
    public let transactionIndex: Int?
}

extension ProvenFault: CustomStringConvertible {
    /// One sentence: who did what, at which height and round.
    public var description: String {
        let names = guilty.map(\.hex).joined(separator: ", ")
        let place = "height \(height)" + (round.map { ", round \($0)" } ?? "")
        switch kind {
        case .pair:
            return "\(names) signed two votes that contradict each other (\(rule), \(place)): "
                + "expected \(expected), found \(found)"
        case .justification:
            return
                "\(names) proposed block \(block) without a right to (\(place)): expected \(expected), found \(found)"
        case .fork:
            let guilt = guilty.isEmpty ? "nobody yet, for want of their votes" : names
            return "height \(height) was sealed twice: expected \(expected), found \(found); the guilty are \(guilt)"
        case .header, .body, .execution:
            let deed = isSealed ? "sealed" : "proposed"
            let transaction = transactionIndex.map { ", transaction \($0)" } ?? ""
            return "\(names) \(deed) block \(block) (\(place)), which breaks the rule \(rule)\(transaction): "
                + "expected \(expected), found \(found)"
        }
    }
}

/// Why a proof shows nothing. It is then no stain on anybody but whoever sent it.
public enum ProofRejection: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge(limit: Int, found: Int)
    case malformed(RLPError)
    // The chain.
    case noGenesis
    case wrongGenesis(expected: Hash32, found: Hash32)
    case history(CouncilHistoryError)
    // The accusation.
    /// Not in the council.
    case foreignValidator(Address)
    case vote(VoteError)
    case certificate(CertificateError)
    /// The vote or certificate is about something else than the evidence.
    case wrongAccusation(expected: String, found: String)
    // The evidence.
    /// The two votes may both be cast, or stand in the wrong order.
    case noContradiction(String)
    /// Two parts that do not belong together by their hashes.
    case unbound(part: String, expected: Hash32, found: Hash32)
    /// The evidence keeps every rule that this kind of proof can speak of.
    case noFault
    /// The witness does not show what it would take.
    case insufficientWitness(StateGap)
    /// The witness holds more than what is used, or in another order.
    case surplusWitness(used: Int, found: Int)
    /// The trie nodes do not lead to a transaction at this position of the block.
    case unprovenTransaction(position: Int, reason: String)
    /// The entries of the access list do not hold, or not what it would take.
    case accessList(String)
    /// To check this would take more gas than a proof may.
    case tooCostly(limit: Gas, found: Gas)
    /// The fault is one that a smaller kind of proof shows.
    case wrongKind(expected: FaultProof.Kind, found: FaultProof.Kind)

    public var description: String {
        switch self {
        case .tooLarge(let limit, let found): "a proof of \(found) bytes; the limit is \(limit)"
        case .malformed(let error): "no fault proof: \(error)"
        case .noGenesis: "there is no genesis to check it with"
        case .wrongGenesis(let expected, let found): "it is about the chain of genesis \(found), not \(expected)"
        case .history(let error): "the history of the council does not hold: \(error)"
        case .foreignValidator(let address): "\(address) is not in the council"
        case .vote(let error): "the accusing vote does not hold: \(error)"
        case .certificate(let error): "the certificate does not hold: \(error)"
        case .wrongAccusation(let expected, let found):
            "the accusation is about \(found), the evidence about \(expected)"
        case .noContradiction(let reason): "the two votes prove nothing: \(reason)"
        case .unbound(let part, let expected, let found): "\(part) hashes to \(found), expected \(expected)"
        case .noFault: "the evidence breaks no rule"
        case .insufficientWitness(let gap): "the witness is not sufficient: \(gap)"
        case .surplusWitness(let used, let found):
            "the witness has \(found) preimages; \(used) are used, in another order"
        case .unprovenTransaction(let position, let reason):
            "the nodes show no transaction at position \(position): \(reason)"
        case .accessList(let reason): "the access list of the block is not shown: \(reason)"
        case .tooCostly(let limit, let found):
            "to check a block of \(found) gas takes too long; the limit is \(limit)"
        case .wrongKind(let expected, let found): "a fault of kind \(expected.name), not \(found.name)"
        }
    }
}
