import Chain
import EVM
import EthereumChain
import Primitives

/// The state after one block, as a call that a client asks for reads it, with what the client wants supposed
/// instead. Each thing is read once, however often the call is run.
///
/// Blocks are final, so reads at different moments agree.
final class CallState: StateReader {
    enum Failure: Error, Equatable {
        case chain(ChainReadError)
        /// The time for the call is over.
        case outOfTime
    }

    private let chain: any ChainReader
    let height: Height
    private let deadline: ContinuousClock.Instant
    // What the chain says.
    private var accounts: [Address: Account?] = [:]
    private var words: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash32: Bytes] = [:]
    // What is supposed instead.
    private var supposedAccounts: [Address: Account?] = [:]
    private var supposedWords: [Address: [UInt256: UInt256]] = [:]
    private var cleared: Set<Address> = []
    private var supposedHashes: [Height: Hash32] = [:]

    init(_ chain: any ChainReader, at height: Height, until deadline: ContinuousClock.Instant) {
        (self.chain, self.height, self.deadline) = (chain, height, deadline)
    }

    /// Gas bounds what lies between two reads; this bounds the rest.
    func checkTime() throws(Failure) {
        guard !Task.isCancelled, ContinuousClock.now < deadline else { throw .outOfTime }
    }

    private func read<Answer>(_ body: () throws(ChainReadError) -> Answer) throws(Failure) -> Answer {
        try checkTime()
        do {
            return try body()
        } catch {
            throw .chain(error)
        }
    }

    // MARK: StateReader

    func account(_ address: Address) throws(Failure) -> Account? {
        if let supposed = supposedAccounts[address] { return supposed }
        return try baseAccount(address)
    }

    private func baseAccount(_ address: Address) throws(Failure) -> Account? {
        if let known = accounts[address] { return known }
        let account = try read { () throws(ChainReadError) in try chain.account(address, at: height) }
        accounts[address] = .some(account)
        return account
    }

    func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        if let supposed = supposedWords[address]?[slot] { return supposed }
        return try baseWord(address, slot)
    }

    /// Zero where all storage of the account was cleared.
    private func baseWord(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        if cleared.contains(address) { return 0 }
        if let known = words[address]?[slot] { return known }
        let word = try read { () throws(ChainReadError) in try chain.storage(address, slot, at: height) }
        words[address, default: [:]][slot] = word
        return word
    }

    func code(_ hash: Hash32) throws(Failure) -> Bytes {
        if let known = codes[hash] { return known }
        let code = try read { () throws(ChainReadError) in try chain.code(hash) }
        codes[hash] = code
        return code
    }

    /// Words that were supposed to be zero do not take the chain's other ones away: then the answer is yes.
    func hasStorage(_ address: Address) throws(Failure) -> Bool {
        if supposedWords[address]?.contains(where: { !$0.value.isZero }) == true { return true }
        if cleared.contains(address) { return false }
        return try read { () throws(ChainReadError) in try chain.hasStorage(address, at: height) }
    }

    /// Zero for a block that comes after the one whose state this is, unless it was supposed too.
    func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        if let supposed = supposedHashes[number] { return supposed }
        guard number <= height else { return .zero }
        return try read { () throws(ChainReadError) in
            guard let hash = try chain.hash(ofBlockAt: number) else {
                throw ChainReadError.unreadable("block \(number) has no hash")
            }
            return hash
        }
    }

    // MARK: Suppositions

    func suppose(_ account: Account?, at address: Address) {
        supposedAccounts[address] = .some(account)
    }

    func suppose(_ word: UInt256, in slot: UInt256, of address: Address) {
        supposedWords[address, default: [:]][slot] = word
    }

    func suppose(_ code: Bytes, hash: Hash32) {
        codes[hash] = code
    }

    func suppose(_ hash: Hash32, ofBlockAt number: Height) {
        supposedHashes[number] = hash
    }

    /// Supposes that no slot of the account holds anything.
    func clearStorage(of address: Address) {
        cleared.insert(address)
        supposedWords[address] = [:]
    }

    /// Supposes that a block with these changes came after all that was supposed before.
    func suppose(_ changes: StateChanges) {
        for change in changes.accounts { suppose(change.after, at: change.address) }
        for change in changes.storage { suppose(change.after, in: change.slot, of: change.address) }
        for new in changes.code { suppose(new.code, hash: new.hash) }
    }

    /// The root of the state with all that is supposed.
    func stateRoot() throws(Failure) -> Hash32 {
        let changes = try supposedChanges()
        return try read { () throws(ChainReadError) in
            try chain.stateRoot(at: height, after: changes, clearing: cleared)
        }
    }

    /// All suppositions at once, against the state of the chain.
    private func supposedChanges() throws(Failure) -> StateChanges {
        var accountChanges: [StateChanges.AccountChange] = []
        for (address, after) in supposedAccounts.sorted(by: { $0.key < $1.key }) {
            let before = try baseAccount(address)
            guard before != after else { continue }
            accountChanges.append(StateChanges.AccountChange(address: address, before: before, after: after))
        }
        var storageChanges: [StateChanges.StorageChange] = []
        for (address, words) in supposedWords.sorted(by: { $0.key < $1.key }) {
            for (slot, after) in words.sorted(by: { $0.key < $1.key }) {
                let before = try baseWord(address, slot)
                guard before != after else { continue }
                storageChanges.append(
                    StateChanges.StorageChange(address: address, slot: slot, before: before, after: after))
            }
        }
        return StateChanges(accounts: accountChanges, storage: storageChanges)
    }
}

extension CallState.Failure {
    func inRPCTerms(_ limits: RPCLimits) -> RPCError {
        switch self {
        case .chain(.unreadable(let reason)): .internalError(reason)
        case .chain(.notRetained(let reason)): .server(reason)
        case .outOfTime: .server("execution aborted (timeout = \(limits.callTimeout.goText))")
        }
    }
}

/// Runs `body` and words its failure for a caller.
func reading<Answer>(
    _ limits: RPCLimits, _ body: () throws(CallState.Failure) -> Answer
) throws(RPCError) -> Answer {
    do {
        return try body()
    } catch {
        throw error.inRPCTerms(limits)
    }
}
