public import Chain
public import EVM
import Primitives
import Trie

/// The state of block 0 as changes to nothing: what a ledger of any kind starts from.
public struct GenesisState: Sendable {
    public let changes: StateChanges
    public let settlement: Settlement

    public init(_ genesis: Genesis) {
        self.init(genesis.accounts)
    }

    /// The state that holds `accounts` and nothing else.
    ///
    /// - Parameter accounts: In any order; none twice, nor any slot of one. Also those that no genesis of this chain
    ///   may hold: empty ones, and storage without an owner. Slots that hold zero are left out.
    public init(holding accounts: [GenesisAccount]) {
        var canonical = accounts.sorted { $0.address < $1.address }
        for index in canonical.indices {
            canonical[index].storage.removeAll { $0.value.isZero }
            canonical[index].storage.sort { $0.slot < $1.slot }
        }
        self.init(canonical)
    }

    /// - Precondition: In ascending order of address, each address once and none empty, and so the slots of each.
    init(_ genesisAccounts: [GenesisAccount]) {
        var accounts: [StateChanges.AccountChange] = []
        var storage: [StateChanges.StorageChange] = []
        var codes: [StateChanges.NewCode] = []
        for account in genesisAccounts {
            let after = Account(nonce: account.nonce, balance: account.balance, codeHash: account.codeHash)
            accounts.append(StateChanges.AccountChange(address: account.address, before: nil, after: after))
            for slot in account.storage {
                storage.append(
                    StateChanges.StorageChange(
                        address: account.address, slot: slot.slot, before: 0, after: slot.value))
            }
            if after.hasCode { codes.append(StateChanges.NewCode(hash: after.codeHash, code: account.code)) }
        }
        codes.sort { $0.hash < $1.hash }
        var distinct: [StateChanges.NewCode] = []
        for code in codes where distinct.last?.hash != code.hash { distinct.append(code) }
        changes = StateChanges(accounts: accounts, storage: storage, code: distinct)
        do throws(StateGap) {
            settlement = try settle(changes, on: EmptyLedger())
        } catch {
            preconditionFailure("an empty trie has no node to read: \(error)")
        }
    }
}

/// The state before block 0: nothing at all.
private struct EmptyLedger: LedgerReader {
    var stateRoot: Hash32 { MerkleTrie.emptyRoot }
    func account(_ address: Address) throws(StateGap) -> Account? { nil }
    func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 { 0 }
    func code(_ hash: Hash32) throws(StateGap) -> Bytes { throw .missing(hash) }
    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes { throw .missing(hash) }
}
