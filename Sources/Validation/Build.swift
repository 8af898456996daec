public import Chain
public import EVM
public import Primitives

/// What a proposer builds a block from.
public struct BuildRequest: Sendable {
    /// A transaction and who sent it, as the pool knows from its signature.
    public struct Candidate: Hashable, Sendable {
        public var transaction: Transaction
        public var sender: Address

        public init(_ transaction: Transaction, from sender: Address) {
            self.transaction = transaction
            self.sender = sender
        }
    }

    public var ancestry: Ancestry
    /// The reward address of the proposer.
    public var beneficiary: Address
    /// Milliseconds since 1970. Raised to one above the parent's where it is not above it.
    public var timestampMilliseconds: UInt64
    /// In the order in which they should come; those of one sender by nonce.
    public var candidates: [Candidate]

    public init(
        ancestry: Ancestry, beneficiary: Address, timestampMilliseconds: UInt64, candidates: [Candidate] = []
    ) {
        self.ancestry = ancestry
        self.beneficiary = beneficiary
        self.timestampMilliseconds = timestampMilliseconds
        self.candidates = candidates
    }
}

/// Builds the block that comes next, out of the candidates that apply. Others are left out: for them this is no error.
///
/// - Parameter conduct: Bends the rules for the candidates, and mints; for faults on purpose.
/// - Throws: `.unreadable` only.
public func build<Ledger: LedgerReader>(
    _ request: BuildRequest, reading ledger: Ledger, under rules: ChainRules, conduct: Conduct = .honest
) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
    try build(request, forcing: [], reading: ledger, under: rules, conduct: conduct)
}

/// - Parameter forced: Transactions that come first and run under `conduct`; the candidates behind them keep to all
///   rules if there are any. A forced one that cannot run is thrown as `.invalid`.
func build<Ledger: LedgerReader>(
    _ request: BuildRequest, forcing forced: [BuildRequest.Candidate], reading ledger: Ledger, under rules: ChainRules,
    conduct: Conduct
) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
    var draft: BlockDraft<Ledger>
    do throws(Ledger.Failure) {
        draft = try BlockDraft(request, on: ledger, under: rules)
    } catch {
        throw .unreadable(error)
    }
    for candidate in forced {
        try draft.append(candidate, conduct: conduct)
    }
    let candidateConduct = forced.isEmpty ? conduct : .honest
    for candidate in request.candidates {
        guard !draft.isFull else { break }
        do throws(ValidationFailure<Ledger.Failure>) {
            try draft.appendIfPossible(candidate, conduct: candidateConduct)
        } catch .unreadable(let failure) {
            throw .unreadable(failure)
        } catch {
            continue
        }
    }
    return try draft.finish(reading: ledger, conduct: conduct)
}

/// A block that grows by a transaction at a time.
private struct BlockDraft<Ledger: LedgerReader>: ~Copyable {
    private var header: Header
    private let request: BuildRequest
    private let rules: ChainRules
    private var execution: BlockExecution<BlockState<Ledger>>
    private var transactions: [Transaction] = []
    /// An upper bound of the block's encoding.
    private var encodedBytes: Int
    /// Senders of whom one transaction was left out: what follows it would leave a gap in their nonces.
    private var stopped: Set<Address> = []

    /// Header, extension and the heads of six lists, with room to spare: a header's fields are bounded by 800 bytes.
    private static var frameBytesMax: Int { 2_048 }
    /// The head of a transaction inside the list.
    private static var itemHeadBytesMax: Int { 9 }

    init(_ request: BuildRequest, on ledger: Ledger, under rules: ChainRules) throws(Ledger.Failure) {
        let parent = request.ancestry.parent
        let (earliest, overflow) = request.ancestry.parentExtension.timestampMilliseconds.addingReportingOverflow(1)
        var request = request
        request.timestampMilliseconds = max(request.timestampMilliseconds, overflow ? .max : earliest)
        self.request = request
        self.rules = rules
        header = Header(
            parentHash: request.ancestry.parentHash, beneficiary: request.beneficiary, number: request.ancestry.height,
            gasLimit: parent.gasLimit, timestamp: request.timestampMilliseconds / 1_000, extraData: [],
            prevRandao: prevRandao(parentHash: request.ancestry.parentHash, number: request.ancestry.height),
            baseFeePerGas: baseFee(after: parent, under: rules))
        execution = try BlockExecution(header, under: rules, on: ledger)
        encodedBytes = Self.frameBytesMax
    }

    var isFull: Bool { execution.gasLeft < GasSchedule.transaction }

    /// Appends the candidate, or leaves it and all later ones of its sender out.
    mutating func appendIfPossible(
        _ candidate: BuildRequest.Candidate, conduct: Conduct
    ) throws(ValidationFailure<Ledger.Failure>) {
        guard !stopped.contains(candidate.sender) else { return }
        do throws(ValidationFailure<Ledger.Failure>) {
            try append(candidate, conduct: conduct)
        } catch .invalid(let fault) {
            if !(try isStale(candidate)) { stopped.insert(candidate.sender) }
            throw .invalid(fault)
        }
    }

    /// Whether the candidate is already in the chain, so that the sender's next one may still apply.
    private mutating func isStale(
        _ candidate: BuildRequest.Candidate
    ) throws(ValidationFailure<Ledger.Failure>) -> Bool {
        do throws(Ledger.Failure) {
            return candidate.transaction.nonce < (try execution.nonce(of: candidate.sender))
        } catch {
            throw .unreadable(error)
        }
    }

    mutating func append(
        _ candidate: BuildRequest.Candidate, conduct: Conduct
    ) throws(ValidationFailure<Ledger.Failure>) {
        let transaction = candidate.transaction
        let check = TransactionRules(header, under: rules, conduct: conduct)
        let bytes = encodedBytes + transaction.envelope.count + Self.itemHeadBytesMax
        do throws(BlockFault) {
            try conduct.require(
                .blockSize, bytes <= Block.encodedBytesMax, expected: "at most \(Block.encodedBytesMax) bytes",
                found: "\(bytes) bytes", in: transactions.count)
            try check.checkFields(of: transaction, at: transactions.count)
            _ = try check.sender(of: transaction, at: transactions.count, known: candidate.sender)
        } catch {
            throw .invalid(error)
        }
        try execution.apply(transaction, from: candidate.sender, conduct: conduct)
        transactions.append(transaction)
        encodedBytes = bytes
    }

    /// Fills in what came of it.
    mutating func finish(
        reading ledger: Ledger, conduct: Conduct
    ) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
        let outcome: BlockOutcome
        do throws(Ledger.Failure) {
            try execution.payRewards(as: conduct)
            let effects = try execution.finish(conduct: conduct)
            outcome = BlockOutcome(effects, try settle(effects.changes, on: ledger))
        } catch {
            throw .unreadable(error)
        }
        let blockExtension = BlockExtension(
            nextCouncilHash: request.ancestry.council.hash, accessListRoot: outcome.accessList.root,
            timestampMilliseconds: request.timestampMilliseconds)
        header.stateRoot = outcome.stateRoot
        header.transactionsRoot = Block.transactionsRoot(of: transactions)
        header.receiptsRoot = Receipt.root(of: outcome.receipts)
        header.logsBloom = Receipt.bloom(of: outcome.receipts)
        header.gasUsed = outcome.gasUsed
        header.extraData = blockExtension.hash.bytes
        let block = Block(header: header, transactions: transactions, extension: blockExtension)
        return ValidatedBlock(block: block, outcome: outcome)
    }
}
