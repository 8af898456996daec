public import Chain
public import Primitives
import Trie

/// A block of an Ethereum chain from the Shanghai fork on: [header, transactions, ommers, withdrawals].
public struct EthereumBlock: Sendable {
    public let header: EthereumHeader
    public let transactions: [Transaction]
    public let withdrawals: [Withdrawal]
    /// The header's hash.
    public let hash: Hash32
    /// The length of its encoding, in bytes.
    public let encodedBytes: Int

    public init(header: EthereumHeader, transactions: [Transaction], withdrawals: [Withdrawal]) {
        self.header = header
        self.transactions = transactions
        self.withdrawals = withdrawals
        hash = header.hash
        encodedBytes = EthereumBlock.encode(header, transactions, withdrawals).count
    }

    /// Decodes a whole block. Canonical input only, and nothing behind it.
    ///
    /// Ommers are refused here: no block has had any since the merge (EIP-3675).
    public init(rlp bytes: Bytes) throws(RLPError) {
        var decoder = RLPDecoder(bytes)
        var list = try decoder.list()
        try decoder.finish()
        header = try EthereumHeader(from: &list)
        // The length of the block bounds both lists: an element takes a byte at least.
        transactions = try list.array(of: Transaction.self, max: bytes.count)
        try list.list().finish()
        withdrawals = try list.array(of: Withdrawal.self, max: bytes.count)
        try list.finish()
        hash = header.hash
        encodedBytes = bytes.count
    }

    /// Its encoding, made anew at each call.
    public var rlp: Bytes { EthereumBlock.encode(header, transactions, withdrawals) }

    private static func encode(
        _ header: EthereumHeader, _ transactions: [Transaction], _ withdrawals: [Withdrawal]
    ) -> Bytes {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(header)
            list.append(list: transactions)
            list.list { _ in }
            list.append(list: withdrawals)
        }
        return encoder.bytes
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
