import Chain
import EVM
import EthereumChain
import Primitives
import SystemContracts
import Validation

/// The block that would come next if this node proposed it now: executed on the state of the head, sealed by nobody.
///
/// Its state root is that of the state it begins with: the new one takes the tries, which pending blocks leave alone.
struct PendingBlock: Sendable {
    private struct SlotKey: Hashable {
        let address: Address
        let slot: UInt256
    }

    let block: EthereumBlock
    let senders: [Address]
    let receipts: [Receipt]
    private let accounts: [Address: Account?]
    private let slots: [SlotKey: UInt256]
    private let owners: Set<Address>
    private let codes: [Hash32: Bytes]

    var height: Height { block.header.number }

    fileprivate init(_ header: EthereumHeader, _ transactions: [Transaction], _ effects: BlockEffects) {
        var header = header
        header.gasUsed = effects.gasUsed
        header.transactionsRoot = Block.transactionsRoot(of: transactions)
        header.receiptsRoot = Receipt.root(of: effects.receipts)
        header.logsBloom = Receipt.bloom(of: effects.receipts)
        block = EthereumBlock(header: header, transactions: transactions)
        (senders, receipts) = (effects.senders, effects.receipts)
        let changes = effects.changes
        accounts = Dictionary(changes.accounts.map { ($0.address, $0.after) }, uniquingKeysWith: { $1 })
        slots = Dictionary(
            changes.storage.map { (SlotKey(address: $0.address, slot: $0.slot), $0.after) }, uniquingKeysWith: { $1 })
        owners = Set(changes.storage.lazy.filter { !$0.after.isZero }.map(\.address))
        codes = Dictionary(changes.code.map { ($0.hash, $0.code) }, uniquingKeysWith: { $1 })
    }

    /// The account that the block left; nil where it left it alone, and `.some(nil)` where it removed it.
    func account(_ address: Address) -> Account?? { accounts[address] }

    func storage(_ address: Address, _ slot: UInt256) -> UInt256? { slots[SlotKey(address: address, slot: slot)] }

    /// Whether the block has written something else than zero into a slot of the account.
    func hasWritten(_ address: Address) -> Bool { owners.contains(address) }

    func code(_ hash: Hash32) -> Bytes? { codes[hash] }
}

/// Executes candidates on the state of the head, until the block is full or the time is over.
struct PendingBlockDraft: ~Copyable {
    private let context: RPCContext
    private let head: LoadedBlock
    private let next: NextBlock
    private let header: EthereumHeader
    private var execution: BlockExecution<CallState>
    private var transactions: [Transaction] = []
    /// Senders of whom one transaction was left out: what follows it would leave a gap in their nonces.
    private var stopped: Set<Address> = []

    init(_ next: NextBlock, after head: LoadedBlock, in context: RPCContext) throws(RPCError) {
        (self.context, self.head, self.next) = (context, head, next)
        let header = context.profile.pendingHeader(
            after: head, beneficiary: next.beneficiary, timestamp: next.timestamp)
        self.header = header
        let state = CallState(
            context.chain, at: head.header.number, until: .now + context.limits.pendingBlockTimeout)
        execution = BlockExecution(
            in: context.profile.environment(of: header), policy: context.profile.policy(of: header),
            natives: context.profile.natives, on: state)
    }

    consuming func run() throws(RPCError) -> PendingBlock {
        let end = ContinuousClock.now + context.limits.pendingBlockTime
        do throws(CallState.Failure) {
            try execution.open(parentHash: head.hash, beaconRoot: header.parentBeaconBlockRoot ?? .zero)
            for candidate in next.candidates {
                guard execution.gasLeft >= GasSchedule.transaction, ContinuousClock.now < end else { break }
                try appendIfPossible(candidate)
            }
            if case .own = context.profile.rules {
                try execution.call(Rewards.distribution(to: header.beneficiary))
            }
            return PendingBlock(header, transactions, try execution.finish())
        } catch {
            switch error {
            case .chain(.unreadable(let reason)): throw .internalError(reason)
            case .chain(.notRetained(let reason)): throw .server(reason)
            case .outOfTime: throw .server("pending block is not available")
            }
        }
    }

    /// Appends the candidate, or leaves it and all later ones of its sender out.
    private mutating func appendIfPossible(_ candidate: SentTransaction) throws(CallState.Failure) {
        let (transaction, sender) = (candidate.transaction, candidate.sender)
        guard !stopped.contains(sender) else { return }
        // The pool may be ahead of what is on disk, or behind it.
        guard try transaction.nonce >= execution.nonce(of: sender) else { return }
        guard transaction.maxFeePerGas >= header.baseFee else {
            stopped.insert(sender)
            return
        }
        do throws(ValidationFailure<CallState.Failure>) {
            try execution.apply(transaction, from: sender)
            transactions.append(transaction)
        } catch {
            switch error {
            case .invalid: stopped.insert(sender)
            case .unreadable(let failure): throw failure
            }
        }
    }
}

extension ChainProfile {
    /// The header of the block after `head`, as far as it is known before its transactions are.
    ///
    /// - Parameter timestamp: The time now, in seconds since 1970.
    func pendingHeader(after head: LoadedBlock, beneficiary: Address, timestamp: UInt64) -> EthereumHeader {
        var header = head.header
        header.parentHash = head.hash
        header.number += 1
        header.beneficiary = beneficiary
        header.timestamp = max(timestamp, head.header.timestamp)
        header.baseFeePerGas = baseFee(after: head.header)
        header.prevRandao = prevRandao(parentHash: head.hash, number: header.number)
        header.extraData = Bytes(repeating: 0, count: 32)
        header.gasUsed = 0
        return header
    }
}
