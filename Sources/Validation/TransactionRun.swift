public import Chain
public import EVM
public import Primitives

/// Where a transaction runs: its block, and what the transactions before it have left of that.
public struct TransactionContext: Sendable {
    public var block: BlockEnvironment
    public var policy: TransactionPolicy
    public var natives: NativeContracts
    /// Gas that the transactions before have not used.
    public var gasLeft: Gas
    /// Blob gas that they have not used (EIP-4844).
    public var blobGasLeft: Gas
    /// The transaction's position in the block, which a fault names.
    public var index: Int
    /// Precompiled contracts that stand elsewhere than the fork says; none in any block.
    public var precompileMoves: PrecompileMoves
    /// Whether transfers of value are in the effects' logs too; they are not in any block.
    public var logsTransfers: Bool

    public init(
        in block: BlockEnvironment, policy: TransactionPolicy, natives: NativeContracts = .none, gasLeft: Gas,
        blobGasLeft: Gas = 0, index: Int = 0, precompileMoves: PrecompileMoves = .none, logsTransfers: Bool = false
    ) {
        self.block = block
        self.policy = policy
        self.natives = natives
        self.gasLeft = gasLeft
        self.blobGasLeft = blobGasLeft
        self.index = index
        self.precompileMoves = precompileMoves
        self.logsTransfers = logsTransfers
    }
}

/// What came of a transaction. What it returned is in the machine's output.
public struct TransactionOutcome: Sendable {
    public let status: Outcome.Status
    /// What the sender paid for: execution less refunds, or the floor.
    public let gasUsed: Gas
    /// The same before anything was given back: a lower limit than this cannot do.
    public let peakGasUsed: Gas
    public let blobGasUsed: Gas
    /// The contract that a successful creation made.
    public let created: Address?
    /// What it read and wrote, and the logs it left.
    public let effects: TransactionEffects

    public var succeeded: Bool { status == .success }
}

/// Runs a transaction that keeps the `TransactionRules`: checks it against the state, takes the gas, carries out
/// EIP-7702's authorizations, runs the message, returns what gas is left, and pays the tip. The base fee is burned.
///
/// The journal's transaction is closed at the end, so the next one may follow.
///
/// - Throws: `.invalid` where the transaction cannot run, with the journal as it was before; so a proposer can leave
///   it out. After `.unreadable` the journal must not be used further.
public func runTransaction<State: StateReader>(
    _ transaction: Transaction, from sender: Address, in context: TransactionContext,
    journal: inout Journal<State>, machine: Machine, conduct: Conduct = .honest
) throws(ValidationFailure<State.Failure>) -> TransactionOutcome {
    let run = TransactionRun(transaction, from: sender, in: context, conduct: conduct)
    return try run.apply(to: &journal) {
        (journal: inout Journal<State>, message, environment) throws(State.Failure) -> Outcome in
        try journal.run(message, in: environment, on: machine)
    }
}

/// The same under the eyes of `tracer`.
public func runTransaction<State: StateReader>(
    _ transaction: Transaction, from sender: Address, in context: TransactionContext,
    journal: inout Journal<State>, machine: Machine, tracer: inout some Tracer, conduct: Conduct = .honest
) throws(ValidationFailure<State.Failure>) -> TransactionOutcome {
    let run = TransactionRun(transaction, from: sender, in: context, conduct: conduct)
    return try run.apply(to: &journal) {
        (journal: inout Journal<State>, message, environment) throws(State.Failure) -> Outcome in
        try journal.run(message, in: environment, on: machine, tracer: &tracer)
    }
}

/// One transaction on its way through the steps of execution-specs' `process_transaction`.
private struct TransactionRun {
    /// Runs the message; with or without a tracer.
    typealias Execution<State: StateReader> = (
        inout Journal<State>, Message, Environment
    ) throws(State.Failure) -> Outcome

    let transaction: Transaction
    let sender: Address
    let context: TransactionContext
    let conduct: Conduct
    /// Peb per gas that the sender pays. Below the base fee only where `.feeCap` is waived; then all of it is burned.
    let price: UInt256

    init(_ transaction: Transaction, from sender: Address, in context: TransactionContext, conduct: Conduct) {
        self.transaction = transaction
        self.sender = sender
        self.context = context
        self.conduct = conduct
        price = transaction.effectiveGasPrice(baseFee: context.block.baseFeePerGas) ?? transaction.maxFeePerGas
    }

