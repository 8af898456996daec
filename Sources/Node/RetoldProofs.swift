import FaultProofs
import Primitives
import Ranger

/// Proofs for whoever connects later: a fork is often proven while the network has fallen apart, and those who were
/// away would never hear of it.
struct RetoldProofs: Sendable {
    /// Proofs about the sealed chain, forks and wrong blocks, of which the lowest count.
    static let sealedMax = 4
    /// Other proofs, the latest.
    static let othersMax = 16
    /// Bytes of those others together.
    static let othersBytesMax = 256 << 10

    private var sealed: [(height: UInt64, proof: FaultProof)] = []
    private var others: [(bytes: Int, proof: FaultProof)] = []

    /// What to tell, the gravest first.
    var proofs: [FaultProof] { sealed.map(\.proof) + others.map(\.proof) }

    mutating func keep(_ proof: FaultProof, showing fault: ProvenFault) {
        guard fault.isSealed || fault.kind == .fork else { return keepOther(proof) }
        // A later proof of the same height convicts more.
        sealed.removeAll { $0.height == fault.height }
        sealed.append((fault.height, proof))
        sealed.sort { $0.height < $1.height }
        if sealed.count > Self.sealedMax { sealed.removeLast() }
    }

    private mutating func keepOther(_ proof: FaultProof) {
        let bytes = proof.rlp.count
        guard bytes <= Self.othersBytesMax else { return }
        others.append((bytes, proof))
        while others.count > Self.othersMax || others.reduce(0, { $0 + $1.bytes }) > Self.othersBytesMax {
            others.removeFirst()
        }
    }
}
