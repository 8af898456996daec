import Chain
import EVM
import Primitives

/// The state after one block, as a call that a client asks for reads it. Each thing is read once, however often
/// the call is run.
///
/// Blocks are final, so reads at different moments agree.
final class CallState: StateReader {
    enum Failure: Error, Equatable {
        case chain(ChainReadError)
        /// The time for the call is over.
        case outOfTime
    }

    private let chain: any ChainReader
    private let height: Height
    private let deadline: ContinuousClock.Instant
    private var accounts: [Address: Account?] = [:]
    private var words: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash32: Bytes] = [:]

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

    func account(_ address: Address) throws(Failure) -> Account? {
        if let known = accounts[address] { return known }
        let account = try read { () throws(ChainReadError) in try chain.account(address, at: height) }
        accounts[address] = .some(account)
        return account
    }

    func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
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

    func hasStorage(_ address: Address) throws(Failure) -> Bool {
        try read { () throws(ChainReadError) in try chain.hasStorage(address, at: height) }
    }

    func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        try read { () throws(ChainReadError) in
            guard let hash = try chain.hash(ofBlockAt: number) else {
                throw ChainReadError.unreadable("block \(number) has no hash")
            }
            return hash
        }
    }
}
