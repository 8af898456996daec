public import FaultProofs
public import Primitives

/// What has been proven, what is being judged, and how often somebody cried wolf.
///
/// A fault is known by what it shows, not by the bytes of its proof: a hundred proofs of one deed are one fault.
public struct FaultDesk: Sendable {
    /// Faults kept in memory; further ones are refused until an operator has looked.
    public static let faultsMax = 4_096
    /// Proofs that may wait to be judged at once.
    public static let judgingMax = 16
    /// Identifiers of refused proofs that are remembered, so that repeating one costs nothing.
    public static let refusedMax = 1_024

    private var proven: Set<ProvenFault> = []
    private var identifiers: Set<Hash32> = []
    private var judging: [Hash32] = []
    private var refused: [Hash32] = []
    /// Reports that did not verify, since start.
    public private(set) var refusedCount: UInt64 = 0

    public init(known: [(id: Hash32, fault: ProvenFault)] = []) {
        for entry in known {
            identifiers.insert(entry.id)
            proven.insert(entry.fault)
        }
    }

    public var count: Int { proven.count }

    public enum Admission: Sendable, Hashable {
        case judge
        case known
        /// It was refused before; whoever repeats it is as much at fault as the first time.
        case refusedBefore
        case tooMany
    }

    /// Whether a proof that arrived is worth judging.
    public mutating func admit(_ id: Hash32) -> Admission {
        if identifiers.contains(id) || judging.contains(id) { return .known }
        if refused.contains(id) {
            refusedCount += 1
            return .refusedBefore
        }
        guard judging.count < Self.judgingMax, proven.count < Self.faultsMax else { return .tooMany }
        judging.append(id)
        return .judge
    }

    /// Notes a verified proof. Returns whether it shows something new.
    public mutating func accept(_ id: Hash32, showing fault: ProvenFault) -> Bool {
        judging.removeAll { $0 == id }
        guard proven.count < Self.faultsMax else { return false }
        identifiers.insert(id)
        return proven.insert(fault).inserted
    }

    /// Notes a proof that failed.
    public mutating func refuse(_ id: Hash32) {
        judging.removeAll { $0 == id }
        refusedCount += 1
        refused.append(id)
        if refused.count > Self.refusedMax { refused.removeFirst() }
    }
}
