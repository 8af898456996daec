public import Primitives

/// The accounts and slots that a transaction read or wrote, as they were before it: all that one needs to run it again.
/// Clients know it as `prestateTracer`. It follows from what the journal reports; no opcode has to be watched.
public struct Prestate: Hashable, Sendable {
    /// A slot and the word in it.
    public struct Slot: Hashable, Sendable {
        public let slot: UInt256
        public let word: UInt256
    }

    public struct Entry: Hashable, Sendable {
        public let address: Address
        /// Nil where there is none. Its code goes by its hash.
        public let account: Account?
        /// In ascending order of slot.
        public let storage: [Slot]
    }

    /// In ascending order of address.
    public let entries: [Entry]

    /// What the transaction saw before it changed anything.
    public init(_ effects: TransactionEffects) {
        entries = Self.entries(effects.accounts, effects.storage, account: \.before, word: \.before)
    }

    /// What the transaction changed, as it was and as it is: the tracer's diff mode. Slots that hold nothing are not
    /// listed.
    public static func difference(_ effects: TransactionEffects) -> (before: Prestate, after: Prestate) {
        let storage = effects.storage.filter { $0.before != $0.after }
        var changed = Set(storage.map(\.address))
        for change in effects.accounts where change.before != change.after { changed.insert(change.address) }
        let accounts = effects.accounts.filter { changed.contains($0.address) }
        let before = entries(accounts, storage.filter { !$0.before.isZero }, account: \.before, word: \.before)
        let after = entries(accounts, storage.filter { !$0.after.isZero }, account: \.after, word: \.after)
        return (
            Prestate(entries: before.filter { $0.account != nil }),
            Prestate(entries: after.filter { $0.account != nil })
        )
    }

    private init(entries: [Entry]) {
        self.entries = entries
    }

    private static func entries(
        _ accounts: [StateChanges.AccountChange], _ storage: [StateChanges.StorageChange],
        account: KeyPath<StateChanges.AccountChange, Account?>, word: KeyPath<StateChanges.StorageChange, UInt256>
    ) -> [Entry] {
        var slots: [Address: [Slot]] = [:]
        for change in storage.sorted(by: { ($0.address, $0.slot) < ($1.address, $1.slot) }) {
            slots[change.address, default: []].append(Slot(slot: change.slot, word: change[keyPath: word]))
        }
        return accounts.sorted { $0.address < $1.address }.map { change in
            Entry(
                address: change.address, account: change[keyPath: account], storage: slots[change.address] ?? [])
        }
    }
}
