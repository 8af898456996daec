public import NIOCore

/// Every limit of the server, by name. Going over one gives a clear error and the node goes on.
public struct RPCLimits: Sendable {
    /// Bytes of one request body; more is 413.
    public var bodyBytesMax = 5 << 20
    /// Bytes of all bodies being received or answered at once; more is 429.
    public var bodyBytesInFlightMax = 32 << 20
    /// Bytes of a refused body that are read and thrown away so that the refusal arrives.
    public var discardedBytesMax = 32 << 20
    /// Bytes of one response, traces excepted; a call that goes over it gives -32003.
    public var responseBytesMax = 32 << 20
    /// Calls in one batch.
    public var batchMax = 1_000
    /// Connections at once; one more is told 503 and closed.
    public var connectionsMax = 256
    /// Requests given to the workers and not yet answered; one more is 429 with -32005.
    public var requestsWaitingMax = 512
    /// Threads that run method bodies, which may block on the disk.
    public var workerThreads = 2
    /// A request up to this size whose method needs no disk is answered on the event loop itself.
    public var inlineBodyBytesMax = 4 << 10
    /// From the first byte of a request's head to the last of its body.
    public var receiveTimeout = TimeAmount.seconds(15)
    /// From the end of a request to its answer; then -32002.
    public var answerTimeout = TimeAmount.seconds(30)
    /// A kept connection without a request.
    public var idleTimeout = TimeAmount.seconds(75)
    /// Bytes of all header fields of one request.
    public var headerBytesMax = 16 << 10
    /// Header fields of one request.
    public var headerFieldsMax = 100
    /// Size and depth of a body's JSON.
    public var json = JSONLimits()
    /// Blocks that eth_feeHistory looks back.
    public var feeHistoryBlocksMax = 1_024
    /// Blocks that eth_feeHistory looks back where rewards are asked for, which reads every transaction.
    public var feeHistoryRewardBlocksMax = 256
    /// Percentiles of one eth_feeHistory.
    public var rewardPercentilesMax = 100
    /// Storage slots of one eth_getProof.
    public var proofSlotsMax = 1_024
    /// Storage slots that one debug_storageRangeAt gives, however many are asked for; the next goes on behind them.
    public var storageRangeMax = 4_096
    /// Storage slots that an account may ever have had so that debug_storageRangeAt can put them in order: each is
    /// read and hashed.
    public var storageRangeSlotsMax = 100_000
    /// Storage slots of one eth_getStorageValues.
    public var storageValuesMax = 1_024
    /// Gas of one eth_call and of each run of eth_estimateGas, whatever the caller names.
    public var callGasMax: UInt64 = 50_000_000
    /// Runs of one eth_createAccessList, which ends when a run needs nothing that the one before did not.
    public var accessListRoundsMax = 16
    /// Blocks of one eth_simulateV1, those that fill gaps included.
    public var simulatedBlocksMax: UInt64 = 256
    /// Calls of one eth_simulateV1. Their gas together is limited by `callGasMax`.
    public var simulatedCallsMax = 5_000
    /// For the runs of one eth_call or eth_estimateGas together.
    public var callTimeout = Duration.seconds(5)
    /// For each transaction of a debug_trace*, where the caller names no time.
    public var traceTimeout = Duration.seconds(5)
    /// The same whatever the caller names.
    public var traceTimeoutMax = Duration.seconds(20)
    /// For all reading of state by one debug_trace*.
    public var traceReadTimeout = Duration.seconds(25)
    /// Bytes of the answer to one debug_trace*, or of the batch with it, instead of `responseBytesMax`.
    ///
    /// Opcodes are written into the answer as they run and are kept nowhere else, so the answer is all the memory they
    /// take. The worst case of all traces together is `largeAnswersMax` such answers and as much again while they are
    /// compressed: 1 GiB with the defaults, though traces become a tenth by compression and less; besides,
    /// `traceBytesMax` for each of the `workerThreads`, twice that with muxTracer.
    public var traceAnswerBytesMax = 256 << 20
    /// Answers beyond `responseBytesMax` that are being made or read by clients at once; one more gives -32005.
    public var largeAnswersMax = 2
    /// A client that takes a large answer more slowly than this, and an `idleTimeout` or a `webSocketStallTimeout`
    /// more, is cut off: it keeps a place of `largeAnswersMax`.
    public var largeAnswerBytesPerSecondMin = 1 << 20
    /// Opcodes that are written down of one transaction.
    public var traceStepsMax = 2_000_000
    /// Bytes of inputs, outputs and logs kept of one transaction, or of what one opcode shows.
    public var traceBytesMax = 64 << 20
    /// Calls that are written down of one transaction.
    public var traceCallsMax = 100_000
    /// Accounts that a prestate of one transaction has.
    public var traceAccountsMax = 20_000
    /// Slots that a prestate of one transaction has.
    public var traceSlotsMax = 100_000
    /// Functions that are counted of one transaction.
    public var traceSelectorsMax = 10_000
    /// Blocks that one eth_getLogs looks at.
    public var logBlocksMax: UInt64 = 100_000
    /// Logs that one eth_getLogs gives, and one eth_getFilterChanges before the next goes on behind them.
    public var logsMax = 10_000
    /// Filters that all clients have installed together.
    public var filtersMax = 1_000
    /// Filters that one connection has installed.
    public var filtersPerConnectionMax = 100
    /// Addresses and topics of all installed filters together.
    public var filterTermsMax = 100_000
    /// A filter that nobody asks for so long is forgotten.
    public var filterLifetime = Duration.seconds(300)
    /// Hashes or transactions that one eth_getFilterChanges gives; the next goes on behind them.
    public var filterChangesMax = 10_000
    /// Calls of eth_sendRawTransactionSync that wait for a block at once.
    public var synchronousSendsMax = 64
    /// How long one eth_sendRawTransactionSync waits where the caller names no time, and at most.
    public var synchronousSendTimeout = Duration.seconds(20)
    /// Faults that ranger_getFaults lists at once.
    public var faultsListedMax = 1_000
    /// Transactions of one pending block: as many transfers as a block of 60 M gas holds.
    public var pendingTransactionsMax = 3_000
    /// When this is over, the pending block takes no further transaction.
    public var pendingBlockTime = Duration.milliseconds(250)
    /// A pending block that is not made by then is not made.
    public var pendingBlockTimeout = Duration.seconds(2)
    /// A pending block that took longer than this to make rests so many times that long, whatever comes into the
    /// pool: with four, no more than a fifth of one thread goes into it.
    public var pendingBlockShortTime = Duration.milliseconds(20)
    public var pendingBlockRestFactor = 4
    /// A pending block is made anew after this time though nothing has come or gone: it has a timestamp.
    public var pendingBlockAgeMax = Duration.seconds(2)
    /// Transactions held in decoded blocks for the next question about them.
    public var cachedTransactionsMax = 8_000
    /// Decoded blocks held for the next question about them.
    public var cachedBlocksMax = 64

