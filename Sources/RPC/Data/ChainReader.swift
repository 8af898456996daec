public import Chain
public import EVM
public import EthereumChain
public import Primitives

/// Why the chain could not answer. Absence is not an error: readers return nil for it.
public enum ChainReadError: Error, Equatable, Sendable {
    /// Our disk failed; the text is for the operator.
    case unreadable(String)
    /// The answer existed once and is not kept; the text tells the caller what is.
    case notRetained(String)
}

/// Where a transaction was included.
public struct TransactionLocation: Hashable, Sendable {
    public let height: Height
    public let index: Int

    public init(height: Height, index: Int) {
        (self.height, self.index) = (height, index)
    }
}

/// The Merkle proof of one account and some of its slots (EIP-1186).
public struct AccountProof: Sendable {
    public struct Slot: Sendable {
        public let value: UInt256
        public let proof: [Bytes]

        public init(value: UInt256, proof: [Bytes]) {
            (self.value, self.proof) = (value, proof)
        }
    }

    /// What the account trie holds at the address; nil where the proof shows absence.
    public let leaf: AccountLeaf?
    /// The trie nodes from the root down.
    public let nodes: [Bytes]
    /// One for each slot that was asked for, in that order.
    public let slots: [Slot]

    public init(leaf: AccountLeaf?, nodes: [Bytes], slots: [Slot]) {
        (self.leaf, self.nodes, self.slots) = (leaf, nodes, slots)
    }
}

/// The sealed chain: blocks, receipts and any past state.
///
/// Called from RPC worker threads, several at a time; blocking is allowed everywhere but in `headHeight`.
/// Blocks are final, so what was read once stays true. "State at a height" is the state after that block.
public protocol ChainReader: Sendable {
    /// The height of the last sealed block. Called on the event loop: must come from memory.
    var headHeight: Height { get }

    /// The first block after which the state is known.
    var oldestState: Height { get }

    /// The block at that height as Ethereum has it, or nil above the head.
    func block(at height: Height) throws(ChainReadError) -> EthereumBlock?

    /// The header of the block at that height, or nil above the head.
    func header(at height: Height) throws(ChainReadError) -> EthereumHeader?

    /// The hash of the block at that height, or nil above the head.
    func hash(ofBlockAt height: Height) throws(ChainReadError) -> Hash32?

    /// The height of the sealed block with that hash, or nil.
    func height(ofBlock hash: Hash32) throws(ChainReadError) -> Height?

    /// The seals of the block at that height; nil for genesis and above the head.
    func certificate(at height: Height) throws(ChainReadError) -> CommitCertificate?

    /// One receipt for each transaction of the block; nil above the head.
    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]?

    /// Who signed each of the block's transactions, in order.
    func senders(of block: EthereumBlock) throws(ChainReadError) -> [Address]

    /// Where the transaction with that hash stands, or nil.
    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation?

    /// The account in the state at `height` (not above the head), or nil.
    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account?

    /// The word in that slot in the state at `height`; zero where nothing was stored.
    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256

    /// Whether any slot of the account is not zero in the state at `height`.
    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool

    /// Every slot of the account that may hold something in the state at `height`, each once, in no order.
    ///
    /// - Throws: `.notRetained` where there are more than `countMax`.
    func slots(of address: Address, at height: Height, countMax: Int) throws(ChainReadError) -> [UInt256]

    /// The code with that hash; empty for the hash of no code.
    func code(_ hash: Hash32) throws(ChainReadError) -> Bytes

    /// The Merkle proof of the account and slots against the state root at `height`.
    func proof(
        of address: Address, slots: [UInt256], at height: Height
    ) throws(ChainReadError) -> AccountProof

    /// What it takes to execute the block at that height without the rest of the state; nil for genesis and above the
    /// head.
    func witness(ofBlockAt height: Height) throws(ChainReadError) -> ExecutionWitness?

    /// The root of the state at `height` after `changes`, which nobody has made.
    ///
    /// - Parameter cleared: Accounts whose storage is empty before; their slots change from zero.
    func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32
}

extension ChainReader {
    /// The state after every block is known.
    public var oldestState: Height { 0 }

    /// What a reader says that knows slots only by their numbers.
    public func slots(of address: Address, at height: Height, countMax: Int) throws(ChainReadError) -> [UInt256] {
        throw .notRetained("there is no list of the slots of an account")
    }

    /// What a reader without tries says.
    public func witness(ofBlockAt height: Height) throws(ChainReadError) -> ExecutionWitness? {
        throw .notRetained("the tries of the state before block \(height) are not there")
    }

    /// What a reader without tries says.
    public func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32 {
        throw .notRetained("the tries of the state at block \(height) are not there")
    }

    /// Recovers every sender anew: 49 µs each. A reader that remembers them answers faster.
    public func senders(of block: EthereumBlock) throws(ChainReadError) -> [Address] {
        var senders: [Address] = []
        senders.reserveCapacity(block.transactions.count)
        for transaction in block.transactions {
            do {
                senders.append(try transaction.recoverSender())
            } catch {
                throw .unreadable("the signature of sealed transaction \(transaction.hash) does not recover: \(error)")
            }
        }
        return senders
    }
}
