import Crypto
public import Primitives

/// A block header with all fields of Ethereum's Osaka fork, in their order (execution-specs, `osaka/blocks.py`).
///
/// Fields without a use on this chain hold the constants that Ethereum prescribes for them, so that any Ethereum
/// client recomputes the hash.
public struct Header: Hashable, Sendable {
    public var parentHash: Hash32
    /// Always `Header.emptyOmmersHash` (EIP-3675).
    public var ommersHash: Hash32
    /// The account that is paid: the reward address of the proposer.
    public var beneficiary: Address
    public var stateRoot: Hash32
    public var transactionsRoot: Hash32
    public var receiptsRoot: Hash32
    public var logsBloom: LogsBloom
    /// Always 0 (EIP-3675).
    public var difficulty: UInt256
    public var number: Height
    public var gasLimit: Gas
    public var gasUsed: Gas
    /// Seconds since 1970. It may repeat; the extension's milliseconds rise strictly.
    public var timestamp: UInt64
    /// The hash of the block's extension, 32 bytes (DESIGN D2).
    public var extraData: Bytes
    /// What PREVRANDAO reads (EIP-4399): a hash of parent and number, see `prevRandao` in Validation. No randomness.
    public var prevRandao: Hash32
    /// Always 0, written as eight bytes (EIP-3675).
    public var nonce: UInt64
    /// Peb per gas (EIP-1559).
    public var baseFeePerGas: UInt256
    /// Always the root of an empty trie: there are no withdrawals (EIP-4895).
    public var withdrawalsRoot: Hash32
    /// Always 0: there are no blobs (EIP-4844).
    public var blobGasUsed: Gas
    public var excessBlobGas: Gas
    /// Zero but in the genesis block, where it is the hash of the rules (EIP-4788's field; there is no beacon chain).
    public var parentBeaconBlockRoot: Hash32
    /// Always `Header.emptyRequestsHash` (EIP-7685).
    public var requestsHash: Hash32

    /// keccak(rlp([])).
    public static let emptyOmmersHash = Hash32(
        0x1dcc_4de8_dec7_5d7a, 0xab85_b567_b6cc_d41a, 0xd312_451b_948a_7413, 0xf0a1_42fd_40d4_9347)
    /// The root of a trie without entries: of no transactions, receipts or withdrawals.
    public static let emptyTrieRoot = Hash32(
        0x56e8_1f17_1bcc_55a6, 0xff83_45e6_92c0_f86e, 0x5b48_e01b_996c_adc0, 0x0162_2fb5_e363_b421)
    /// SHA-256 of nothing: the hash of no execution requests (EIP-7685).
    public static let emptyRequestsHash = Hash32(
        0xe3b0_c442_98fc_1c14, 0x9afb_f4c8_996f_b924, 0x27ae_41e4_649b_934c, 0xa495_991b_7852_b855)
    /// The length of `extraData`, and Ethereum's limit for it.
    public static let extraDataBytes = 32

    /// A header whose unused fields hold what they must; give the others.
    public init(
        parentHash: Hash32 = .zero, ommersHash: Hash32 = Header.emptyOmmersHash, beneficiary: Address = .zero,
        stateRoot: Hash32 = Header.emptyTrieRoot, transactionsRoot: Hash32 = Header.emptyTrieRoot,
        receiptsRoot: Hash32 = Header.emptyTrieRoot, logsBloom: LogsBloom = .empty, difficulty: UInt256 = 0,
        number: Height = 0, gasLimit: Gas = 0, gasUsed: Gas = 0, timestamp: UInt64 = 0,
        extraData: Bytes = Bytes(repeating: 0, count: Header.extraDataBytes),
        prevRandao: Hash32 = .zero, nonce: UInt64 = 0, baseFeePerGas: UInt256 = 0,
        withdrawalsRoot: Hash32 = Header.emptyTrieRoot, blobGasUsed: Gas = 0, excessBlobGas: Gas = 0,
        parentBeaconBlockRoot: Hash32 = .zero, requestsHash: Hash32 = Header.emptyRequestsHash
    ) {
        self.parentHash = parentHash
        self.ommersHash = ommersHash
        self.beneficiary = beneficiary
        self.stateRoot = stateRoot
        self.transactionsRoot = transactionsRoot
        self.receiptsRoot = receiptsRoot
        self.logsBloom = logsBloom
        self.difficulty = difficulty
        self.number = number
        self.gasLimit = gasLimit
        self.gasUsed = gasUsed
        self.timestamp = timestamp
        self.extraData = extraData
        self.prevRandao = prevRandao
        self.nonce = nonce
        self.baseFeePerGas = baseFeePerGas
        self.withdrawalsRoot = withdrawalsRoot
        self.blobGasUsed = blobGasUsed
        self.excessBlobGas = excessBlobGas
        self.parentBeaconBlockRoot = parentBeaconBlockRoot
        self.requestsHash = requestsHash
    }

    /// keccak(rlp(header)), computed anew at each call: five permutations. `Block.hash` keeps it.
    public var hash: Hash32 { keccak256(rlp) }
}

extension Header: RLPEncodable, RLPDecodable {
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
            list.append(baseFeePerGas)
            list.append(withdrawalsRoot)
            list.append(blobGasUsed)
            list.append(excessBlobGas)
            list.append(parentBeaconBlockRoot)
            list.append(requestsHash)
        }
    }

    /// Takes any values in the fields, also those that no valid block has: `validate` names them.
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
        extraData = try list.bytes(max: Header.extraDataBytes)
        prevRandao = try list.hash()
        nonce = try list.bytes(exactly: 8).reduce(0) { $0 << 8 | UInt64($1) }
        baseFeePerGas = try list.uint256()
        withdrawalsRoot = try list.hash()
        blobGasUsed = try list.uint64()
        excessBlobGas = try list.uint64()
        parentBeaconBlockRoot = try list.hash()
        requestsHash = try list.hash()
        try list.finish()
    }
}