    /// Bytes from which an answer is compressed for a client that takes it.
    public var compressedBytesMin = 1_400
    /// WebSocket connections at once; one more is told 503.
    public var webSocketsMax = 128
    /// Requests of one WebSocket that workers have; the next is not read before one is answered.
    public var webSocketCallsMax = 16
    /// Frames of one WebSocket message.
    public var webSocketFramesMax = 1_024
    /// Bytes of notifications that wait for a WebSocket client to read them: one more and it is dropped. And of all
    /// that waits: one more request is not read.
    public var webSocketBacklogBytesMax = 4 << 20
    /// A WebSocket client that reads nothing of what waits for so long is dropped.
    public var webSocketStallTimeout = TimeAmount.seconds(30)
    /// A WebSocket that has said nothing for so long is asked whether it lives.
    public var webSocketPingAfter = TimeAmount.seconds(20)
    /// A WebSocket that has said nothing for so long is dead.
    public var webSocketSilenceMax = TimeAmount.seconds(60)
    /// Subscriptions of one connection.
    public var subscriptionsPerConnectionMax = 128
    /// Subscriptions of all connections.
    public var subscriptionsMax = 1_024
    /// Addresses and topics of one subscription to logs.
    public var subscriptionFilterMax = 1_000

    public init() {}

    /// What a client is given beyond the usual to read a large answer.
    func timeToRead(_ byteCount: Int) -> TimeAmount {
        .seconds(Int64(byteCount / largeAnswerBytesPerSecondMin))
    }
}
