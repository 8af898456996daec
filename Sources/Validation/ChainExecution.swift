import Chain
public import EVM
public import Primitives
import SystemContracts

/// The state that a block starts from: that after its parent, where the parent's hash is known too.
///
/// The history contract learns that hash in the block itself only, so BLOCKHASH of the parent cannot come from there.
public struct BlockState<Base: LedgerReader>: StateReader {
    public typealias Failure = Base.Failure

    private let base: Base
    private let parentNumber: Height
    private let parentHash: Hash32

    /// - Parameter number: The block that starts from this state.
    public init(before number: Height, parentHash: Hash32, on base: Base) {
        self.base = base
        parentNumber = number &- 1
        self.parentHash = parentHash
    }

    public func account(_ address: Address) throws(Failure) -> Account? { try base.account(address) }

    public func storage(_ address: Address, _ slot: UInt256) throws(Failure) -> UInt256 {
        try base.storage(address, slot)
    }

    public func code(_ hash: Hash32) throws(Failure) -> Bytes { try base.code(hash) }

    public func hasStorage(_ address: Address) throws(Failure) -> Bool { try base.hasStorage(address) }

    public func blockHash(_ number: Height) throws(Failure) -> Hash32 {
        number == parentNumber ? parentHash : try base.blockHash(number)
    }
}

/// The steps of a block of this chain. Ethereum's, which other people's tests want, are others.
extension BlockExecution {
    /// Starts the block that `header` begins, and makes the chain's own calls.
    init<Ledger: LedgerReader>(
        _ header: Header, under rules: ChainRules, on ledger: Ledger
    ) throws(Ledger.Failure) where State == BlockState<Ledger> {
        self.init(
            in: BlockEnvironment(header, under: rules), policy: TransactionPolicy(rules),
            natives: SystemContracts.contracts(under: rules),
            on: BlockState(before: header.number, parentHash: header.parentHash, on: ledger))
        try open(parentHash: header.parentHash, beaconRoot: header.parentBeaconBlockRoot)
    }

    /// Lets the Rewards contract divide the block reward.
    ///
    /// - Parameter conduct: May name somebody else than the proposer to pay, for faults on purpose.
    mutating func payRewards(as conduct: Conduct) throws(State.Failure) {
        try call(Rewards.distribution(to: conduct.payee ?? block.beneficiary))
    }
}
