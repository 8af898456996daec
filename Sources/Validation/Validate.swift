public import Chain
public import EVM
public import Primitives
public import Trie

/// The one test of validity, called by proposer, validator, ranger, sync, replay and fault proofs.
///
/// The order of the rules is fixed, so all who check the same block name the same fault: header, body without state,
/// each transaction against the state, what came of it.
///
/// - Parameters:
///   - ledger: The state after the parent, as it was executed.
///   - round: What is known of the round in which the block was proposed.
///   - senders: Senders recovered before, by transaction hash. They are believed; the others are recovered here.
///   - conduct: Which rules to look away from; `.honest` but for faults on purpose.
/// - Throws: `.invalid` names the broken rule with both values. `.unreadable` means that the state could not be read,
///   never that the block is bad.
public func validate<Ledger: LedgerReader>(
    _ block: Block, after ancestry: Ancestry, reading ledger: Ledger, under rules: ChainRules, round: RoundBound,
    senders: [Hash32: Address] = [:], conduct: Conduct = .honest
) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
    let recovered: [Address]
    do throws(BlockFault) {
        try checkHeader(
            block.header, block.extension, after: ancestry.parent, ancestry.parentExtension,
            parentHash: ancestry.parentHash, under: rules, conduct: conduct)
        try checkHeader(
            block.header, block.extension, committee: ancestry.committee, council: ancestry.council, round: round,
            conduct: conduct)
        recovered = try checkBody(block, under: rules, senders: senders, conduct: conduct)
    } catch {
        throw .invalid(error)
    }
    do throws(ValidationFailure<Ledger.Failure>) {
        return try checkExecution(of: block, from: recovered, reading: ledger, under: rules, conduct: conduct)
    } catch .invalid(let fault) {
        // Damage to our own flat values must not look like a fault of the block: the tries have to say the same.
        let tries = RecordingLedger(ledger)
        do throws(ValidationFailure<Ledger.Failure>) {
            _ = try checkExecution(of: block, from: recovered, reading: tries, under: rules, conduct: conduct)
        } catch .invalid(fault) {
            throw .invalid(fault)
        } catch .unreadable(let failure) {
            throw .unreadable(failure)
        } catch {
        }
        throw .unreadable(.malformedNode(ledger.stateRoot))
    }
}

/// Runs the transactions, and compares what comes of them with what the header and the extension say.
private func checkExecution<Ledger: LedgerReader>(
    of block: Block, from senders: [Address], reading ledger: Ledger, under rules: ChainRules, conduct: Conduct
) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
    let effects = try run(block, from: senders, reading: ledger, under: rules, conduct: conduct)
    do throws(BlockFault) {
        try checkEffects(effects, of: block, conduct: conduct)
    } catch {
        throw .invalid(error)
    }
    let settlement: Settlement
    do throws(Ledger.Failure) {
        settlement = try settle(effects.changes, on: ledger)
    } catch {
        throw .unreadable(error)
    }
    do throws(BlockFault) {
        try conduct.require(.stateRoot, block.header.stateRoot, is: settlement.stateRoot)
    } catch {
        throw .invalid(error)
    }
    return ValidatedBlock(block: block, outcome: BlockOutcome(effects, settlement))
}

/// The rules of a body that need no state: its size, its root, and each transaction by itself.
///
/// - Returns: The sender of each transaction.
@discardableResult
public func checkBody(
    _ block: Block, under rules: ChainRules, senders: [Hash32: Address] = [:], conduct: Conduct = .honest
) throws(BlockFault) -> [Address] {
    try checkBodyAsWhole(block, conduct: conduct)
    let check = TransactionRules(block.header, under: rules, conduct: conduct)
    return try check.checkAll(block.transactions, known: senders)
}

/// Those of them that are about the body as a whole.
///
/// - Throws: `blockSize` or `transactionsRoot`.
public func checkBodyAsWhole(_ block: Block, conduct: Conduct = .honest) throws(BlockFault) {
    let size = block.rlp.count
    // EIP-7934
    try conduct.require(
        .blockSize, size <= Block.encodedBytesMax, expected: "at most \(Block.encodedBytesMax) bytes",
        found: "\(size) bytes")
    let root = Block.transactionsRoot(of: block.transactions)
    try conduct.require(.transactionsRoot, block.header.transactionsRoot, is: root)
}

