public import Primitives
import Synchronization

/// How signatures of nodes are checked. Networks use `P256`; a simulation may plug in a cheaper scheme.
public protocol SignatureScheme: Sendable {
    /// Whether `key` made `signature` over `digest`.
    func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool
}

/// ECDSA over P-256 on a 32-byte digest, low s only: a signature has exactly one valid form.
public struct P256: SignatureScheme {
    public init() {}

    public func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
        guard signature.r > .zero, signature.r < P256Curve.order else { return false }
        guard signature.s > .zero, signature.s <= P256Curve.halfOrder else { return false }
        return Self.verifiers[key]?.verify(signature, of: digest) ?? false
    }

    /// Loading a key costs OpenSSL a quarter of a verification, and nodes hear the same few keys all day.
    private static let verifiers = VerifierCache(generationKeysMax: 256)
}

/// Loaded keys by public key, in two generations: when the young one is full it becomes the old one, and
/// what was not asked for since is dropped. A stranger with many keys can slow us, never fill our memory.
final class VerifierCache: Sendable {
    private struct Generations {
        var young: [NodePublicKey: P256Operation] = [:]
        var old: [NodePublicKey: P256Operation] = [:]
    }

    private let generationKeysMax: Int
    private let generations = Mutex(Generations())

    init(generationKeysMax: Int) {
        precondition(generationKeysMax > 0, "a cache holds something")
        self.generationKeysMax = generationKeysMax
    }

    /// The loaded form of `key`; nil only if OpenSSL will not load it.
    subscript(_ key: NodePublicKey) -> P256Operation? {
        if let known = generations.withLock({ $0.young[key] }) { return known }
        guard let verifier = generations.withLock({ $0.old[key] }) ?? P256Operation(.verifying, key) else { return nil }
        generations.withLock { generations in
            if generations.young.count >= generationKeysMax {
                generations.old = generations.young
                generations.young = [:]
            }
            generations.young[key] = verifier
        }
        return verifier
    }

    /// How many loaded keys are held: at most twice `generationKeysMax`.
    var count: Int {
        generations.withLock { $0.young.count + $0.old.count }
    }
}
