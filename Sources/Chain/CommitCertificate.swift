public import Crypto
public import Primitives

/// One validator's commit signature over a block.
public struct Seal: Hashable, Sendable {
    public var validator: Address
    public var signature: NodeSignature

    public init(validator: Address, signature: NodeSignature) {
        self.validator = validator
        self.signature = signature
    }
}

extension Seal: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(validator)
            list.append(signature)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        validator = try list.address()
        signature = try NodeSignature(from: &list)
        try list.finish()
    }
}

/// Why a certificate does not prove that a committee agreed on a block.
public enum CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    case wrongHeight(expected: Height, found: Height)
    case wrongBlock(expected: Hash32, found: Hash32)
    case notEnoughSeals(expected: Int, found: Int)
    /// The sealer has no seat in the committee of that height.
    case foreignSeal(Address)
    case duplicateSeal(Address)
    /// Seals must ascend by address; this one stands behind a greater one.
    case misplacedSeal(Address)
    /// Not that validator's signature of a commit for this chain, height, round and block.
    case badSignature(Address)

    public var description: String {
        switch self {
        case .wrongHeight(let expected, let found): "the certificate is for height \(found), not \(expected)"
        case .wrongBlock(let expected, let found): "the certificate is for block \(found), not \(expected)"
        case .notEnoughSeals(let expected, let found): "\(found) of \(expected) seals"
        case .foreignSeal(let validator): "\(validator) sealed but is not in the committee"
        case .duplicateSeal(let validator): "\(validator) sealed twice"
        case .misplacedSeal(let validator): "the seal of \(validator) is out of order"
        case .badSignature(let validator): "the seal of \(validator) is not its signature of this commit"
        }
    }
}

/// The proof that a committee agreed: a quorum of commits for one block in one round. It travels beside the block.
public struct CommitCertificate: Hashable, Sendable {
    public var height: Height
    public var round: UInt64
    public var block: Hash32
    /// In ascending order of validator, each of them once.
    public var seals: [Seal]

    public init(height: Height, round: UInt64, block: Hash32, seals: [Seal]) {
        self.height = height
        self.round = round
        self.block = block
        self.seals = seals
    }

    /// Gathers the commits among `votes` that are for this height, round and block; one a validator, in order.
    public init(height: Height, round: UInt64, block: Hash32, commits votes: some Sequence<SignedVote>) {
        let commit = Vote.commit(height: height, round: round, block: block)
        var seals: [Seal] = []
        let sealed = votes.filter { $0.vote == commit }.sorted { $0.validator < $1.validator }
        for signed in sealed where seals.last?.validator != signed.validator {
            seals.append(Seal(validator: signed.validator, signature: signed.signature))
        }
        self.init(height: height, round: round, block: block, seals: seals)
    }

    public var signers: [Address] { seals.map(\.validator) }

    /// The vote that every seal is a signature of.
    public var commit: Vote { .commit(height: height, round: round, block: block) }

    /// The seals as the votes they are, for holding them against other votes.
    public var votes: [SignedVote] {
        seals.map { SignedVote(vote: commit, validator: $0.validator, signature: $0.signature) }
    }

    /// Checks that a quorum of `committee` committed: order, membership and number first, then each signature.
    ///
    /// A surplus seal is checked like any other, so a certificate cannot carry a false accusation.
    public func verify(
        committee: Committee, chain: ChainIdentity, scheme: some SignatureScheme
    ) throws(CertificateError) {
        for (seal, next) in zip(seals, seals.dropFirst()) where seal.validator >= next.validator {
            throw seal.validator == next.validator
                ? .duplicateSeal(next.validator) : .misplacedSeal(next.validator)
        }
        var keys: [NodePublicKey] = []
        keys.reserveCapacity(seals.count)
        for seal in seals {
            guard let member = committee.member(seal.validator) else { throw .foreignSeal(seal.validator) }
            keys.append(member.publicKey)
        }
        guard seals.count >= committee.quorum else {
            throw .notEnoughSeals(expected: committee.quorum, found: seals.count)
        }
        let digest = commit.digest(chain: chain)
        for (seal, key) in zip(seals, keys) {
            guard scheme.verify(seal.signature, of: digest, by: key) else { throw .badSignature(seal.validator) }
        }
    }

    /// Checks that this certificate is about `block`; `verify` then says whether it holds.
    public func check(isFor block: Hash32, at height: Height) throws(CertificateError) {
        guard self.height == height else { throw .wrongHeight(expected: height, found: self.height) }
        guard self.block == block else { throw .wrongBlock(expected: block, found: self.block) }
    }
}

extension CommitCertificate: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(height)
            list.append(round)
            list.append(block)
            list.append(list: seals)
        }
    }

    /// Takes seals in any order, and too few: `verify` names what is wrong with them.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        height = try list.uint64()
        round = try list.uint64()
        block = try list.hash()
        seals = try list.array(of: Seal.self, max: Council.memberMax)
        try list.finish()
    }
}
