import Crypto
public import Primitives

/// Why a witness could not answer.
public enum WitnessFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing in the witness has this hash. That is not the same as being absent from the trie.
    case missing(Hash32)

    public var description: String {
        switch self {
        case .missing(let hash): "the witness holds nothing with hash \(hash)"
        }
    }
}

/// A bag of byte strings found by their Keccak-256: everything a stateless check may read.
///
/// What it holds cannot lie, for it is found by its own hash; what it lacks is `.missing`.
public struct WitnessSource: TrieNodeSource, Sendable {
    private let preimages: [Hash32: Bytes]

    /// - Parameter nodes: In any order; repetitions do no harm.
    public init(_ nodes: some Sequence<Bytes>) {
        preimages = Dictionary(nodes.map { (keccak256($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The bytes whose Keccak-256 is `hash`.
    public func preimage(of hash: Hash32) throws(WitnessFailure) -> Bytes {
        guard let bytes = preimages[hash] else { throw .missing(hash) }
        return bytes
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(WitnessFailure) -> Bytes {
        try preimage(of: hash)
    }
}

/// Remembers every node it hands out: run something once over this, and `nodes` is the witness to run it again.
///
/// For use by one task at a time.
public final class RecordingSource<Base: TrieNodeSource>: TrieNodeSource {
    private let base: Base
    private var seen: Set<Hash32> = []
    /// Each node once, in the order of first use.
    public private(set) var nodes: [Bytes] = []

    public init(_ base: Base) {
        self.base = base
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Base.Failure) -> Bytes {
        let bytes = try base.node(hash, at: path, in: owner)
        if seen.insert(hash).inserted { nodes.append(bytes) }
        return bytes
    }
}
