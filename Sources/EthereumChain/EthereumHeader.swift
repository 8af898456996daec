public import Chain
import Crypto
public import Primitives

/// A block header of an Ethereum chain, in the order of its fields (execution-specs, `blocks.py` of each fork).
///
/// Forks added fields at the end; which ones a header must have is a question of the rules, so here they are optional.
public struct EthereumHeader: Hashable, Sendable {
    public var parentHash: Hash32
    public var ommersHash: Hash32
    /// The account that is paid the tips.
    public var beneficiary: Address
    public var stateRoot: Hash32
    public var transactionsRoot: Hash32
    public var receiptsRoot: Hash32
    public var logsBloom: LogsBloom
    public var difficulty: UInt256
    public var number: Height
    public var gasLimit: Gas
    public var gasUsed: Gas
    /// Seconds since 1970.
    public var timestamp: UInt64
    public var extraData: Bytes
    /// What PREVRANDAO reads (EIP-4399); before the merge the digest of the proof of work.
    public var prevRandao: Hash32
    /// Written as eight bytes.
    public var nonce: UInt64
    /// Wei per gas; from London on (EIP-1559).
    public var baseFeePerGas: UInt256?
    /// From Shanghai on (EIP-4895).
    public var withdrawalsRoot: Hash32?
    /// From Cancun on (EIP-4844), like the next one.
    public var blobGasUsed: Gas?
    public var excessBlobGas: Gas?
    /// From Cancun on (EIP-4788).
    public var parentBeaconBlockRoot: Hash32?
    /// From Prague on (EIP-7685).
    public var requestsHash: Hash32?

    /// A header of a block without transactions; give what else differs.
    ///
    /// Fields that its fork does not have are nil.
    public init(
        parentHash: Hash32, stateRoot: Hash32, number: Height, gasLimit: Gas, timestamp: UInt64,
        baseFeePerGas: UInt256?, withdrawalsRoot: Hash32? = Header.emptyTrieRoot, blobGasUsed: Gas? = 0,
        excessBlobGas: Gas? = 0, parentBeaconBlockRoot: Hash32? = .zero,
        requestsHash: Hash32? = Header.emptyRequestsHash
    ) {
        self.parentHash = parentHash
        ommersHash = Header.emptyOmmersHash
        beneficiary = .zero
        self.stateRoot = stateRoot
        transactionsRoot = Header.emptyTrieRoot
        receiptsRoot = Header.emptyTrieRoot
        logsBloom = .empty
        difficulty = 0
        self.number = number
        self.gasLimit = gasLimit
        gasUsed = 0
        self.timestamp = timestamp
        extraData = []
        prevRandao = .zero
        nonce = 0
        self.baseFeePerGas = baseFeePerGas
        self.withdrawalsRoot = withdrawalsRoot
        self.blobGasUsed = blobGasUsed
        self.excessBlobGas = excessBlobGas
        self.parentBeaconBlockRoot = parentBeaconBlockRoot
        self.requestsHash = requestsHash
    }

    /// keccak(rlp(header)), computed anew at each call.
    public var hash: Hash32 { keccak256(rlp) }

    /// Wei per gas that a transaction must pay at least: zero before London.
    public var baseFee: UInt256 { baseFeePerGas ?? 0 }

    /// A header of this project's chain in Ethereum's terms: the same fields, the same encoding, the same hash.
    public init(_ header: Header) {
        parentHash = header.parentHash
        ommersHash = header.ommersHash
        beneficiary = header.beneficiary
        stateRoot = header.stateRoot
        transactionsRoot = header.transactionsRoot
        receiptsRoot = header.receiptsRoot
        logsBloom = header.logsBloom
        difficulty = header.difficulty
        number = header.number
        gasLimit = header.gasLimit
        gasUsed = header.gasUsed
        timestamp = header.timestamp
        extraData = header.extraData
        prevRandao = header.prevRandao
        nonce = header.nonce
        baseFeePerGas = header.baseFeePerGas
        withdrawalsRoot = header.withdrawalsRoot
        blobGasUsed = header.blobGasUsed
        excessBlobGas = header.excessBlobGas
        parentBeaconBlockRoot = header.parentBeaconBlockRoot
        requestsHash = header.requestsHash
    }
}

extension EthereumHeader: RLPEncodable, RLPDecodable {
    /// An absent field ends the list: those after it are not written.
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(parentHash)
            list.append(ommersHash)
            list.append(beneficiary)
            list.append(stateRoot)
            list.append(transactionsRoot)
            list.append(receiptsRoot)
            list.append(logsBloom)
            list.append(difficulty)
            list.append(number)
            list.append(gasLimit)
            list.append(gasUsed)
            list.append(timestamp)
            list.append(extraData)
            list.append(prevRandao)
            list.append((0..<8).map { UInt8(truncatingIfNeeded: nonce >> (56 - 8 * $0)) })
            encodeTail(into: &list)
        }
    }

    private func encodeTail(into list: inout RLPEncoder) {
        guard let baseFeePerGas else { return }
        list.append(baseFeePerGas)
        guard let withdrawalsRoot else { return }
        list.append(withdrawalsRoot)
        guard let blobGasUsed else { return }
        list.append(blobGasUsed)
        guard let excessBlobGas else { return }
        list.append(excessBlobGas)
        guard let parentBeaconBlockRoot else { return }
        list.append(parentBeaconBlockRoot)
        guard let requestsHash else { return }
        list.append(requestsHash)
    }

    /// Takes any values in the fields, also those that no valid block has: the rules name them.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        parentHash = try list.hash()
        ommersHash = try list.hash()
        beneficiary = try list.address()
        stateRoot = try list.hash()
        transactionsRoot = try list.hash()
        receiptsRoot = try list.hash()
        logsBloom = try LogsBloom(from: &list)
        difficulty = try list.uint256()
        number = try list.uint64()
        gasLimit = try list.uint64()
        gasUsed = try list.uint64()
        timestamp = try list.uint64()
        extraData = try list.bytes()
        prevRandao = try list.hash()
        nonce = try list.bytes(exactly: 8).reduce(0) { $0 << 8 | UInt64($1) }
        if !list.isAtEnd { baseFeePerGas = try list.uint256() }
        if !list.isAtEnd { withdrawalsRoot = try list.hash() }
        if !list.isAtEnd { blobGasUsed = try list.uint64() }
        if !list.isAtEnd { excessBlobGas = try list.uint64() }
        if !list.isAtEnd { parentBeaconBlockRoot = try list.hash() }
        if !list.isAtEnd { requestsHash = try list.hash() }
        try list.finish()
    }
}
