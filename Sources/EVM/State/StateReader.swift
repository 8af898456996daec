public import Primitives

/// Reads the state at one point of the chain. Where it comes from (disk, witness, memory) is not the EVM's affair.
///
/// A reader answers or throws: nil and zero mean *known to be absent*, a thrown failure means *not known*.
public protocol StateReader<Failure> {
    associatedtype Failure: Error & Sendable

    /// The account at `address`, or nil if there is none.
    func account(_ address: Address) throws(Failure) -> Account?

    /// The word in `slot` of the account at `address`; zero if never written.
    func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256

    /// The code whose keccak is `hash`; asked only for hashes that an account names.
    func code(_ hash: Hash32) throws(Failure) -> Bytes

    /// Whether any slot of the account at `address` is not zero. Asked only before a contract is created there
    /// (EIP-7610).
    func hasStorage(_ address: Address) throws(Failure) -> Bool

    /// The hash of block `number`; asked only for one of the 256 blocks before the one that is executed (BLOCKHASH).
    func blockHash(_ number: Height) throws(Failure) -> Hash32
}
