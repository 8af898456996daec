import COpenSSL
public import Primitives

/// The secret of a node, on P-256: it signs votes, seals and handshakes.
public struct NodeKey: Sendable {
    public let secret: Hash32
    public let publicKey: NodePublicKey
    private let signer: P256Operation

    /// A fresh key from the operating system's randomness.
    public init() {
        while true {
            // A draw is out of range once in 2^32.
            if let key = try? NodeKey(Hash32(secretRandomBytes(32))) {
                self = key
                return
            }
        }
    }

    /// - Throws: `.secretOutOfRange` unless 1 ≤ `secret` < n.
    public init(_ secret: Hash32) throws(KeyError) {
        guard secret > .zero, secret < P256Curve.order else { throw .secretOutOfRange }
        self.secret = secret
        publicKey = NodePublicKey(onCurve: P256Curve.multiplyGenerator(by: secret))
        guard let signer = P256Operation(.signing, publicKey, secret: secret) else {
            preconditionFailure("OpenSSL takes a key in range")
        }
        self.signer = signer
    }

    /// Signs a 32-byte digest as it is. The nonce is random, `s` is low.
    public func sign(_ digest: Hash32) -> NodeSignature {
        let signature = signer.sign(digest)
        return signature.s > P256Curve.halfOrder
            ? NodeSignature(r: signature.r, s: Hash32((UInt256(P256Curve.order) - UInt256(signature.s)).bigEndianBytes))
            : signature
    }
}

extension NodeKey: CustomStringConvertible {
    /// The address only: a secret must not reach a log by interpolation.
    public var description: String { "NodeKey(\(publicKey.address))" }
}
