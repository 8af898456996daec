public import Primitives

/// What a run changed, in a canonical order. Only real changes are listed: before and after differ.
public struct StateChanges: Sendable, Equatable {
    /// An account as it was and as it is; nil where there is none.
    public struct AccountChange: Sendable, Hashable {
        public let address: Address
        public let before: Account?
        public let after: Account?

        public init(address: Address, before: Account?, after: Account?) {
            self.address = address
            self.before = before
            self.after = after
        }
    }

    /// A storage word as it was and as it is; zero where there is none.
    public struct StorageChange: Sendable, Hashable {
        public let address: Address
        public let slot: UInt256
        public let before: UInt256
        public let after: UInt256

        public init(address: Address, slot: UInt256, before: UInt256, after: UInt256) {
            self.address = address
            self.slot = slot
            self.before = before
            self.after = after
        }
    }

    /// Code that an account names for the first time.
    public struct NewCode: Sendable, Hashable {
        public let hash: Hash32
        public let code: Bytes

        public init(hash: Hash32, code: Bytes) {
            self.hash = hash
            self.code = code
        }
    }

    /// In ascending order of address.
    public let accounts: [AccountChange]
    /// In ascending order of address, then slot.
    public let storage: [StorageChange]
    /// In ascending order of hash, each once.
    public let code: [NewCode]

    /// - Precondition: The lists are in the order that their comments name.
    public init(accounts: [AccountChange] = [], storage: [StorageChange] = [], code: [NewCode] = []) {
        self.accounts = accounts
        self.storage = storage
        self.code = code
    }

    public var isEmpty: Bool { accounts.isEmpty && storage.isEmpty && code.isEmpty }
}
