public import Primitives

/// Where trie nodes come from: a database, a witness, memory.
public protocol TrieNodeSource<Failure> {
    associatedtype Failure: Error & Sendable

    /// The RLP of the node whose Keccak-256 is `hash`, which stands at `path` of a trie.
    ///
    /// - Parameter owner: nil for the account trie, else the hashed address whose storage trie it is.
    /// - Throws: if the node cannot be had. A source never answers with the bytes of another node.
    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Failure) -> Bytes
}

/// Why a trie could not be read or changed.
public enum TrieFailure<Unreadable: Error & Sendable>: Error {
    /// The source did not have a node.
    case unreadable(Unreadable)
    /// The bytes of the node with this hash are not a node that can stand where it does.
    case malformedNode(Hash32)
}

extension TrieFailure: Equatable where Unreadable: Equatable {}

/// The source of the empty trie, from which new tries are built.
public struct NoNodes: TrieNodeSource {
    public init() {}

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Never) -> Bytes {
        preconditionFailure("the empty trie has no node \(hash)")
    }
}
