public import Primitives

/// A fault that was proven: what it is, who did it, and since when we know.
public struct FaultRecord: Sendable {
    /// keccak(rlp(proof)).
    public let id: Hash32
    /// The kind of proof: "pair", "header", "body", "execution".
    public let kind: String
    /// The rule that was broken: "E1", "stateRoot", ….
    public let rule: String
    public let height: Height
    public let round: UInt64?
    public let block: Hash32
    /// The validators at fault, by address.
    public let guilty: [Address]
    public let expected: String
    public let found: String
    /// Milliseconds since 1970 when this node first saw it.
    public let firstSeenMilliseconds: UInt64
    /// Bytes of the encoded proof.
    public let proofByteCount: Int

    public init(
        id: Hash32, kind: String, rule: String, height: Height, round: UInt64?, block: Hash32, guilty: [Address],
        expected: String, found: String, firstSeenMilliseconds: UInt64, proofByteCount: Int
    ) {
        (self.id, self.kind, self.rule, self.height, self.round) = (id, kind, rule, height, round)
        (self.block, self.guilty, self.expected, self.found) = (block, guilty, expected, found)
        (self.firstSeenMilliseconds, self.proofByteCount) = (firstSeenMilliseconds, proofByteCount)
    }
}

/// A fault with the proof that anybody can check.
public struct ProvenRecord: Sendable {
    public let record: FaultRecord
    /// rlp(FaultProof), as `node verify-fault` reads it.
    public let proof: Bytes

    public init(record: FaultRecord, proof: Bytes) {
        (self.record, self.proof) = (record, proof)
    }
}

/// What a node found when it executed a block.
public struct VerdictReport: Sendable {
    public enum Outcome: String, Sendable {
        case valid, invalid, unknown
    }

    public let height: Height
    public let outcome: Outcome
    /// The broken rule with both values, or why nothing is known.
    public let explanation: String
    /// The fault that proves an invalid block.
    public let fault: Hash32?

    public init(height: Height, outcome: Outcome, explanation: String, fault: Hash32? = nil) {
        (self.height, self.outcome, self.explanation, self.fault) = (height, outcome, explanation, fault)
    }
}

/// How a node's watching stands.
public struct RangerReport: Sendable {
    /// The highest block that this node executed and found right, with all before it.
    public let validatedHeight: Height
    /// The highest sealed header that it follows.
    public let followedHeight: Height
    public let faultCount: Int
    /// Reports of others that did not verify.
    public let rejectedReports: Int
    public let penalisedPeers: Int

    public init(
        validatedHeight: Height, followedHeight: Height, faultCount: Int, rejectedReports: Int, penalisedPeers: Int
    ) {
        (self.validatedHeight, self.followedHeight) = (validatedHeight, followedHeight)
        (self.faultCount, self.rejectedReports) = (faultCount, rejectedReports)
        self.penalisedPeers = penalisedPeers
    }
}
