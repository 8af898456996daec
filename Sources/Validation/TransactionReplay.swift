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
    /// What the transactions before it have used: the cumulative gas of the receipt before.
    public var gasUsedBefore: Gas

    public init(
        header: Header, transaction: Transaction, sender: Address, position: Int, gasUsedBefore: Gas
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
    public let outcome: TransactionOutcome
    /// What it wrote, as entries of an access list; in their order.
    public let writes: [BlockAccess]
    /// The first of its writes that the block's list has otherwise, or the first in the list that is not its.
    public let difference: AccessDifference?
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
public func replay<Ledger: LedgerReader, List: AccessListReader>(
    _ subject: TransactionCase, after ledger: Ledger, _ list: List, claiming claimed: [BlockAccess],
    under rules: ChainRules
) throws(ValidationFailure<MidBlockFailure<Ledger.Failure>>) -> TransactionReplay {
    let index = subject.accessIndex
    let state = MidBlockState(at: index, in: subject.header, after: ledger, list)
    let block = BlockEnvironment(subject.header, under: rules)
    var journal = Journal(state)
    let gasLeft = block.gasLimit > subject.gasUsedBefore ? block.gasLimit - subject.gasUsedBefore : 0
    let outcome = try runTransaction(
        subject.transaction, from: subject.sender,
        in: TransactionContext(
            in: block, policy: TransactionPolicy(rules), natives: SystemContracts.contracts(under: rules),
            gasLeft: gasLeft,
            index: subject.position),
        journal: &journal, machine: Machine())
    let merged = MergedEffects([outcome.effects])
    var accesses = merged.storage.map { BlockAccess($0, at: index) }
    for change in merged.accounts {
        appendAccesses(of: change, at: index, to: &accesses) { journal.addedCode($0) ?? [] }
    }
    let writes = accesses.filter { $0.index != nil }.sorted { $0.key < $1.key }
    do throws(AccessListGap) {
        return TransactionReplay(
            outcome: outcome, writes: writes, difference: try difference(of: writes, from: list, claiming: claimed))
    } catch {
        throw .unreadable(.list(error))
    }
}

private func difference<List: AccessListReader>(
    of writes: [BlockAccess], from list: List, claiming claimed: [BlockAccess]
) throws(AccessListGap) -> AccessDifference? {
    for write in writes {
        let listed = try list.entry(like: write)
        if listed != write { return AccessDifference(expected: write, found: listed) }
    }
    let keys = Set(writes.map(\.key))
    for entry in claimed where !keys.contains(entry.key) {
        return AccessDifference(expected: nil, found: entry)
    }
    return nil
}

extension BlockAccessList {
    /// The entries that say what was written at `index`.
    func writes(at index: BlockAccessIndex) -> [BlockAccess] {
        entries.filter { $0.index == index }
    }
}

/// Runs one transaction of a block from the whole state of its parent, and keeps what it takes to run it again.
///
/// - Parameter list: What the block commits to.
public func recordReplay<Ledger: LedgerReader>(
    of subject: TransactionCase, after ledger: Ledger, _ list: BlockAccessList, under rules: ChainRules
) throws(ValidationFailure<MidBlockFailure<Ledger.Failure>>) -> (TransactionReplay, TransactionWitness) {
    let recording = RecordingLedger(ledger)
    let entries = RecordingAccessList(list)
    let claimed = list.writes(at: subject.accessIndex)
    let result = try replay(subject, after: recording, entries, claiming: claimed, under: rules)
    if let surplus = result.difference?.found, result.difference?.expected == nil {
        do throws(AccessListGap) {
            _ = try entries.entry(like: surplus)
        } catch {
            throw .unreadable(.list(error))
        }
    }
    return (result, TransactionWitness(preimages: recording.witness, accessList: entries.witness))
}

/// Why a transaction could not be run from a witness.
public enum ReplayFailure: Error, Equatable {
    case accessList(AccessListWitnessError)
    case failure(ValidationFailure<MidBlockFailure<StateGap>>)
}

/// Runs one transaction of a block from a witness alone.
///
/// - Parameters:
///   - stateRoot: The root of the state after the block's parent.
///   - accessListRoot: What the block's extension says.
public func replay(
    _ subject: TransactionCase, stateRoot: Hash32, accessListRoot: Hash32, witness: TransactionWitness,
    under rules: ChainRules
) throws(ReplayFailure) -> TransactionReplay {
    let list: ProvenAccessList
    do throws(AccessListWitnessError) {
        list = try ProvenAccessList(witness.accessList, root: accessListRoot)
    } catch {
        throw .accessList(error)
    }
    let claimed = witness.accessList.entries.map(\.access).filter { $0.index == subject.accessIndex }
    let ledger = WitnessLedger(root: stateRoot, witness: witness.preimages)
    do throws(ValidationFailure<MidBlockFailure<StateGap>>) {
        return try replay(subject, after: ledger, list, claiming: claimed, under: rules)
    } catch {
        throw .failure(error)
    }
}
