import Crypto
public import EVM
public import Primitives
public import Trie

/// Passes on what another ledger says and keeps every preimage that it takes to say it again: the witness.
///
/// Accounts and storage are read through the tries, not from flat values, for that is how a `WitnessLedger` will
/// have to read them. A class because reading records; used by one run at a time.
public final class RecordingLedger<Base: LedgerReader>: LedgerReader {
    public typealias Failure = Base.Failure

    private let base: Base
    private var recorded: Set<Hash32> = []
    /// In the order of first use, each once.
    public private(set) var witness: [Bytes] = []

    public init(_ base: Base) {
        self.base = base
    }

    public var stateRoot: Hash32 { base.stateRoot }

    public func account(_ address: Address) throws(Failure) -> Account? {
        do throws(TrieFailure<Failure>) {
            return try accountLeaf(of: address, root: stateRoot, in: self)?.account
        } catch {
            throw error.asLedgerFailure
        }
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        do throws(TrieFailure<Failure>) {
            return try storageWord(of: address, slot, root: stateRoot, in: self)
        } catch {
            throw error.asLedgerFailure
        }
    }

    public func code(_ hash: Hash32) throws(Failure) -> Bytes {
        let code = try base.code(hash)
        record(code, hash)
        return code
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Failure) -> Bytes {
        let node = try base.node(hash, at: path, in: owner)
        record(node, hash)
        return node
    }

    private func record(_ preimage: Bytes, _ hash: Hash32) {
        if recorded.insert(hash).inserted { witness.append(preimage) }
    }
}
