import Chain
import EVM
import Primitives

/// What a block's transactions run in.
struct BlockContext {
    let rules: ChainRules
    let beneficiary: Address
    let gasLimit: Gas
    let baseFeePerGas: UInt256

    init(_ header: Header, under rules: ChainRules) {
        self.rules = rules
        beneficiary = header.beneficiary
        gasLimit = header.gasLimit
        baseFeePerGas = header.baseFeePerGas
    }
}

/// Runs the transactions of one block in order, then the rewards. Proposer and validator run this same code.
struct BlockExecution<Ledger: LedgerReader>: ~Copyable {
    private let context: BlockContext
    private var journal: Journal<Ledger>
    private(set) var gasUsed: Gas = 0
    private var receipts: [Receipt] = []
    private var senders: [Address] = []
    private var accesses: [BlockAccess] = []

    init(_ context: BlockContext, on ledger: Ledger) {
        self.context = context
        journal = Journal(ledger)
    }

    var gasLeft: Gas { context.gasLimit > gasUsed ? context.gasLimit - gasUsed : 0 }

    mutating func nonce(of sender: Address) throws(Ledger.Failure) -> UInt64 {
        try journal.peek(sender)?.nonce ?? 0
    }

    /// Runs one transaction that has passed `TransactionRules`.
    ///
    /// - Throws: `.invalid` before anything has changed, so that a proposer can leave the transaction out.
    mutating func apply(
        _ transaction: Transaction, from sender: Address, conduct: Conduct
    ) throws(ValidationFailure<Ledger.Failure>) {
        guard let recipient = transaction.to, transaction.kind != .setCode, !isPrecompiled(recipient) else {
            throw .invalid(
                BlockFault(
                    rule: .transactionKind, expected: "a transfer of kind 0, 1 or 2", found: "something else",
                    transactionIndex: receipts.count))
        }
        let payer: Account
        let payee: Account?
        let payerCode: Bytes
        do throws(Ledger.Failure) {
            payer = try journal.peek(sender) ?? Account()
            payee = try journal.peek(recipient)
            payerCode = try journal.code(of: payer)
        } catch {
            throw .unreadable(error)
        }
        do throws(BlockFault) {
            try check(transaction, payer: payer, payerCode: payerCode, payee: payee, conduct: conduct)
        } catch {
            throw .invalid(error)
        }
        do throws(Ledger.Failure) {
            try transfer(transaction, payer: payer, sender: sender, recipient: recipient)
        } catch {
            throw .unreadable(error)
        }
    }

