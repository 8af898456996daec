public import Chain
public import Crypto
public import Primitives

/// A proof with what it takes to check it on an empty machine: the genesis, and how the council changed since.
///
/// A bundle proves no more than a bare proof does. Whoever made it also chose the genesis, so its hash must be compared
/// with one that is known.
public struct FaultBundle: Sendable {
    public var proof: FaultProof
    /// The chain that the proof is about, where it is in the bundle.
    public var genesis: Genesis?
    public var history: CouncilHistory

    /// The first item of a bundle. That of a bare proof is a number, which is never as long.
    public static let format = "firetower/fault-bundle/1"
    /// The longest bundle that is made or read: the longest proof, and as much again twice.
    public static let encodedBytesMax = 3 * FaultProof.encodedBytesMax

    public init(proof: FaultProof, genesis: Genesis?, history: CouncilHistory = .empty) {
        self.proof = proof
        self.genesis = genesis
        self.history = history
    }

    /// Reads a file that holds a bundle, or a proof alone.
    ///
    /// - Throws: `.tooLarge` or `.malformed`.
    public init(checking bytes: Bytes) throws(ProofRejection) {
        guard FaultBundle.isBundle(bytes) else {
            self.init(proof: try FaultProof(checking: bytes), genesis: nil)
            return
        }
        guard bytes.count <= FaultBundle.encodedBytesMax else {
            throw .tooLarge(limit: FaultBundle.encodedBytesMax, found: bytes.count)
        }
        do throws(RLPError) {
            try self.init(rlp: bytes)
        } catch {
            throw .malformed(error)
        }
    }

    private static func isBundle(_ bytes: Bytes) -> Bool {
        // Only the first few bytes are looked at: a list, and in it the name of the format.
        let name = Bytes(format.utf8)
        var start = RLPEncoder()
        start.append(name)
        guard let first = bytes.first, first >= 0xc0 else { return false }
        let header = first < 0xf8 ? 1 : 1 + Int(first - 0xf7)
        return bytes.dropFirst(header).starts(with: start.bytes)
    }
}

extension FaultBundle: RLPEncodable, RLPDecodable {
    /// [format, proof, genesis or an empty list, history].
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(Bytes(FaultBundle.format.utf8))
            list.append(proof)
            list.append(list: genesis.map { [$0] } ?? [])
            list.append(history)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        guard try list.bytes(max: 64) == Bytes(FaultBundle.format.utf8) else {
            throw .invalidValue(at: start, "expected a bundle of the format \(FaultBundle.format)")
        }
        // A proof is bounded by itself, in whatever it is wrapped.
        let encoded = try list.rawItem()
        guard encoded.count <= FaultProof.encodedBytesMax else {
            throw .tooLarge(at: start, limit: FaultProof.encodedBytesMax, found: encoded.count)
        }
        proof = try FaultProof(rlp: encoded)
        genesis = try list.array(of: Genesis.self, max: 1).first
        history = try CouncilHistory(from: &list)
        try list.finish()
    }
}

/// Checks a bundle from the ground up: the genesis, the councils, the proof.
///
/// - Parameter genesis: The one that is known. Where it is nil, that of the bundle is taken on trust: what is proven
///   then is proven for the chain of that genesis.
/// - Throws: `.wrongGenesis` where the bundle brings another one along, `.noGenesis` where there is none at all.
public func verify(
    _ bundle: FaultBundle, genesis: Genesis?, scheme: some SignatureScheme
) throws(ProofRejection) -> ProvenFault {
    if let genesis, let other = bundle.genesis, genesis.hash != other.hash {
        throw .wrongGenesis(expected: genesis.hash, found: other.hash)
    }
    guard let genesis = genesis ?? bundle.genesis else { throw .noGenesis }
    let councils: ProvenCouncils
    do throws(CouncilHistoryError) {
        councils = try ProvenCouncils(genesis, checking: bundle.history, scheme: scheme)
    } catch {
        throw .history(error)
    }
    return try verify(bundle.proof, genesis: genesis, councils: councils, scheme: scheme)
}
