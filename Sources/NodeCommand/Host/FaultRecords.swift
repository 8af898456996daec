import FaultProofs
import Primitives
import RPC
import Storage

// One proven fault in the shapes of the node, of JSON-RPC and of the disk.

extension ProvenRecord {
    init(proof: FaultProof, fault: ProvenFault, firstSeenMilliseconds: UInt64) {
        let encoded = proof.rlp
        self.init(
            record: FaultRecord(
                id: proof.id, kind: fault.kind.name, rule: fault.rule, height: fault.height, round: fault.round,
                block: fault.block, guilty: fault.guilty, expected: fault.expected, found: fault.found,
                firstSeenMilliseconds: firstSeenMilliseconds, proofByteCount: encoded.count),
            proof: encoded)
    }

    init(_ stored: StoredFault, proof: Bytes) {
        self.init(
            record: FaultRecord(
                id: stored.id, kind: stored.kind, rule: stored.rule, height: stored.height, round: stored.round,
                block: stored.block, guilty: stored.guilty, expected: stored.expected, found: stored.found,
                firstSeenMilliseconds: stored.firstSeenMilliseconds, proofByteCount: proof.count),
            proof: proof)
    }
}

extension StoredFault {
    init(_ record: FaultRecord) {
        self.init(
            id: record.id, kind: record.kind, rule: record.rule, height: record.height, round: record.round,
            block: record.block, guilty: record.guilty, expected: record.expected, found: record.found,
            origin: "verified here", firstSeenMilliseconds: record.firstSeenMilliseconds)
    }
}
