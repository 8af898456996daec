public import Crypto
public import Primitives

/// Signatures that cost one hash: enough to tell validators apart, where nobody computes against us.
///
/// A signature is keccak(public key ‖ digest) in both halves; the simulator's liars never make one for somebody else.
public struct SimulatedScheme: SignatureScheme {
    public init() {}

    public func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
        signature == sign(digest, by: key)
    }

    func sign(_ digest: Hash32, by key: NodePublicKey) -> NodeSignature {
        let half = keccak256(key.bytes + digest.bytes)
        return NodeSignature(r: half, s: half)
    }
}
