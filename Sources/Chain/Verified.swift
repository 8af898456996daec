public import Crypto
public import Primitives

/// Why a signed statement is not one of the committee's.
public enum VoteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The fields of the vote contradict its kind.
    case malformed(VoteKind)
    /// The one who is said to have signed has no seat in the committee of that height.
    case foreignValidator(Address)
    /// The signature is not that validator's over this vote on this chain.
    case badSignature(Address)

    public var description: String {
        switch self {
        case .malformed(let kind): "a \(kind) vote whose fields contradict its kind"
        case .foreignValidator(let validator): "\(validator) is not in the committee"
        case .badSignature(let validator): "the signature is not that of \(validator)"
        }
    }
}

/// Something that rests on signed votes: a vote itself, or a message that carries several.
public protocol Attested: Sendable {
    /// Every signed vote that has to hold for this statement to count.
    ///
    /// Whether they fit each other and the statement is judged after this: membership first, signature second,
    /// content third (QBFT.md 11).
    var attestations: [SignedVote] { get }
}

extension SignedVote: Attested {
    public var attestations: [SignedVote] { [self] }
}

/// A statement whose signatures were checked. There is no other way to make one: whoever holds it need not look again.
public struct Verified<Statement: Sendable>: Sendable {
    public let value: Statement

    /// Only for Chain itself, after it has checked.
    init(unchecked value: Statement) {
        self.value = value
    }
}

extension Verified where Statement: Attested {
    /// Checks all attestations of `statement`: form and membership first, then signatures, which cost the most.
    ///
    /// - Parameter committee: The committee of the height that the statement is about.
    public init(
        checking statement: Statement, committee: Committee, chain: ChainIdentity, scheme: some SignatureScheme
    ) throws(VoteError) {
        let attestations = statement.attestations
        var keys: [NodePublicKey] = []
        keys.reserveCapacity(attestations.count)
        for signed in attestations {
            guard signed.vote.isWellFormed else { throw .malformed(signed.vote.kind) }
            guard let member = committee.member(signed.validator) else { throw .foreignValidator(signed.validator) }
            keys.append(member.publicKey)
        }
        for (signed, key) in zip(attestations, keys) {
            guard scheme.verify(signed.signature, of: signed.vote.digest(chain: chain), by: key) else {
                throw .badSignature(signed.validator)
            }
        }
        self.init(unchecked: statement)
    }
}

extension Verified: Equatable where Statement: Equatable {}
extension Verified: Hashable where Statement: Hashable {}
