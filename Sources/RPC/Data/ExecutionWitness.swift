public import EVM
public import Primitives
public import Trie
public import Validation

/// What it takes to execute a block without the rest of the state.
public struct ExecutionWitness: Sendable {
    /// Trie nodes of the state after the parent, each once.
    public let state: [Bytes]
    /// The code that ran or was looked at, each once.
    public let codes: [Bytes]
    /// The addresses and slots that the tries have under their hashes, each once.
    public let keys: [Bytes]
    /// The lowest block whose hash was asked for; nil where none was.
    public let oldestBlock: Height?
}

/// Passes on what another ledger says and keeps what it takes to say it again without that one.
///
/// A class because reading records; used by one run at a time.
public final class WitnessRecorder<Base: LedgerReader>: LedgerReader {
    public typealias Failure = Base.Failure

    private let base: Base
    private let nodes: RecordingLedger<Base>
    private var codes: [Hash32: Bytes] = [:]
    private var keys: Set<Bytes> = []
    private var oldestBlock: Height?

    public init(_ base: Base) {
        self.base = base
        nodes = RecordingLedger(base)
    }

    /// What was read so far, in an order that depends on nothing else.
    public var witness: ExecutionWitness {
        ExecutionWitness(
            state: nodes.witness, codes: codes.sorted { $0.key < $1.key }.map(\.value),
            keys: keys.sorted { $0.lexicographicallyPrecedes($1) }, oldestBlock: oldestBlock)
    }

    public var stateRoot: Hash32 { base.stateRoot }

    public func account(_ address: Address) throws(Failure) -> Account? {
        keys.insert(address.bytes)
        return try nodes.account(address)
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        keys.insert(address.bytes)
        keys.insert(slot.hash.bytes)
        return try nodes.storage(address, slot)
    }

    public func code(_ hash: Hash32) throws(Failure) -> Bytes {
        let code = try base.code(hash)
        if !code.isEmpty { codes[hash] = code }
        return code
    }

    /// The hash comes of a header; the history contract, which may say it too, is looked at for those who ask that.
    public func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        oldestBlock = min(oldestBlock ?? number, number)
        _ = try nodes.blockHash(number)
        return try base.blockHash(number)
    }

    public func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(Failure) -> Bytes {
        try nodes.node(hash, at: path, in: owner)
    }
}
