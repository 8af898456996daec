import EVM
import Primitives

extension TestWorld {
    /// More lines than this say no more.
    static let differencesMax = 12

    /// What `self` has otherwise than `expected`: address, field, both values.
    func differences(from expected: TestWorld) -> [String] {
        var lines: [String] = []
        let addresses = Set(accounts.keys).union(expected.accounts.keys).union(storage.keys)
            .union(expected.storage.keys)
        for address in addresses.sorted() {
            lines += differences(of: address, from: expected)
        }
        guard lines.count > TestWorld.differencesMax else { return lines }
        return lines.prefix(TestWorld.differencesMax) + ["… and \(lines.count - TestWorld.differencesMax) more"]
    }

    private func differences(of address: Address, from expected: TestWorld) -> [String] {
        let (found, wanted) = (accounts[address], expected.accounts[address])
        var lines: [String] = []
        func compare(_ name: String, _ wanted: String, _ found: String) {
            if wanted != found { lines.append("\(address) \(name): expected \(wanted), found \(found)") }
        }
        if found == nil || wanted == nil {
            compare("account", wanted == nil ? "none" : "one", found == nil ? "none" : "one")
        }
        if let found, let wanted {
            compare("nonce", "\(wanted.nonce)", "\(found.nonce)")
            compare("balance", "\(wanted.balance)", "\(found.balance)")
            compare("code hash", "\(wanted.codeHash)", "\(found.codeHash)")
        }
        let (foundWords, wantedWords) = (storage[address] ?? [:], expected.storage[address] ?? [:])
        for slot in Set(foundWords.keys).union(wantedWords.keys).sorted(by: <) {
            compare("slot \(slot.quantity)", (wantedWords[slot] ?? 0).quantity, (foundWords[slot] ?? 0).quantity)
        }
        return lines
    }
}
