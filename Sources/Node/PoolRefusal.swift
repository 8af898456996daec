public import Chain
public import Primitives

/// Why the pool does not take a transaction; the texts are geth's, since libraries match on them.
public enum PoolRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case alreadyKnown
    /// It can run on no state of this chain. JSON-RPC finds that before the pool does, and words it for clients.
    case impossible(TransactionError)
    /// Signed for no chain in particular, so anybody could replay it here or elsewhere (EIP-155).
    case unprotected
    case nonceTooLow(expected: UInt64, found: UInt64)
    case insufficientFunds(balance: UInt256, need: UInt256)
    /// The balance suffices for it alone, but not for all that waits; `cost` is its own, `waiting` that of the others.
    case overdraft(balance: UInt256, waiting: UInt256, cost: UInt256)
    /// Its tip is below what this node relays.
    case tipTooLow(least: UInt256, found: UInt256)
    /// The pool is full of transactions that pay as much or more.
    case underpriced
    case replacementUnderpriced
    /// It waits for another nonce, and the pool is full of transactions that do not.
    case futureReplacesPending
    case exceedsBlockGasLimit(limit: Gas)
    case senderIsContract(Address)
    case senderFull(limit: Int)
    case tooLarge(limit: Int, found: Int)
    case tooManyAuthorizations(limit: Int, found: Int)
    /// The sender has lent its name to code (EIP-7702) or is about to, and one of its transactions waits already.
    case delegatedInFlight
    /// The same where none waits, but the nonce is not the next.
    case delegatedOutOfOrder
    /// It carries the authorization of an account with transactions of its own (EIP-7702).
    case authorityReserved(Address)
    case syncing
    /// The chain itself is at fault, so this node takes nothing in; the reason says where and why.
    case stopped(String)

    public var description: String {
        switch self {
        case .alreadyKnown: "already known"
        case .impossible(let error): "\(error)"
        case .unprotected: "only replay-protected (EIP-155) transactions allowed over RPC"
        case .nonceTooLow(let expected, let found): "nonce too low: next nonce \(expected), tx nonce \(found)"
        case .insufficientFunds(let balance, let need):
            "insufficient funds for gas * price + value: balance \(balance), tx cost \(need), "
                + "overshot \(Self.overshot(need, balance))"
        case .overdraft(let balance, let waiting, let cost):
            "insufficient funds for gas * price + value: balance \(balance), queued cost \(waiting), "
                + "tx cost \(cost), overshot \(Self.overshot(Self.sum(waiting, cost), balance))"
        case .tipTooLow(let least, let found):
            "transaction underpriced: gas tip cap \(found), minimum needed \(least)"
        case .underpriced: "transaction underpriced"
        case .replacementUnderpriced: "replacement transaction underpriced"
        case .futureReplacesPending: "future transaction tries to replace pending"
        case .exceedsBlockGasLimit(let limit): "exceeds block gas limit: at most \(limit)"
        case .senderIsContract(let sender): "sender not an eoa: address \(sender) has code"
        case .senderFull(let limit): "account limit exceeded: pooled \(limit) txs"
        case .tooLarge(let limit, let found): "oversized data: transaction size \(found), limit \(limit)"
        case .tooManyAuthorizations(let limit, let found):
            "too many authorizations: transaction has \(found), limit \(limit)"
        case .delegatedInFlight: "in-flight transaction limit reached for delegated accounts"
        case .delegatedOutOfOrder: "gapped-nonce tx from delegated accounts"
        case .authorityReserved(let authority): "authority already reserved: \(authority)"
        case .stopped(let reason): "node has stopped: \(reason)"
        case .syncing: "node is catching up with the chain; try again soon"
        }
    }

    private static func sum(_ left: UInt256, _ right: UInt256) -> UInt256 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    private static func overshot(_ need: UInt256, _ balance: UInt256) -> UInt256 {
        need > balance ? need - balance : 0
    }
}
