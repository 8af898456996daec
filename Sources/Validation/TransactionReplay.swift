public import Chain
public import EVM
public import Primitives
import SystemContracts

/// One transaction of a block, and what its run takes beside the state.
public struct TransactionCase: Hashable, Sendable {
    /// The block's header.
    public var header: Header
    public var transaction: Transaction
    public var sender: Address
    /// The transaction's position in the block.
    public var position: Int
    /// What the transactions before it have used: the cumulative gas of the receipt before. Zero where that is not
    /// known: only `blockGas` depends on it.
    public var gasUsedBefore: Gas

    public init(
        header: Header, transaction: Transaction, sender: Address, position: Int, gasUsedBefore: Gas = 0
    ) {
        self.header = header
        self.transaction = transaction
        self.sender = sender
        self.position = position
        self.gasUsedBefore = gasUsedBefore
    }

    /// Where the transaction stands in the block's access list.
    public var accessIndex: BlockAccessIndex { BlockAccessIndex(position + 1) }
}

/// What it takes to run one transaction again without the rest of its block (DESIGN D3).
public struct TransactionWitness: Hashable, Sendable {
    /// Preimages of the parent's trie nodes and of code, in the order of first use, each once.
    public var preimages: [Bytes]
    public var accessList: AccessListWitness

    public init(preimages: [Bytes], accessList: AccessListWitness) {
        self.preimages = preimages
        self.accessList = accessList
    }
}

/// What one transaction did on the state that the access list says it found.
public struct TransactionReplay: Sendable {
    /// Where it runs at all, what came of it; else the rule for which it cannot run.
    public let outcome: Result<TransactionOutcome, BlockFault>
    /// What it wrote, as entries of an access list; in their order.
    public let writes: [BlockAccess]
    /// The first of its writes that the block's list has otherwise, or the first in the list that is not its.
    public let difference: AccessDifference?
    let position: Int

    /// The rule that the transaction breaks, or its part of the access list.
    public var fault: BlockFault? {
        if case .failure(let fault) = outcome { return fault }
        guard let difference else { return nil }
        return BlockFault(
            rule: .accessListRoot,
            expected: "\(difference.field) of \(difference.address): \(difference.expectedText)",
            found: difference.foundText, transactionIndex: position)
    }
}

/// Runs one transaction by itself, and compares what it writes with what the block's access list says it wrote.
///
/// A block whose list is right has no difference at any transaction. Where there is one, those who committed to the
/// list said themselves what the transaction found and what it left, and the two do not go together.
///
/// - Parameters:
///   - ledger: The state after the block's parent.
///   - list: What the block commits to; the whole, or as much as a witness proves.
///   - claimed: Entries of the list at the transaction's index that are to be found among its writes.
/// - Throws: Only that the state or the list could not be read.
public func replay<Ledger: LedgerReader, List: AccessListReader>(
    _ subject: TransactionCase, after ledger: Ledger, _ list: List, claiming claimed: [BlockAccess],
    under rules: ChainRules
) throws(MidBlockFailure<Ledger.Failure>) -> TransactionReplay {
    var journal = Journal(MidBlockState(at: subject.accessIndex, in: subject.header, after: ledger, list))
    let context = TransactionContext(of: subject, under: rules)
    do throws(ValidationFailure<MidBlockFailure<Ledger.Failure>>) {
        let outcome = try runTransaction(
            subject.transaction, from: subject.sender, in: context, journal: &journal, machine: Machine())
        return try TransactionReplay(outcome, of: subject, journal, list, claiming: claimed)
    } catch {
        return try TransactionReplay(of: subject, failedBy: error)
    }
}

/// The same under the eyes of `tracer`.
public func replay<Ledger: LedgerReader, List: AccessListReader>(
    _ subject: TransactionCase, after ledger: Ledger, _ list: List, claiming claimed: [BlockAccess],
    under rules: ChainRules, tracer: inout some Tracer
) throws(MidBlockFailure<Ledger.Failure>) -> TransactionReplay {
    var journal = Journal(MidBlockState(at: subject.accessIndex, in: subject.header, after: ledger, list))
    let context = TransactionContext(of: subject, under: rules)
    do throws(ValidationFailure<MidBlockFailure<Ledger.Failure>>) {
        let outcome = try runTransaction(
            subject.transaction, from: subject.sender, in: context, journal: &journal, machine: Machine(),
            tracer: &tracer)
        return try TransactionReplay(outcome, of: subject, journal, list, claiming: claimed)
    } catch {
        return try TransactionReplay(of: subject, failedBy: error)
    }
}

extension TransactionContext {
    fileprivate init(of subject: TransactionCase, under rules: ChainRules) {
        let block = BlockEnvironment(subject.header, under: rules)
        self.init(
            in: block, policy: TransactionPolicy(rules), natives: SystemContracts.contracts(under: rules),
            gasLeft: block.gasLimit > subject.gasUsedBefore ? block.gasLimit - subject.gasUsedBefore : 0,
            index: subject.position)
    }
}

extension TransactionReplay {
    /// What came of a transaction that ran.
    fileprivate init<Ledger: LedgerReader, List: AccessListReader>(
        _ outcome: TransactionOutcome, of subject: TransactionCase,
        _ journal: borrowing Journal<MidBlockState<Ledger, List>>, _ list: List, claiming claimed: [BlockAccess]
    ) throws(ValidationFailure<MidBlockFailure<Ledger.Failure>>) {
        let index = subject.accessIndex
        let merged = MergedEffects([outcome.effects])
        var accesses = merged.storage.map { BlockAccess($0, at: index) }
        for change in merged.accounts {
            appendAccesses(of: change, at: index, to: &accesses) { journal.addedCode($0) ?? [] }
        }
        self.outcome = .success(outcome)
        position = subject.position
        writes = accesses.filter { $0.index != nil }.sorted { $0.key < $1.key }
        do throws(AccessListGap) {
            difference = try firstDifference(of: writes, from: list, claiming: claimed)
        } catch {
            throw .unreadable(.list(error))
        }
    }