    func apply<State: StateReader>(
        to journal: inout Journal<State>, executing execute: Execution<State>
    ) throws(ValidationFailure<State.Failure>) -> TransactionOutcome {
        let payer: Account
        let payerCode: Bytes
        do throws(State.Failure) {
            payer = try journal.peek(sender) ?? Account()
            payerCode = try journal.code(of: payer)
        } catch {
            throw .unreadable(error)
        }
        do throws(BlockFault) {
            try check(payer, code: payerCode)
        } catch {
            throw .invalid(error)
        }
        do throws(State.Failure) {
            return try run(payer, on: &journal, executing: execute)
        } catch {
            throw .unreadable(error)
        }
    }

    // MARK: Before

    /// The rules of a transaction that depend on the state before it.
    private func check(_ payer: Account, code: Bytes) throws(BlockFault) {
        let index = context.index
        try conduct.require(
            .blockGas, transaction.gasLimit <= context.gasLeft,
            expected: "at most the \(context.gasLeft) gas that the block has left",
            found: "\(transaction.gasLimit)", in: index)
        try conduct.require(
            .blobs, transaction.blobGas <= context.blobGasLeft,
            expected: "at most the \(context.blobGasLeft) blob gas that the block has left",
            found: "\(transaction.blobGas)", in: index)
        try conduct.require(
            .nonce, transaction.nonce == payer.nonce, expected: "\(payer.nonce)", found: "\(transaction.nonce)",
            in: index)
        let cost = transaction.costMax
        try conduct.require(
            .balance, cost.map { $0 <= payer.balance } ?? false,
            expected: "a balance of at least \(cost?.description ?? "2^256") peb", found: "\(payer.balance) peb",
            in: index)
        // EIP-3607, and EIP-7702's exception for an account that has lent its name to code.
        try conduct.require(
            .senderNotEOA, code.isEmpty || isDelegation(code), expected: "a sender without code",
            found: "\(code.count) bytes of code", in: index)
    }

    /// Raises the nonce, and takes the gas of the whole limit and the blobs.
    private func charge<State: StateReader>(
        _ payer: Account, on journal: inout Journal<State>
    ) throws(State.Failure) -> Payment {
        var after = payer
        // Equal to the account's nonce plus one, but where `.nonce` is waived. Only where that is so can it wrap:
        // no nonce in a block is above 2^64 - 2 (EIP-2681).
        after.nonce = payer.nonce == .max ? 0 : max(payer.nonce, transaction.nonce &+ 1)
        let cost = price.timesSaturating(transaction.gasLimit).plusSaturating(blobFee)
        // Each is less than what it stands beside only where `.balance` is waived.
        let paid = min(cost, payer.balance)
        after.balance = payer.balance - paid
        let lent = transaction.value.lessened(by: after.balance)
        after.balance = after.balance + lent
        try journal.setAccount(sender, to: after)
        return Payment(paid: paid, lent: lent)
    }

    /// What the sender has given before the message runs.
    private struct Payment {
        let paid: UInt256
        /// What was added so that the value can move although the sender does not have it.
        let lent: UInt256
    }

    private var blobFee: UInt256 {
        context.block.blobBaseFee.timesSaturating(transaction.blobGas)
    }

    /// What counts as accessed before the first opcode (EIP-2929, EIP-2930, EIP-3651).
    private func warm<State: StateReader>(_ journal: inout Journal<State>) {
        journal.warm(sender)
        if context.block.fork >= .shanghai { journal.warm(context.block.beneficiary) }
        if let recipient = transaction.to { journal.warm(recipient) }
        for entry in transaction.accessList {
            journal.warm(entry.address)
            for key in entry.storageKeys { journal.warm(entry.address, slot: UInt256(key)) }
        }
    }

