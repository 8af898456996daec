import Crypto
public import Primitives

/// Why a proof does not show anything about a key.
public enum TrieProofError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Node `at` of the proof does not hash to what its parent, or the root, says.
    case wrongHash(at: Int, expected: Hash32, found: Hash32)
    /// The proof ends before the key is decided; the next node would have this hash.
    case endsBefore(Hash32)
    /// The key is decided `count` nodes before the proof ends.
    case nodesTooMany(count: Int)
    /// Node `at` of the proof is not a trie node that can stand where it does.
    case malformedNode(at: Int)
    case keyTooLong(bytes: Int)

    public var description: String {
        switch self {
        case .wrongHash(let index, let expected, let found):
            "proof node \(index): expected hash \(expected), found \(found)"
        case .endsBefore(let hash): "the proof ends before the node with hash \(hash)"
        case .nodesTooMany(let count): "the proof has \(count) nodes too many"
        case .malformedNode(let index): "proof node \(index) is malformed"
        case .keyTooLong(let count): "expected a key of at most 32 bytes, found \(count)"
        }
    }
}

extension MerkleTrie {
    /// The value at `key` that `proof` shows, or nil where it shows that there is none.
    ///
    /// - Parameters:
    ///   - proof: Nodes from the root to the key, none more: what `proof(of:root:owner:source:)` gives.
    ///   - key: At most 32 bytes, as it is in the trie (a state trie's keys are hashed already).
    public static func verify(proof: [Bytes], of key: Bytes, root: Hash32) throws(TrieProofError) -> Bytes? {
        guard let path = TriePath(key: key) else { throw .keyTooLong(bytes: key.count) }
        var used = 0
        let value = try follow(proof, to: path, from: root, used: &used)
        guard used == proof.count else { throw .nodesTooMany(count: proof.count - used) }
        return value
    }

    private static func follow(
        _ proof: [Bytes], to path: TriePath, from root: Hash32, used: inout Int
    ) throws(TrieProofError) -> Bytes? {
        guard root != emptyRoot else { return nil }
        var (expected, depth) = (root, 0)
        while true {
            guard used < proof.count else { throw .endsBefore(expected) }
            let found = keccak256(proof[used])
            guard found == expected else { throw .wrongHash(at: used, expected: expected, found: found) }
            let bytes = NodeBytes(stored: proof[used], hash: found)
            guard let step = StoredStep(bytes, towards: path, depth: depth, hashedKeys: false) else {
                throw .malformedNode(at: used)
            }
            used += 1
            switch step.end {
            case .absent: return nil
            case .value(let range): return Bytes(proof[used - 1][range])
            case .next(let hash, let nextDepth): (expected, depth) = (hash, nextDepth)
            }
        }
    }
}
