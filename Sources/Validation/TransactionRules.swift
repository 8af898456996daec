public import Chain
import Crypto
public import EVM
public import Primitives

/// The rules of a transaction that need no state: what any holder of the block can check.
///
/// The signature comes last, because it costs a hundred times as much as all before it.
public struct TransactionRules: Sendable {
    private let block: BlockEnvironment
    private let policy: TransactionPolicy
    private let conduct: Conduct

    /// - Parameter block: The block that the transactions are in, or may come into.
    public init(in block: BlockEnvironment, policy: TransactionPolicy, conduct: Conduct = .honest) {
        self.block = block
        self.policy = policy
        self.conduct = conduct
    }

    /// The rules for a block of this chain.
    init(_ header: Header, under rules: ChainRules, conduct: Conduct) {
        self.init(in: BlockEnvironment(header, under: rules), policy: TransactionPolicy(rules), conduct: conduct)
    }

    /// The sender of each transaction, all of which keep the rules.
    ///
    /// - Parameter known: Senders recovered before, by transaction hash. They are believed.
    public func checkAll(
        _ transactions: [Transaction], known: [Hash32: Address] = [:]
    ) throws(BlockFault) -> [Address] {
        var senders: [Address] = []
        senders.reserveCapacity(transactions.count)
        for (index, transaction) in transactions.enumerated() {
            try checkFields(of: transaction, at: index)
            senders.append(try sender(of: transaction, at: index, known: known[transaction.hash]))
        }
        return senders
    }

    /// Everything but the signature.
    ///
    /// - Parameter index: The transaction's position, which a fault names.
    public func checkFields(of transaction: Transaction, at index: Int) throws(BlockFault) {
        try checkKind(of: transaction, at: index)
        if let chainID = transaction.chainID {
            try conduct.require(
                .chainID, chainID == block.chainID, expected: "\(block.chainID)", found: "\(chainID)", in: index)
        }
        if let gasMax = policy.gasMax {
            try conduct.require(
                .transactionGasLimit, transaction.gasLimit <= gasMax, expected: "at most \(gasMax)",
                found: "\(transaction.gasLimit)", in: index)
        }
        // EIP-3860
        try conduct.require(
            .initCode,
            !transaction.isCreation || block.fork < .shanghai
                || transaction.data.count <= Transaction.initCodeBytesMax,
            expected: "at most \(Transaction.initCodeBytesMax) bytes", found: "\(transaction.data.count) bytes",
            in: index)
        let gas = transaction.leastGas(at: block.fork)
        try conduct.require(
            .intrinsicGas, transaction.gasLimit >= gas, expected: "a gas limit of at least \(gas)",
            found: "\(transaction.gasLimit)", in: index)
        try checkFees(of: transaction, at: index)
        // EIP-2681
        try conduct.require(
            .nonce, transaction.nonce <= Transaction.nonceMax, expected: "at most \(Transaction.nonceMax)",
            found: "\(transaction.nonce)", in: index)
        try conduct.require(
            .blockGas, transaction.gasLimit <= block.gasLimit, expected: "at most the block's \(block.gasLimit)",
            found: "\(transaction.gasLimit)", in: index)
        if transaction.kind == .blob { try checkBlobs(of: transaction, at: index) }
        try conduct.require(
            .authorizations, transaction.kind != .setCode || !transaction.authorizations.isEmpty,
            expected: "an authorization", found: "none", in: index)
    }

    /// What cannot be waived, because there is no way to run it.
    private func checkKind(of transaction: Transaction, at index: Int) throws(BlockFault) {
        let isKnown =
            switch transaction.kind {
            case .legacy: true
            // EIP-2930
            case .accessList: block.fork >= .berlin
            // EIP-1559
            case .dynamicFee: block.fork >= .london
            case .blob: policy.blobsMax > 0
            // EIP-7702
            case .setCode: block.fork >= .prague
            }
        guard isKnown else {
            throw BlockFault(
                rule: .transactionKind, expected: "a kind of transaction that this chain runs",
                found: "kind \(transaction.kind.rawValue)", transactionIndex: index)
        }
    }

    /// EIP-1559
    private func checkFees(of transaction: Transaction, at index: Int) throws(BlockFault) {
        let feeCap = transaction.maxFeePerGas
        try conduct.require(
            .feeCap, transaction.maxPriorityFeePerGas <= feeCap, expected: "a tip of at most the fee cap \(feeCap)",
            found: "\(transaction.maxPriorityFeePerGas)", in: index)
        try conduct.require(
            .feeCap, feeCap >= block.baseFeePerGas,
            expected: "a fee cap of at least the base fee \(block.baseFeePerGas)", found: "\(feeCap)", in: index)
    }

    /// EIP-4844
    private func checkBlobs(of transaction: Transaction, at index: Int) throws(BlockFault) {
        let hashes = transaction.blobVersionedHashes
        try conduct.require(
            .blobs, !hashes.isEmpty && hashes.count <= policy.blobsMax, expected: "1 to \(policy.blobsMax) blobs",
            found: "\(hashes.count)", in: index)
        for hash in hashes {
            try conduct.require(
                .blobs, hash[0] == 1, expected: "a blob hash of version 1", found: "\(hash)", in: index)
        }
        let feeCap = transaction.maxFeePerBlobGas
        try conduct.require(
            .blobs, feeCap >= block.blobBaseFee,
            expected: "a blob fee cap of at least \(block.blobBaseFee)", found: "\(feeCap)", in: index)
    }

    /// EIP-2: s in the lower half, so that nobody but the sender can give the transaction another hash.
    public func sender(
        of transaction: Transaction, at index: Int, known: Address? = nil
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