    /// Makes the accounts that wish so run other code (EIP-7702). Wishes that do not hold are passed over.
    private func delegate<State: StateReader>(on journal: inout Journal<State>) throws(State.Failure) {
        for authorization in transaction.authorizations {
            guard authorization.chainID.isZero || authorization.chainID == UInt256(context.block.chainID),
                authorization.nonce < .max, let authority = authorization.recoverAuthority()
            else { continue }
            journal.warm(authority)
            let account = try journal.account(authority)
            let code = try journal.code(of: account)
            guard code.isEmpty || isDelegation(code), (account?.nonce ?? 0) == authorization.nonce else { continue }
            // The intrinsic gas is that of a new account.
            if account != nil { journal.addRefund(Int64(GasSchedule.authorizationRefund)) }
            var after = account ?? Account()
            after.nonce += 1
            try journal.setAccount(authority, to: after)
            let designator = authorization.address == .zero ? [] : delegationMark + authorization.address.bytes
            try journal.setCode(authority, to: designator)
        }
    }

    // MARK: The message, and after

    private func run<State: StateReader>(
        _ payer: Account, on journal: inout Journal<State>, executing execute: Execution<State>
    ) throws(State.Failure) -> TransactionOutcome {
        let payment = try charge(payer, on: &journal)
        warm(&journal)
        try delegate(on: &journal)
        let environment = Environment(
            block: context.block, origin: sender, gasPrice: price, blobHashes: transaction.blobVersionedHashes,
            natives: context.natives, precompileMoves: context.precompileMoves,
            logsTransfers: context.logsTransfers)
        // The gas limit is below the intrinsic gas only where `.intrinsicGas` is waived.
        let intrinsicGas = min(transaction.intrinsicGas(at: context.block.fork), transaction.gasLimit)
        let message = Message(
            caller: sender, target: transaction.to.map { .call($0) } ?? .create(nonce: transaction.nonce),
            value: transaction.value, input: transaction.data, gas: transaction.gasLimit - intrinsicGas)
        let outcome = try execute(&journal, message, environment)
        let gasUsed = gasUsed(gasLeft: outcome.gasLeft, refund: journal.refund)
        let peakGasUsed = self.gasUsed(gasLeft: outcome.gasLeft, refund: 0)
        try settle(gasUsed, payment, succeeded: outcome.succeeded, on: &journal)
        return TransactionOutcome(
            status: outcome.status, gasUsed: gasUsed, peakGasUsed: peakGasUsed, blobGasUsed: transaction.blobGas,
            created: outcome.created, effects: journal.closeTransaction())
    }

    /// A fifth at most is given back of what was used (EIP-3529; half of it before); the floor holds after that
    /// (EIP-7623).
    private func gasUsed(gasLeft: Gas, refund: Int64) -> Gas {
        let used = transaction.gasLimit - gasLeft
        let afterRefund = used - min(used / context.block.fork.refundQuotient, Gas(max(0, refund)))
        return min(max(afterRefund, transaction.floorGas(at: context.block.fork)), transaction.gasLimit)
    }

    /// Returns what was paid for gas that is left, and pays the tip for the rest.
    private func settle<State: StateReader>(
        _ gasUsed: Gas, _ payment: Payment, succeeded: Bool, on journal: inout Journal<State>
    ) throws(State.Failure) {
        if !payment.lent.isZero, !succeeded, var account = try journal.account(sender) {
            account.balance = account.balance.lessened(by: payment.lent)
            try journal.setAccount(sender, to: account)
        }
        let owed = price.timesSaturating(gasUsed).plusSaturating(blobFee)
        try journal.credit(sender, payment.paid.lessened(by: owed))
        let tipPerGas = price.lessened(by: context.block.baseFeePerGas)
        try journal.credit(context.block.beneficiary, tipPerGas.timesSaturating(gasUsed))
    }
}

/// What stands before the address in the code of an account that runs other code (EIP-7702).
private let delegationMark: Bytes = [0xef, 0x01, 0x00]

/// Whether `code` only names the code to run in its place (EIP-7702).
private func isDelegation(_ code: Bytes) -> Bool {
    code.count == delegationMark.count + 20 && code.starts(with: delegationMark)
}

extension UInt256 {
    /// This minus `other`, and zero where that is more.
    func lessened(by other: UInt256) -> UInt256 {
        self > other ? self - other : 0
    }

    func timesSaturating(_ gas: Gas) -> UInt256 {
        let (product, overflow) = multipliedReportingOverflow(by: UInt256(gas))
        return overflow ? .max : product
    }

    func plusSaturating(_ other: UInt256) -> UInt256 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
