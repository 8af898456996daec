/// The rules that a block of an Ethereum chain can break, one name each.
public enum EthereumRule: String, CaseIterable, Hashable, Sendable {
    // The header, by itself and against its parent.
    case parentHash, number, timestamp, gasLimit, gasUsed, baseFee, extraData
    /// Fields that the merge left without a use (EIP-3675).
    case difficulty, nonce, ommersHash
    /// The header has a field that its fork does not know, or lacks one.
    case forkFields
    case excessBlobGas, blobGasUsed
    // The body, without any state.
    case blockSize, transactionsRoot, withdrawalsRoot
    /// A transaction that cannot run where it stands.
    case transaction
    /// A call that the block itself makes failed, or there is no contract to call (EIP-7002, EIP-7251).
    case systemCall
    /// The deposit contract left a log that is no deposit (EIP-6110).
    case depositLog
    // What the header says came of it.
    case stateRoot, receiptsRoot, logsBloom, requestsHash
}

/// The rule that a block breaks, with both values.
public struct EthereumFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let rule: EthereumRule
    public let expected: String
    public let found: String
    /// The position of the transaction at fault, or nil where it is the block as a whole.
    public let transactionIndex: Int?

    public init(_ rule: EthereumRule, expected: String, found: String, transactionIndex: Int? = nil) {
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

/// Why a block was not accepted.
public enum EthereumFailure<Unreadable: Error>: Error {
    /// The block breaks a rule.
    case invalid(EthereumFault)
    /// We could not read the state. It says nothing about the block.
    case unreadable(Unreadable)
}

extension EthereumFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let fault): "invalid block: \(fault)"
        case .unreadable(let failure): "the state could not be read: \(failure)"
        }
    }
}

func require<Value: Equatable & CustomStringConvertible>(
    _ rule: EthereumRule, _ found: Value, is expected: Value
) throws(EthereumFault) {
    guard found == expected else { throw EthereumFault(rule, expected: "\(expected)", found: "\(found)") }
}

func require(
    _ rule: EthereumRule, _ holds: Bool, expected: @autoclosure () -> String, found: @autoclosure () -> String
) throws(EthereumFault) {
    guard holds else { throw EthereumFault(rule, expected: expected(), found: found()) }
}
