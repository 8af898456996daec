public import Chain
public import Primitives
import Trie

/// A block of an Ethereum chain: [header, transactions, ommers], and from Shanghai on withdrawals too.
public struct EthereumBlock: Sendable {
    public let header: EthereumHeader
    public let transactions: [Transaction]
    /// Headers of blocks beside the chain, which the merge put an end to (EIP-3675).
    public let ommers: [EthereumHeader]
    /// Nil before Shanghai (EIP-4895).
    public let withdrawals: [Withdrawal]?
    /// The header's hash.
    public let hash: Hash32
    /// The length of its encoding, in bytes.
    public let encodedBytes: Int

    public init(
        header: EthereumHeader, transactions: [Transaction], ommers: [EthereumHeader] = [],
        withdrawals: [Withdrawal]? = []
    ) {
        self.init(
            header: header, transactions: transactions, ommers: ommers, withdrawals: withdrawals, hash: header.hash)
    }

    private init(
        header: EthereumHeader, transactions: [Transaction], ommers: [EthereumHeader], withdrawals: [Withdrawal]?,
        hash: Hash32
    ) {
        self.header = header
        self.transactions = transactions
        self.ommers = ommers
        self.withdrawals = withdrawals
        self.hash = hash
        encodedBytes = EthereumBlock.encode(header, transactions, ommers, withdrawals).count
    }

    /// A block of this project's chain as Ethereum has it: without the extension, which the header's extra data names.
    public init(_ block: Block) {
        self.init(
            header: EthereumHeader(block.header), transactions: block.transactions, ommers: [], withdrawals: [],
            hash: block.hash)
    }

    /// Its encoding, made anew at each call.
    public var rlp: Bytes { EthereumBlock.encode(header, transactions, ommers, withdrawals) }

    private static func encode(
        _ header: EthereumHeader, _ transactions: [Transaction], _ ommers: [EthereumHeader],
        _ withdrawals: [Withdrawal]?
    ) -> Bytes {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(header)
            list.append(list: transactions)
            list.append(list: ommers)
            if let withdrawals { list.append(list: withdrawals) }
        }
        return encoder.bytes
    }
}

extension EthereumBlock: RLPDecodable {
    /// Canonical input only. Whether its fork has ommers or withdrawals is a question of the rules.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        header = try EthereumHeader(from: &list)
        // The length of the block bounds all lists: an element takes a byte at least.
        let bytes = decoder.position - start
        transactions = try list.array(of: Transaction.self, max: bytes)
        ommers = try list.array(of: EthereumHeader.self, max: bytes)
        withdrawals = try list.isAtEnd ? nil : list.array(of: Withdrawal.self, max: bytes)
        try list.finish()
        hash = header.hash
        encodedBytes = bytes
    }
}

/// Money that leaves the beacon chain for an account (EIP-4895).
public struct Withdrawal: Hashable, Sendable {
    public var index: UInt64
    public var validatorIndex: UInt64
    public var address: Address
    /// Gwei.
    public var amount: UInt64

    /// Wei in a Gwei.
    public static let weiPerGwei = UInt256(1_000_000_000)

    public init(index: UInt64, validatorIndex: UInt64, address: Address, amount: UInt64) {
        self.index = index
        self.validatorIndex = validatorIndex
        self.address = address
        self.amount = amount
    }

    /// Wei.
    public var amountInWei: UInt256 { UInt256(amount) * Withdrawal.weiPerGwei }

    /// The root over `withdrawals` by position, as the header must name it.
    public static func root(of withdrawals: [Withdrawal]) -> Hash32 {
        MerkleTrie.orderedRoot(withdrawals.map(\.rlp))
    }
}

extension Withdrawal: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(index)
            list.append(validatorIndex)
            list.append(address)
            list.append(amount)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        index = try list.uint64()
        validatorIndex = try list.uint64()
        address = try list.address()
        amount = try list.uint64()
        try list.finish()
    }
}
