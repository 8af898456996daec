import Chain
import EVM
import Foundation
import Primitives
import RPC
import Testing
import Trie
import Validation

extension TestState {
    /// The state that a recorded snapshot holds: an object of accounts by address.
    init(snapshot: Data) throws {
        let document = try JSONParser.parse(Bytes(snapshot))
        for member in try #require(document.object).members {
            let address = try Address(hex: member.name)
            let code = try member.value.data("code")
            accounts[address] = Account(
                nonce: try member.value.integer("nonce"), balance: try member.value.quantity("balance"))
            if !code.isEmpty { setCode(address, code) }
            for slot in try #require(try member.value.member("storage").object).members {
                let key = try UInt256(hex: slot.name)
                slots[address, default: [:]][key] = try UInt256(hex: try #require(slot.value.string))
            }
        }
    }

    /// The same state with its tries.
    var ledger: MemoryLedger {
        MemoryLedger(
            holding: accounts.map { address, account in
                var held = GenesisAccount(address: address, nonce: account.nonce, balance: account.balance)
                held.code = codes[account.codeHash] ?? []
                held.storage = (slots[address] ?? [:]).map { GenesisAccount.StorageSlot(slot: $0.key, value: $0.value) }
                return held
            })
    }

    mutating func apply(_ changes: StateChanges) {
        for change in changes.accounts { accounts[change.address] = change.after }
        for change in changes.storage { slots[change.address, default: [:]][change.slot] = change.after }
        for new in changes.code { codes[new.hash] = new.code }
    }
}

extension MemoryLedger {
    /// The root after changes that nobody made.
    func root(after changes: StateChanges, clearing cleared: Set<Address>) throws(ChainReadError) -> Hash32 {
        do throws(StateGap) {
            return try settle(changes, on: self, clearing: cleared).stateRoot
        } catch {
            throw .unreadable("\(error)")
        }
    }
}
