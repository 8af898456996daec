public import EthereumChain
public import Primitives

/// A block that this node found against the rules.
public struct BadBlockReport: Sendable {
    /// As Ethereum has it.
    public let block: EthereumBlock
    /// What is wrong with it, in words.
    public let reason: String
    /// Who proposed it; nil where it came sealed.
    public let proposer: Address?
    public let round: UInt64?

    public init(block: EthereumBlock, reason: String, proposer: Address?, round: UInt64?) {
        (self.block, self.reason, self.proposer, self.round) = (block, reason, proposer, round)
    }
}
