public import Chain
import Crypto
public import EVM
public import Primitives

/// The state before one transaction of a block (DESIGN D3): the parent's, and over it what the block's access list
/// says was written before.
///
/// A class because it keeps the code that the list names; used by one run at a time.
public final class MidBlockState<Base: LedgerReader, List: AccessListReader>: StateReader {
    public typealias Failure = MidBlockFailure<Base.Failure>

    private let base: BlockState<Base>
    private let list: List
    private let index: BlockAccessIndex
    private var listedCode: [Hash32: Bytes] = [:]

    /// - Parameters:
    ///   - index: The transaction's own in the list; what is below it has happened.
    ///   - header: The block's.
    public init(at index: BlockAccessIndex, in header: Header, after base: Base, _ list: List) {
        self.base = BlockState(before: header.number, parentHash: header.parentHash, on: base)
        self.list = list
        self.index = index
    }

    public func account(_ address: Address) throws(Failure) -> Account? {
        var account = try read { () throws(Base.Failure) in try base.account(address) } ?? Account()
        try ask { () throws(AccessListGap) in
            if let balance = try list.balance(of: address, before: index) { account.balance = balance }
            if let nonce = try list.nonce(of: address, before: index) { account.nonce = nonce }
            guard let code = try list.code(of: address, before: index) else { return }
            account.codeHash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
            listedCode[account.codeHash] = code
        }
        // EIP-161: between two transactions there are no empty accounts.
        return account.isEmpty ? nil : account
    }

    public func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        let listed = try ask { () throws(AccessListGap) in
            try list.storage(of: address, slot: slot, before: index)
        }
        if let listed { return listed }
        return try read { () throws(Base.Failure) in try base.storage(address, slot) }
    }

    public func code(_ hash: Hash32) throws(Failure) -> Bytes {
        if let code = listedCode[hash] { return code }
        return try read { () throws(Base.Failure) in try base.code(hash) }
    }

    /// What the parent's state says: nobody owns storage without a nonce or code (`GenesisError.ownerlessStorage`),
    /// and who has either is refused before this is asked.
    public func hasStorage(_ address: Address) throws(Failure) -> Bool {
        try read { () throws(Base.Failure) in try base.hasStorage(address) }
    }

    public func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        try read { () throws(Base.Failure) in try base.blockHash(number) }
    }

    private func read<Answer>(_ question: () throws(Base.Failure) -> Answer) throws(Failure) -> Answer {
        do throws(Base.Failure) {
            return try question()
        } catch {
            throw .state(error)
        }
    }

    private func ask<Answer>(_ question: () throws(AccessListGap) -> Answer) throws(Failure) -> Answer {
        do throws(AccessListGap) {
            return try question()
        } catch {
            throw .list(error)
        }
    }
}

/// Why the state within a block could not answer.
public enum MidBlockFailure<Unreadable: Error & Sendable>: Error, Sendable {
    /// The parent's state could not be read.
    case state(Unreadable)
    /// The access list at hand does not say.
    case list(AccessListGap)
}

extension MidBlockFailure: Equatable where Unreadable: Equatable {}