    /// The rules of a transaction that depend on the state before it.
    private func check(
        _ transaction: Transaction, payer: Account, payerCode: Bytes, payee: Account?, conduct: Conduct
    ) throws(BlockFault) {
        let index = receipts.count
        try conduct.require(
            .blockGas, transaction.gasLimit <= gasLeft, expected: "at most the \(gasLeft) gas that the block has left",
            found: "\(transaction.gasLimit)", in: index)
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
            .senderNotEOA, payerCode.isEmpty || isDelegation(payerCode), expected: "a sender without code",
            found: "\(payerCode.count) bytes of code", in: index)
        if let payee, payee.hasCode {
            throw BlockFault(
                rule: .transactionKind, expected: "a transfer to an account without code",
                found: "a call of code \(payee.codeHash)", transactionIndex: index)
        }
    }

    /// Moves the value, burns the base fee, pays the tip.
    private mutating func transfer(
        _ transaction: Transaction, payer: Account, sender: Address, recipient: Address
    ) throws(Ledger.Failure) {
        // The gas limit is below only where `.intrinsicGas` is waived.
        let gas = min(transaction.leastGas(at: .osaka), transaction.gasLimit)
        // The fee cap is below the base fee only where `.feeCap` is waived; then all of it is burned.
        let price = transaction.effectiveGasPrice(baseFee: context.baseFeePerGas) ?? transaction.maxFeePerGas
        let tipPerGas = price > context.baseFeePerGas ? price - context.baseFeePerGas : 0
        var after = payer
        // Equal to the account's nonce plus one, but where `.nonce` is waived.
        after.nonce = max(payer.nonce, transaction.nonce == .max ? .max : transaction.nonce + 1)
        // The balance stops at zero only where `.balance` is waived.
        after.balance = payer.balance.lessened(by: price.timesSaturating(gas)).lessened(by: transaction.value)
        try journal.setAccount(sender, to: after)
        try journal.credit(recipient, transaction.value)
        try journal.credit(context.beneficiary, tipPerGas.timesSaturating(gas))
        gasUsed += gas
        senders.append(sender)
        receipts.append(
            Receipt(kind: transaction.kind, succeeded: true, cumulativeGasUsed: gasUsed, logs: []))
        closeTransaction(at: BlockAccessIndex(receipts.count))
    }

    /// Pays the rewards, and ends the block.
    ///
    /// Of the block reward the funds get their hundredths rounded down, and the proposer gets what is left:
    /// its own share and the fraction of a peb that rounding leaves.
    mutating func finish(conduct: Conduct) throws(Ledger.Failure) -> BlockEffects {
        let rules = context.rules
        let poc = rules.blockReward.hundredths(rules.rewardSplit.poc)
        let kir = rules.blockReward.hundredths(rules.rewardSplit.kir)
        let proposer = rules.blockReward.lessened(by: poc).lessened(by: kir)
        let shares = [(context.beneficiary, proposer), (rules.pocFund, poc), (rules.kirFund, kir)]
        for (address, amount) in shares where !amount.isZero {
            try journal.credit(address, amount)
        }
        closeTransaction(at: BlockAccessIndex(receipts.count + 1))
        if let mint = conduct.mint {
            // What is hidden from the rules is hidden from the access list too.
            try journal.credit(mint.address, mint.amount)
            _ = journal.closeTransaction()
        }
        guard let accessList = try? BlockAccessList(accesses) else {
            preconditionFailure("a field is written at most once an index")
        }
        return BlockEffects(
            gasUsed: gasUsed, receipts: receipts, senders: senders, changes: journal.changes(),
            accessList: accessList)
    }

    /// Notes in the access list what the transaction under way did (EIP-7928), and ends it.
    private mutating func closeTransaction(at index: BlockAccessIndex) {
        let effects = journal.closeTransaction()
        for change in effects.accounts {
            let before = change.before ?? Account()
            let after = change.after ?? Account()
            if before == after { accesses.append(.touched(change.address)) }
            if before.balance != after.balance {
                accesses.append(.balance(change.address, index: index, value: after.balance))
            }
            if before.nonce != after.nonce {
                accesses.append(.nonce(change.address, index: index, value: after.nonce))
            }
            if before.codeHash != after.codeHash {
                let code = journal.addedCode(after.codeHash) ?? []
                accesses.append(.code(change.address, index: index, value: code))
            }
        }
        for change in effects.storage {
            accesses.append(
                change.before == change.after
                    ? .storageRead(change.address, slot: change.slot)
                    : .storageWrite(change.address, slot: change.slot, index: index, value: change.after))
        }
    }
}

/// What executing a block did, before the new state is summed up in a root.
struct BlockEffects {
    let gasUsed: Gas
    let receipts: [Receipt]
    let senders: [Address]
    let changes: StateChanges
    let accessList: BlockAccessList
}

/// The precompiled contracts of the Osaka fork: 0x01 to 0x11, and P256VERIFY at 0x0100 (EIP-7951).
private func isPrecompiled(_ address: Address) -> Bool {
    guard let number = UInt256(address).asUInt64 else { return false }
    return (0x01...0x11).contains(number) || number == 0x100
}

extension UInt256 {
    /// `share` hundredths of this, rounded down, for any value: 100 is divided out first.
    fileprivate func hundredths(_ share: UInt64) -> UInt256 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: 100)
        return quotient * UInt256(share) + remainder * UInt256(share) / 100
    }
}
