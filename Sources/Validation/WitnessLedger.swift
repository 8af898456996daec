import Crypto
public import EVM
public import Primitives
public import Trie

/// A state known by its root and a bag of preimages: trie nodes and code. It says what they prove, and no more.
///
/// That there is no account at an address is proven by nodes like anything else. Where a node is missing, nothing
/// is known, and the reader throws.
public struct WitnessLedger: LedgerReader, Sendable {
    public let stateRoot: Hash32
    private var preimages: [Hash32: Bytes] = [:]

    /// - Parameter witness: In any order. Nothing in it is believed: each is looked up by its own hash.
    public init(root: Hash32, witness: [Bytes]) {
        stateRoot = root
        preimages.reserveCapacity(witness.count)
        for preimage in witness { preimages[keccak256(preimage)] = preimage }
    }

    public func account(_ address: Address) throws(StateGap) -> Account? {
        do throws(TrieFailure<StateGap>) {
            return try accountLeaf(of: address, root: stateRoot, in: self)?.account
        } catch {
            throw error.asLedgerFailure
        }
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 {
        do throws(TrieFailure<StateGap>) {
            return try storageWord(of: address, slot, root: stateRoot, in: self)
        } catch {
            throw error.asLedgerFailure
        }
    }

    public func code(_ hash: Hash32) throws(StateGap) -> Bytes {
        guard let code = preimages[hash] else { throw .missing(hash) }
        return code
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        guard let node = preimages[hash] else { throw .missing(hash) }
        return node
    }
}
