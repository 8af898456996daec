import Chain
import EVM
import Primitives

/// What several steps did one after the other, as if they had been one: an access list has one entry a field and index.
struct MergedEffects {
    private(set) var accounts: [StateChanges.AccountChange] = []
    private(set) var storage: [StateChanges.StorageChange] = []

    init(_ steps: [TransactionEffects]) {
        guard steps.count > 1 else {
            accounts = steps.first?.accounts ?? []
            storage = steps.first?.storage ?? []
            return
        }
        var accountIndex: [Address: Int] = [:]
        var cellIndex: [Address: [UInt256: Int]] = [:]
        for step in steps {
            for change in step.accounts {
                guard let known = accountIndex[change.address] else {
                    accountIndex[change.address] = accounts.count
                    accounts.append(change)
                    continue
                }
                accounts[known] = StateChanges.AccountChange(
                    address: change.address, before: accounts[known].before, after: change.after)
            }
            for change in step.storage {
                guard let known = cellIndex[change.address]?[change.slot] else {
                    cellIndex[change.address, default: [:]][change.slot] = storage.count
                    storage.append(change)
                    continue
                }
                storage[known] = StateChanges.StorageChange(
                    address: change.address, slot: change.slot, before: storage[known].before, after: change.after)
            }
        }
    }
}

/// Appends what `change` puts into a block's access list at `index` (EIP-7928).
///
/// - Parameter code: The code of a hash that the account was given.
func appendAccesses(
    of change: StateChanges.AccountChange, at index: BlockAccessIndex, to accesses: inout [BlockAccess],
    code: (Hash32) -> Bytes
) {
    let before = change.before ?? Account()
    let after = change.after ?? Account()
    if before == after { accesses.append(.touched(change.address)) }
    if before.balance != after.balance {
        accesses.append(.balance(change.address, index: index, value: after.balance))
    }
    if before.nonce != after.nonce {
        accesses.append(.nonce(change.address, index: index, value: after.nonce))
    }
    if before.codeHash != after.codeHash {
        accesses.append(.code(change.address, index: index, value: after.hasCode ? code(after.codeHash) : []))
    }
}

extension BlockAccess {
    /// What `change` puts into a block's access list at `index`.
    init(_ change: StateChanges.StorageChange, at index: BlockAccessIndex) {
        self =
            change.before == change.after
            ? .storageRead(change.address, slot: change.slot)
            : .storageWrite(change.address, slot: change.slot, index: index, value: change.after)
    }
}