    /// What came of one that did not; unless that is for want of the state.
    fileprivate init<Unreadable: Error>(
        of subject: TransactionCase, failedBy failure: ValidationFailure<Unreadable>
    ) throws(Unreadable) {
        switch failure {
        case .invalid(let fault): outcome = .failure(fault)
        case .unreadable(let failure): throw failure
        }
        writes = []
        difference = nil
        position = subject.position
    }
}

private func firstDifference<List: AccessListReader>(
    of writes: [BlockAccess], from list: List, claiming claimed: [BlockAccess]
) throws(AccessListGap) -> AccessDifference? {
    for write in writes {
        let listed = try list.entry(like: write)
        if listed != write { return AccessDifference(expected: write, found: listed) }
    }
    let keys = Set(writes.map(\.key))
    guard let surplus = claimed.first(where: { !keys.contains($0.key) }) else { return nil }
    // Read once more, so that whoever records what is read has it too.
    _ = try list.entry(like: surplus)
    return AccessDifference(expected: nil, found: surplus)
}

extension BlockAccessList {
    /// The entries that say what was written at `index`, in their order.
    public func writes(at index: BlockAccessIndex) -> [BlockAccess] {
        entries.filter { $0.index == index }
    }
}

/// Runs one transaction of a block from the whole state of its parent, and keeps what it takes to run it again.
///
/// - Parameter list: What the block commits to.
public func recordReplay<Ledger: LedgerReader>(
    of subject: TransactionCase, after ledger: Ledger, _ list: BlockAccessList, under rules: ChainRules
) throws(MidBlockFailure<Ledger.Failure>) -> (TransactionReplay, TransactionWitness) {
    let recording = RecordingLedger(ledger)
    let entries = RecordingAccessList(list)
    let claimed = list.writes(at: subject.accessIndex)
    let result = try replay(subject, after: recording, entries, claiming: claimed, under: rules)
    return (result, TransactionWitness(preimages: recording.witness, accessList: entries.witness))
}

/// Why a transaction could not be run from a witness.
public enum ReplayFailure: Error, Equatable {
    case accessList(AccessListWitnessError)
    case unreadable(MidBlockFailure<StateGap>)
    /// Preimages that nothing needs, or that are in another order.
    case surplusPreimages(used: Int, found: Int)
    /// Entries of the access list that nothing needs.
    case surplusEntries(used: Int, found: Int)
}

/// Runs one transaction of a block from a witness alone, and from none of it in vain.
///
/// - Parameters:
///   - stateRoot: The root of the state after the block's parent.
///   - accessListRoot: What the block's extension says.
public func replay(
    _ subject: TransactionCase, stateRoot: Hash32, accessListRoot: Hash32, witness: TransactionWitness,
    under rules: ChainRules
) throws(ReplayFailure) -> TransactionReplay {
    let stage = try WitnessStage(subject, stateRoot: stateRoot, accessListRoot: accessListRoot, witness: witness)
    let result: TransactionReplay
    do throws(MidBlockFailure<StateGap>) {
        result = try replay(subject, after: stage.ledger, stage.list, claiming: stage.claimed, under: rules)
    } catch {
        throw .unreadable(error)
    }
    try stage.checkThatNothingIsLeft(of: witness)
    return result
}

/// The same under the eyes of `tracer`.
public func replay(
    _ subject: TransactionCase, stateRoot: Hash32, accessListRoot: Hash32, witness: TransactionWitness,
    under rules: ChainRules, tracer: inout some Tracer
) throws(ReplayFailure) -> TransactionReplay {
    let stage = try WitnessStage(subject, stateRoot: stateRoot, accessListRoot: accessListRoot, witness: witness)
    do throws(MidBlockFailure<StateGap>) {
        return try replay(
            subject, after: stage.ledger, stage.list, claiming: stage.claimed, under: rules, tracer: &tracer)
    } catch {
        throw .unreadable(error)
    }
}

/// A witness that notes which of its parts are used.
private struct WitnessStage {
    let ledger: RecordingLedger<WitnessLedger>
    let list: RecordingAccessList<ProvenAccessList>
    let claimed: [BlockAccess]

    init(
        _ subject: TransactionCase, stateRoot: Hash32, accessListRoot: Hash32, witness: TransactionWitness
    ) throws(ReplayFailure) {
        do throws(AccessListWitnessError) {
            let proven = try ProvenAccessList(witness.accessList, root: accessListRoot)
            claimed = proven.writes(at: subject.accessIndex)
            list = RecordingAccessList(proven)
        } catch {
            throw .accessList(error)
        }
        ledger = RecordingLedger(WitnessLedger(root: stateRoot, witness: witness.preimages))
    }

    func checkThatNothingIsLeft(of witness: TransactionWitness) throws(ReplayFailure) {
        guard ledger.witness == witness.preimages else {
            throw .surplusPreimages(used: ledger.witness.count, found: witness.preimages.count)
        }
        let positions = list.positions
        guard positions == witness.accessList.positions else {
            throw .surplusEntries(used: positions.count, found: witness.accessList.positions.count)
        }
    }
}
