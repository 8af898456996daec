public import Primitives

/// Finds the accounts and slots that a transaction looks at: all that one needs to run it again. Clients know it as
/// `prestateTracer`.
///
/// It collects what opcodes name; `touched` then says what that was before the transaction and is after it. So an
/// account counts whose balance was only asked, and one that was only warm does not.
public struct PrestateTracer: Tracer, Sendable {
    /// How much it may find. What comes after is missing, and `isTruncated` says so.
    public struct Limits: Hashable, Sendable {
        public var accountsMax: Int
        public var slotsMax: Int

        public init(accountsMax: Int = 20_000, slotsMax: Int = 100_000) {
            self.accountsMax = accountsMax
            self.slotsMax = slotsMax
        }
    }

    public private(set) var isTruncated = false

    private let limits: Limits
    private let fork: Fork
    private let natives: NativeContracts
    private var accounts: Set<Address> = []
    /// Those whose code an opcode wanted to run.
    private var callees: Set<Address> = []
    private var slots: Set<StorageKey> = []
    private var created: Set<Address> = []
    private var destroyed: Set<Address> = []
    private var calledNative = false
    /// What the last opcode of each open call names, until it is known that it ran.
    private var open: [Mention?] = []

    private struct StorageKey: Hashable {
        let address: Address
        let slot: UInt256
    }

    private enum Mention {
        case account(Address)
        case callee(Address)
        case slot(StorageKey)
        /// Who destroys itself, and who inherits.
        case end(Address, heir: Address)
    }

    /// - Parameter natives: Contracts without opcodes: once one is called, all counts that was read or written.
    public init(natives: NativeContracts = .none, fork: Fork = .osaka, limits: Limits = Limits()) {
        self.fork = fork
        self.natives = natives
        self.limits = limits
    }

    public mutating func begin(_ call: TracedCall) {
        settle()
        if call.kind == .create || call.kind == .create2 {
            note(call.target)
            created.insert(call.target)
        }
        if call.kind != .selfDestruct, natives[call.target] != nil { calledNative = true }
        open.append(nil)
    }

    public mutating func step(_ step: borrowing TracedStep) {
        settle()
        guard let top = step.stackWord(0), !open.isEmpty else { return }
        let mention: Mention? =
            switch Instruction(step.opcode) {
            case .sload, .sstore: .slot(StorageKey(address: step.address, slot: top))
            case .balance, .extcodesize, .extcodecopy, .extcodehash: .account(Address(truncating: top))
            case .selfdestruct: .end(step.address, heir: Address(truncating: top))
            case .call, .callcode, .delegatecall, .staticcall:
                step.stackWord(1).map { .callee(Address(truncating: $0)) }
            default: nil
            }
        open[open.count - 1] = mention
    }

    public mutating func end(_ result: TracedResult) {
        if case .success = result.status { settle() }
        // What an opcode names that could not run was never looked at.
        _ = open.popLast()
    }

    /// The last opcode ran: there was gas and stack for it.
    private mutating func settle() {
        guard let place = open.indices.last, let mention = open[place] else { return }
        open[place] = nil
        switch mention {
        case .account(let address): note(address)
        case .callee(let address):
            note(address)
            callees.insert(address)
        case .slot(let key):
            if slots.count < limits.slotsMax { slots.insert(key) } else { isTruncated = true }
        case .end(let address, let heir):
            note(heir)
            // EIP-6780
            if fork < .cancun || created.contains(address) { destroyed.insert(address) }
        }
    }

    private mutating func note(_ address: Address) {
        if accounts.count < limits.accountsMax { accounts.insert(address) } else { isTruncated = true }
    }
}

/// An account that a transaction looked at, before it and after it.
public struct TouchedAccount: Sendable {
    public let address: Address
    /// Nil where there is none.
    public let before: Account?
    public let after: Account?
    public let codeBefore: Bytes
    public let codeAfter: Bytes
    /// It went in this transaction; from Cancun on, it also came in it (EIP-6780).
    public let isDestroyed: Bool
    /// The slots that were looked at, in ascending order.
    public var slots: [StateChanges.StorageChange]
}

extension PrestateTracer {
    /// What the transaction looked at, in ascending order of address.
    ///
    /// - Parameters:
    ///   - named: Whom the transaction names beside its recipient: its sender, the proposer, who signed its
    ///     authorizations.
    ///   - recipient: Whom it calls or creates.
    ///   - effects: What it did.
    ///   - journal: In which it ran, closed since.
    public func touched<State: StateReader>(
        _ named: [Address], recipient: Address, _ effects: TransactionEffects, in journal: inout Journal<State>
    ) throws(State.Failure) -> [TouchedAccount] {
        let changes = Dictionary(effects.accounts.map { ($0.address, $0) }) { first, _ in first }
        var addresses = accounts.union(named + [recipient])
        if calledNative { addresses.formUnion(effects.accounts.map(\.address)) }
        var accounts: [Address: TouchedAccount] = [:]
        let storage = Dictionary(
            grouping: effects.storage.filter {
                calledNative || slots.contains(StorageKey(address: $0.address, slot: $0.slot))
            }, by: \.address)
        /// Whom the code of a callee names comes after the callee.
        var queue = addresses.sorted()
        while let address = queue.popLast() {
            guard accounts[address] == nil else { continue }
            let current = try journal.peek(address)
            let (before, after) = changes[address].map { ($0.before, $0.after) } ?? (current, current)
            let found = TouchedAccount(
                address: address, before: before, after: after, codeBefore: try journal.code(of: before),
                codeAfter: try journal.code(of: after), isDestroyed: destroyed.contains(address),
                slots: (storage[address] ?? []).sorted { $0.slot < $1.slot })
            accounts[address] = found
            if address == recipient, let delegate = Code(found.codeBefore).delegate { queue.append(delegate) }
            if callees.contains(address), let delegate = Code(found.codeAfter).delegate { queue.append(delegate) }
        }
        return accounts.values.sorted { $0.address < $1.address }
    }
}
