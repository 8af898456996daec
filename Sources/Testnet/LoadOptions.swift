/// What traffic to send.
public struct LoadOptions: Sendable {
    /// Transfers a second over all nodes; nil sends as fast as blocks take them.
    public var transfersPerSecond: Double?
    public var duration: Duration
    public var kind: Kind
    /// Accounts that send. Each sends in the order of its nonces, so more of them spread wider.
    public var senders: Int

    public enum Kind: String, Sendable, CaseIterable {
        /// Of the chain's own coin.
        case transfer
        /// Of an ERC-20 token that is deployed for the load.
        case erc20
    }

    public init(
        transfersPerSecond: Double? = 500, duration: Duration = .seconds(30), kind: Kind = .transfer,
        senders: Int = 200
    ) {
        self.transfersPerSecond = transfersPerSecond
        self.duration = duration
        self.kind = kind
        self.senders = senders
    }

    public static let sendersMax = 10_000
    /// Transactions signed ahead of one run; some 300 bytes each.
    public static let transactionsMax = 5_000_000
    /// In one HTTP request.
    public static let batchMax = 100
    /// Sent and not yet in a block, where no rate is given.
    public static let outstandingMax = 8000
    /// After the last one was sent, blocks have this long to take the rest.
    public static let drainDeadline = Duration.seconds(30)
}
