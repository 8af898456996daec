public import Primitives
import Trie

/// A block as it is proposed, sealed and synced: what its hash commits to. Immutable, so its hash is kept.
public struct Block: Hashable, Sendable {
    public let header: Header
    public let transactions: [Transaction]
    public let `extension`: BlockExtension
    /// The header's hash.
    public let hash: Hash32

    /// The longest encoding of a valid block: 8 MiB (EIP-7934).
    public static let encodedBytesMax = 8 << 20
    /// More transactions than this do not fit: a signature alone takes 64 bytes.
    public static let transactionsMax = encodedBytesMax / 64

    public init(header: Header, transactions: [Transaction], extension: BlockExtension) {
        self.header = header
        self.transactions = transactions
        self.extension = `extension`
        hash = header.hash
    }

    public var number: Height { header.number }

    /// The root over the envelopes of `transactions` by position, as the header must name it.
    public static func transactionsRoot(of transactions: [Transaction]) -> Hash32 {
        MerkleTrie.orderedRoot(transactions.map(\.envelope))
    }

    /// Equal headers make equal blocks only if the bodies are equal too: a body need not match its header.
    public static func == (left: Block, right: Block) -> Bool {
        left.hash == right.hash && left.extension == right.extension && left.transactions == right.transactions
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}

extension Block: RLPEncodable, RLPDecodable {
    /// [header, transactions, ommers, withdrawals, extension]: Ethereum's body with one element more.
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(header)
            list.append(list: transactions)
            list.list { _ in }
            list.list { _ in }
            list.append(`extension`)
        }
    }

    /// Refuses ommers and withdrawals; does not check that the parts fit together.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        let header = try Header(from: &list)
        let transactions = try list.array(of: Transaction.self, max: Block.transactionsMax)
        try list.list().finish()
        try list.list().finish()
        let `extension` = try BlockExtension(from: &list)
        try list.finish()
        self.init(header: header, transactions: transactions, extension: `extension`)
    }
}
