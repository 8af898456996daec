/// The rules that a block can break, one name each. The raw value is what faults, proofs and reports call it.
public enum BlockRule: String, CaseIterable, Hashable, Sendable {
    // The header, by itself and against its parent.
    case parentHash, number, timestamp, gasLimit, gasUsed, baseFee
    /// The header's extra data is not the hash of the extension.
    case extraData
    /// Fields that Ethereum kept and this chain does not use, the extension's version, and `prevRandao`.
    case fixedFields
    case proposer, nextCouncil
    // The body, without any state.
    case blockSize, transactionsRoot
    case transactionSignature, chainID, transactionKind, transactionGasLimit, intrinsicGas, feeCap
    /// Initcode longer than EIP-3860 allows; blobs that EIP-4844 does not; no authorization where EIP-7702 wants one.
    case initCode, blobs, authorizations
    // The body, against the state.
    case nonce, balance, blockGas, senderNotEOA
    // What the header says came of it.
    case stateRoot, receiptsRoot, logsBloom, accessListRoot
}

/// The rule that a block breaks, with both values: what the rules demand and what the block has.
public struct BlockFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let rule: BlockRule
    public let expected: String
    public let found: String
    /// The position of the transaction at fault, or nil where it is the block as a whole.
    public let transactionIndex: Int?

    public init(rule: BlockRule, expected: String, found: String, transactionIndex: Int? = nil) {
        self.rule = rule
        self.expected = expected
        self.found = found
        self.transactionIndex = transactionIndex
    }

    public var description: String {
        let place = transactionIndex.map { " in transaction \($0)" } ?? ""
        return "\(rule.rawValue)\(place): expected \(expected), found \(found)"
    }
}

/// Why a block was not accepted. The two cases must never be mixed up: the first accuses, the second is our own lack.
public enum ValidationFailure<Unreadable: Error>: Error {
    /// The block breaks a rule, and anybody with the same state finds the same.
    case invalid(BlockFault)
    /// We could not read the state. It says nothing about the block.
    case unreadable(Unreadable)
}

extension ValidationFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let fault): "invalid block: \(fault)"
        case .unreadable(let failure): "the state could not be read: \(failure)"
        }
    }
}

extension ValidationFailure: Equatable where Unreadable: Equatable {}
