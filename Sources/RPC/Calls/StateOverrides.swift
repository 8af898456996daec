import Chain
import Crypto
import EVM
import Primitives

/// What a caller wants supposed about accounts while a call runs: geth's state override set.
struct StateOverrides {
    /// What is supposed about one account; what is nil stays as it is.
    struct AccountOverride {
        let address: Address
        let nonce: UInt64?
        let balance: UInt256?
        let code: Bytes?
        /// All that the storage holds.
        let state: [Word]?
        /// What some slots hold; the others keep what they have.
        let stateDiff: [Word]?
        /// Where the precompiled contract of this address shall be found instead.
        let movePrecompileTo: Address?
    }

    struct Word {
        let slot: UInt256
        let value: UInt256
    }

    /// In the order in which they stood.
    let accounts: [AccountOverride]

    static let none = StateOverrides(accounts: [])

    private init(accounts: [AccountOverride]) {
        self.accounts = accounts
    }

    init(_ argument: JSONValue) throws(ArgumentError) {
        var accounts: [AccountOverride] = []
        var seen: Set<Address> = []
        // Of two members with one name the later counts.
        for override in try objectArgument(argument).members.reversed() {
            let address = try addressArgument(.string(override.name))
            guard seen.insert(address).inserted else { continue }
            do {
                accounts.append(try AccountOverride(address, override.value))
            } catch {
                throw ArgumentError("\(address): \(error.reason)")
            }
        }
        self.accounts = accounts.reversed()
    }
}

extension StateOverrides.AccountOverride {
    fileprivate init(_ address: Address, _ value: JSONValue) throws(ArgumentError) {
        let object = try objectArgument(value)
        self.address = address
        nonce = try member(object, "nonce", quantityArgument)
        balance = try member(object, "balance", wideQuantityArgument)
        code = try member(object, "code", dataArgument)
        state = try member(object, "state", wordsArgument)
        stateDiff = try member(object, "stateDiff", wordsArgument)
        movePrecompileTo = try member(object, "movePrecompileToAddress", addressArgument)
    }

    /// Whether anything is supposed of the account itself; then there is one.
    fileprivate var makesAccount: Bool {
        nonce != nil || balance != nil || code != nil || state != nil || stateDiff?.isEmpty == false
    }
}

/// An object of slots and what they hold, both 32 bytes.
private func wordsArgument(_ value: JSONValue) throws(ArgumentError) -> [StateOverrides.Word] {
    var words: [StateOverrides.Word] = []
    for word in try objectArgument(value).members {
        words.append(
            StateOverrides.Word(
                slot: UInt256(try hashArgument(.string(word.name))), value: UInt256(try hashArgument(word.value))))
    }
    return words
}

// MARK: Putting them into effect

extension StateOverrides {
    /// Supposes all of it in `state`.
    ///
    /// - Parameter natives: Loses those whose code is replaced.
    /// - Returns: Where precompiled contracts are found then. One whose account is named at all gives way to it.
    func apply(
        to state: CallState, at fork: Fork, natives: inout NativeContracts, _ limits: RPCLimits
    ) throws(RPCError) -> PrecompileMoves {
        var moves = PrecompileMoves.none
        guard !accounts.isEmpty else { return moves }
        let precompiles = Set(Precompiles.addresses(of: fork))
        let named = Set(accounts.map(\.address))
        for override in accounts {
            let address = override.address
            if let destination = override.movePrecompileTo {
                guard precompiles.contains(address) else { throw .server("account \(address) is not a precompile") }
                guard !named.contains(destination) else {
                    throw .server("account \(destination) is already overridden")
                }
                moves.move(address, to: destination)
            }
            if precompiles.contains(address) { moves.vacate(address) }
            guard override.state == nil || override.stateDiff == nil else {
                throw .server("account \(address) has both 'state' and 'stateDiff'")
            }
            if override.code != nil { natives = natives.without(address) }
            try override.apply(to: state, limits)
        }
        return moves
    }
}

extension StateOverrides.AccountOverride {
    fileprivate func apply(to state: CallState, _ limits: RPCLimits) throws(RPCError) {
        guard makesAccount else { return }
        var account = try reading(limits) { () throws(CallState.Failure) in try state.account(address) } ?? Account()
        if let nonce { account.nonce = nonce }
        if let balance { account.balance = balance }
        if let code {
            account.codeHash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
            state.suppose(code, hash: account.codeHash)
        }
        state.suppose(account, at: address)
        if let words = self.state {
            state.clearStorage(of: address)
            for word in words { state.suppose(word.value, in: word.slot, of: address) }
        }
        for word in stateDiff ?? [] { state.suppose(word.value, in: word.slot, of: address) }
    }
}
