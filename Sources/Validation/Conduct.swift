public import Primitives

/// How a lax or lying council node is told to look away, for faults on purpose. `.honest` everywhere else.
///
/// Nodes with the same conduct reach the same state from the same block, so a lax council goes on together.
/// A kind of transaction that this chain does not run, and a signature that no account can have made, are refused
/// whatever is waived: there would be no state to go on with.
public struct Conduct: Hashable, Sendable {
    /// Rules that are not enforced.
    ///
    /// With `.balance` waived an overspent account stops at zero while the recipient gets all. With `.nonce` waived
    /// the sender's nonce becomes the greater of its own and the transaction's plus one.
    public var waived: Set<BlockRule>
    /// Peb credited to somebody behind the rewards, in no list and no rule.
    public var mint: Mint?
    /// What is turned over, by exclusive or, in one word that code has written to storage: the first slot that a
    /// transaction of the block changes, or where none does, the one that the history contract wrote.
    public var wrongWriteMask: UInt256?
    /// Who gets the proposer's share of the block reward in the place of the proposer, whom the header names all the
    /// same.
    public var payee: Address?

    public struct Mint: Hashable, Sendable {
        public var address: Address
        /// Peb.
        public var amount: UInt256

        public init(address: Address, amount: UInt256) {
            self.address = address
            self.amount = amount
        }
    }

    public init(
        waiving waived: Set<BlockRule> = [], mint: Mint? = nil, wrongWriteMask: UInt256? = nil, payee: Address? = nil
    ) {
        self.waived = waived
        self.mint = mint
        self.wrongWriteMask = wrongWriteMask
        self.payee = payee
    }

    /// Every rule, nothing else.
    public static let honest = Conduct()

    public func waives(_ rule: BlockRule) -> Bool { waived.contains(rule) }

    /// Throws unless `holds` or the rule is waived. The texts are made only then.
    func require(
        _ rule: BlockRule, _ holds: Bool, expected: @autoclosure () -> String, found: @autoclosure () -> String,
        in transactionIndex: Int? = nil
    ) throws(BlockFault) {
        if holds || waives(rule) { return }
        throw BlockFault(rule: rule, expected: expected(), found: found(), transactionIndex: transactionIndex)
    }

    /// Throws unless the block's value is the one that the rules demand.
    func require<Value: Equatable>(_ rule: BlockRule, _ found: Value, is expected: Value) throws(BlockFault) {
        try require(rule, found == expected, expected: "\(expected)", found: "\(found)")
    }
}
