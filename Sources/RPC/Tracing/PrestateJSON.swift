import EVM
import Primitives

extension JSONWriter {
    /// Accounts as geth's prestateTracer shows them, by address.
    mutating func prestate(
        _ accounts: [TouchedAccount], _ options: TraceOptions.PrestateOptions
    ) throws(RPCError) {
        guard options.difference else { return try before(accounts, options) }
        // One that has gone is shown as it was, with all that was looked at.
        let changed = accounts.compactMap { account in
            account.isDestroyed ? account : account.changed(options)
        }
        beginObject()
        name("post")
        try after(changed.filter { !$0.isDestroyed }, options)
        name("pre")
        try before(changed, options)
        endObject()
    }

    private mutating func before(
        _ accounts: [TouchedAccount], _ options: TraceOptions.PrestateOptions
    ) throws(RPCError) {
        beginObject()
        for account in accounts where options.showsEmpty || account.before?.isEmpty == false {
            let state = account.before ?? Account()
            name(hex: account.address)
            beginObject()
            name("balance")
            quantity(state.balance)
            nonce(state.nonce)
            if state.hasCode {
                if !options.hidesCode { code(account.codeBefore) }
                name("codeHash")
                hex(state.codeHash)
            }
            let shownSlots =
                options.difference && !account.isDestroyed
                ? account.slots.filter { !$0.before.isZero } : account.slots
            if !options.hidesStorage { storage(shownSlots, \.before) }
            endObject()
            try checkSize()
        }
        endObject()
    }

    /// Only what has changed.
    private mutating func after(
        _ accounts: [TouchedAccount], _ options: TraceOptions.PrestateOptions
    ) throws(RPCError) {
        beginObject()
        for account in accounts {
            let (old, new) = (account.before ?? Account(), account.after ?? Account())
            name(hex: account.address)
            beginObject()
            if old.balance != new.balance {
                name("balance")
                quantity(new.balance)
            }
            if old.nonce != new.nonce { nonce(new.nonce) }
            if old.codeHash != new.codeHash {
                if !options.hidesCode { code(account.codeAfter) }
                name("codeHash")
                hex(new.hasCode ? new.codeHash : .zero)
            }
            if !options.hidesStorage { storage(account.slots.filter { !$0.after.isZero }, \.after) }
            endObject()
            try checkSize()
        }
        endObject()
    }

    private mutating func nonce(_ nonce: UInt64) {
        guard nonce > 0 else { return }
        name("nonce")
        number(nonce)
    }

    private mutating func code(_ code: Bytes) {
        guard !code.isEmpty else { return }
        name("code")
        hex(code)
    }

    private mutating func storage(
        _ slots: [StateChanges.StorageChange], _ word: KeyPath<StateChanges.StorageChange, UInt256>
    ) {
        guard !slots.isEmpty else { return }
        name("storage")
        beginObject()
        for slot in slots {
            name(hex: slot.slot.hash)
            hex(slot[keyPath: word].hash)
        }
        endObject()
    }
}

extension TouchedAccount {
    /// What of it has changed; nil where nothing has. Slots that hold nothing before are not shown as they were.
    fileprivate func changed(_ options: TraceOptions.PrestateOptions) -> TouchedAccount? {
        let slots = options.hidesStorage ? [] : slots.filter { $0.before != $0.after }
        guard before ?? Account() != after ?? Account() || !slots.isEmpty else { return nil }
        var changed = self
        changed.slots = slots
        return changed
    }
}
