import Chain
import Crypto
import Primitives

/// The rules of a transaction that need no state: what any holder of the block can check.
///
/// The signature comes last, because it costs a hundred times as much as all before it.
struct TransactionRules {
    let rules: ChainRules
    let header: Header
    let conduct: Conduct

    /// The sender of each transaction, all of which keep the rules.
    ///
    /// - Parameter known: Senders recovered before, by transaction hash. They are believed.
    func checkAll(_ transactions: [Transaction], known: [Hash32: Address]) throws(BlockFault) -> [Address] {
        var senders: [Address] = []
        senders.reserveCapacity(transactions.count)
        for (index, transaction) in transactions.enumerated() {
            try checkFields(of: transaction, at: index)
            senders.append(try sender(of: transaction, at: index, known: known[transaction.hash]))
        }
        return senders
    }

    func checkFields(of transaction: Transaction, at index: Int) throws(BlockFault) {
        try checkKind(of: transaction, at: index)
        if let chainID = transaction.chainID {
            try conduct.require(
                .chainID, chainID == rules.chainID, expected: "\(rules.chainID)", found: "\(chainID)", in: index)
        }
        // EIP-7825
        try conduct.require(
            .transactionGasLimit, transaction.gasLimit <= rules.transactionGasMax,
            expected: "at most \(rules.transactionGasMax)", found: "\(transaction.gasLimit)", in: index)
        let gas = transaction.leastGas
        try conduct.require(
            .intrinsicGas, transaction.gasLimit >= gas, expected: "a gas limit of at least \(gas)",
            found: "\(transaction.gasLimit)", in: index)
        try checkFees(of: transaction, at: index)
        // EIP-2681
        try conduct.require(
            .nonce, transaction.nonce <= Transaction.nonceMax, expected: "at most \(Transaction.nonceMax)",
            found: "\(transaction.nonce)", in: index)
        try conduct.require(
            .blockGas, transaction.gasLimit <= header.gasLimit, expected: "at most the block's \(header.gasLimit)",
            found: "\(transaction.gasLimit)", in: index)
    }

    /// Transfers only, until the EVM is there. A precompiled contract is code too.
    private func checkKind(of transaction: Transaction, at index: Int) throws(BlockFault) {
        func refuse(_ found: String) -> BlockFault {
            BlockFault(
                rule: .transactionKind, expected: "a transfer of kind 0, 1 or 2", found: found, transactionIndex: index)
        }
        switch transaction.kind {
        case .legacy, .accessList, .dynamicFee: break
        case .blob, .setCode: throw refuse("kind \(transaction.kind.rawValue)")
        }
        guard let recipient = transaction.to else { throw refuse("a creation") }
        guard !isPrecompiled(recipient) else { throw refuse("a call of the precompiled contract \(recipient)") }
    }

    /// EIP-1559
    private func checkFees(of transaction: Transaction, at index: Int) throws(BlockFault) {
        let feeCap = transaction.maxFeePerGas
        try conduct.require(
            .feeCap, transaction.maxPriorityFeePerGas <= feeCap, expected: "a tip of at most the fee cap \(feeCap)",
            found: "\(transaction.maxPriorityFeePerGas)", in: index)
        try conduct.require(
            .feeCap, feeCap >= header.baseFeePerGas,
            expected: "a fee cap of at least the base fee \(header.baseFeePerGas)", found: "\(feeCap)", in: index)
    }

    /// EIP-2: s in the lower half, so that nobody but the sender can give the transaction another hash.
    func sender(
        of transaction: Transaction, at index: Int, known: Address?
    ) throws(BlockFault) -> Address {
        try conduct.require(
            .transactionSignature, transaction.signature.isLowS, expected: "s in the lower half",
            found: "s \(transaction.signature.s)", in: index)
        if let known { return known }
        guard let sender = recoverAddress(transaction.signature, digest: transaction.signingHash) else {
            throw BlockFault(
                rule: .transactionSignature, expected: "a signature by an account",
                found: "r \(transaction.signature.r), s \(transaction.signature.s)", transactionIndex: index)
        }
        return sender
    }
}

extension Transaction {
    /// What a transfer is charged, and its gas limit must cover: the intrinsic gas, or the floor of EIP-7623.
    var leastGas: Gas { max(intrinsicGas, floorGas) }
}

/// The precompiled contracts of the Osaka fork: 0x01 to 0x11, and P256VERIFY at 0x0100 (EIP-7951).
func isPrecompiled(_ address: Address) -> Bool {
    guard let number = UInt256(address).asUInt64 else { return false }
    return (0x01...0x11).contains(number) || number == 0x100
}
