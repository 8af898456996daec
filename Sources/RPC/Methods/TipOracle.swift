import Chain
import EthereumChain
import Primitives
import Synchronization

/// Suggests a tip from what the last blocks took, once for each head.
///
/// As geth does it: the three lowest tips of each of the last blocks, and of those the value at 60 %.
final class TipOracle: Sendable {
    /// Blocks that are looked at.
    static let blocks: UInt64 = 20
    /// The lowest tips that each block gives.
    static let tipsPerBlock = 3
    static let percentile = 60
    /// Suggested where no block gives an example.
    static let defaultTip: UInt256 = 1_000_000_000
    /// Tips below are no example: they are the proposer's own.
    static let ignoredBelow: UInt256 = 2

    private struct State {
        var head: Height?
        var suggestion = TipOracle.defaultTip
        /// What each block in the window gives.
        var tips: [Height: [UInt256]] = [:]
    }

    private let state = Mutex(State())

    func suggestion(_ context: RPCContext) throws(RPCError) -> UInt256 {
        let head = context.chain.headHeight
        if let known = state.withLock({ $0.head == head ? $0.suggestion : nil }) { return known }
        let oldest = head >= Self.blocks ? head - Self.blocks + 1 : 0
        var tips = state.withLock { $0.tips.filter { oldest...head ~= $0.key } }
        for height in oldest...head where tips[height] == nil {
            guard let block = try context.blocks.block(at: height) else { continue }
            tips[height] = Self.lowestTips(of: block)
        }
        let examples = tips.values.joined().sorted()
        let suggestion =
            examples.isEmpty ? Self.defaultTip : examples[(examples.count - 1) * Self.percentile / 100]
        let window = tips
        state.withLock { $0 = State(head: head, suggestion: suggestion, tips: window) }
        return suggestion
    }

    private static func lowestTips(of block: LoadedBlock) -> [UInt256] {
        var lowest: [UInt256] = []
        for transaction in block.block.transactions {
            let tip = transaction.tip(baseFee: block.header.baseFee)
            guard tip >= ignoredBelow else { continue }
            guard lowest.count == tipsPerBlock, let highest = lowest.last else {
                lowest.append(tip)
                lowest.sort()
                continue
            }
            if tip < highest {
                lowest[tipsPerBlock - 1] = tip
                lowest.sort()
            }
        }
        return lowest
    }
}

extension Transaction {
    /// What the proposer gets for a unit of gas.
    func tip(baseFee: UInt256) -> UInt256 {
        effectiveGasPrice(baseFee: baseFee).map { $0 - baseFee } ?? .zero
    }
}
