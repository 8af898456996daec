public import Crypto
public import Primitives

/// Signatures that cost next to nothing: enough to tell validators and statements apart, where nobody computes
/// against us.
///
/// A signature mixes the words of public key and digest; the simulator's liars never make one for somebody else.
public struct SimulatedScheme: SignatureScheme {
    public init() {}

    public func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
        signature == sign(digest, by: key)
    }

    func sign(_ digest: Hash32, by key: NodePublicKey) -> NodeSignature {
        let half = Hash32(
            Self.mix(digest.word0 ^ key.x.word0), Self.mix(digest.word1 ^ key.x.word1),
            Self.mix(digest.word2 ^ key.x.word2), Self.mix(digest.word3 ^ key.x.word3))
        return NodeSignature(r: half, s: half)
    }

    /// The finalizer of SplitMix64: one word in, one word out, no two alike.
    private static func mix(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