/// Runs a block whatever its header says came of it: what the header should have said.
///
/// - Throws: `.invalid` only where a transaction cannot run.
public func execute<Ledger: LedgerReader>(
    _ block: Block, reading ledger: Ledger, under rules: ChainRules, senders: [Hash32: Address] = [:],
    conduct: Conduct = .honest
) throws(ValidationFailure<Ledger.Failure>) -> BlockOutcome {
    let check = TransactionRules(block.header, under: rules, conduct: conduct)
    let recovered: [Address]
    do throws(BlockFault) {
        recovered = try check.checkAll(block.transactions, known: senders)
    } catch {
        throw .invalid(error)
    }
    let effects = try run(block, from: recovered, reading: ledger, under: rules, conduct: conduct)
    do throws(Ledger.Failure) {
        return BlockOutcome(effects, try settle(effects.changes, on: ledger))
    } catch {
        throw .unreadable(error)
    }
}

/// Runs a block without asking what root its changes lead to: for that takes more of the state than to run it.
///
/// - Throws: `.invalid` only where a transaction cannot run.
public func effects<Ledger: LedgerReader>(
    of block: Block, reading ledger: Ledger, under rules: ChainRules
) throws(ValidationFailure<Ledger.Failure>) -> BlockEffects {
    let senders: [Address]
    do throws(BlockFault) {
        senders = try TransactionRules(block.header, under: rules, conduct: .honest).checkAll(block.transactions)
    } catch {
        throw .invalid(error)
    }
    return try run(block, from: senders, reading: ledger, under: rules, conduct: .honest)
}

/// What executing a block leads to: the values that its header and extension must name, and the new state.
public struct BlockOutcome: Sendable {
    public let gasUsed: Gas
    public let receipts: [Receipt]
    public let senders: [Address]
    public let changes: StateChanges
    public let accessList: BlockAccessList
    public let accountTrie: TrieUpdate
    public let storageTries: [StorageTrieUpdate]

    public var stateRoot: Hash32 { accountTrie.root }

    init(_ effects: BlockEffects, _ settlement: Settlement) {
        gasUsed = effects.gasUsed
        receipts = effects.receipts
        senders = effects.senders
        changes = effects.changes
        accessList = effects.accessList
        accountTrie = settlement.accountTrie
        storageTries = settlement.storageTries
    }
}

private func run<Ledger: LedgerReader>(
    _ block: Block, from senders: [Address], reading ledger: Ledger, under rules: ChainRules, conduct: Conduct
) throws(ValidationFailure<Ledger.Failure>) -> BlockEffects {
    var execution: BlockExecution<BlockState<Ledger>>
    do throws(Ledger.Failure) {
        execution = try BlockExecution(block.header, under: rules, on: ledger)
    } catch {
        throw .unreadable(error)
    }
    for (transaction, sender) in zip(block.transactions, senders) {
        try execution.apply(transaction, from: sender, conduct: conduct)
    }
    do throws(Ledger.Failure) {
        try execution.payRewards(as: conduct)
        return try execution.finish(conduct: conduct)
    } catch {
        throw .unreadable(error)
    }
}

/// Compares what came of the transactions with what the header and the extension say.
private func checkEffects(_ effects: BlockEffects, of block: Block, conduct: Conduct) throws(BlockFault) {
    try conduct.require(.gasUsed, block.header.gasUsed, is: effects.gasUsed)
    let bloom = Receipt.bloom(of: effects.receipts)
    try conduct.require(
        .logsBloom, block.header.logsBloom == bloom, expected: bloom.bytes.hex, found: block.header.logsBloom.bytes.hex)
    try conduct.require(.receiptsRoot, block.header.receiptsRoot, is: Receipt.root(of: effects.receipts))
    try conduct.require(.accessListRoot, block.extension.accessListRoot, is: effects.accessList.root)
}
