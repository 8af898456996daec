import Chain
import Primitives
import RPC

extension DocumentFields {
    /// The accounts of geth's `alloc`, or of a snapshot: an object by address.
    func accounts() throws(ImportProblem) -> [GenesisAccount] {
        var accounts: [Address: GenesisAccount] = [:]
        for member in object.members {
            let text = member.name.hasPrefix("0x") ? member.name : "0x" + member.name
            guard let address = try? Address(hex: text) else { throw wrong(member.name, "expected an address") }
            guard let fields = try fields(member.name) else { throw wrong(member.name, "expected an object") }
            guard accounts[address] == nil else { throw wrong(member.name, "stands twice") }
            accounts[address] = GenesisAccount(
                address: address, nonce: try fields.number("nonce") ?? 0, balance: try fields.word("balance") ?? 0,
                code: try fields.data("code") ?? [], storage: try fields.fields("storage")?.slots() ?? [])
        }
        return accounts.values.sorted { $0.address < $1.address }
    }

    private func slots() throws(ImportProblem) -> [GenesisAccount.StorageSlot] {
        var slots: [UInt256: UInt256] = [:]
        for member in object.members {
            guard member.name.hasPrefix("0x"), member.name.utf8.count <= 66,
                let slot = try? Hash32(
                    hex: "0x" + String(repeating: "0", count: 66 - member.name.utf8.count) + member.name.dropFirst(2))
            else { throw wrong(member.name, "expected a slot") }
            slots[UInt256(slot)] = try word(member.name) ?? 0
        }
        return slots.sorted { $0.key < $1.key }.map { GenesisAccount.StorageSlot(slot: $0.key, value: $0.value) }
    }
}
