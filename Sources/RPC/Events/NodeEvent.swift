public import Primitives

/// Something that happened in the running node and that clients may wait for.
///
/// Whoever hears of an event can ask for what it names: a head is told once its block can be read.
public enum NodeEvent: Sendable {
    /// The block at that height is the newest that can be read. While a node catches up, heights may be left out.
    case head(Height)
    /// Transactions that the pool has just taken in, in the order in which it took them.
    case pending([SentTransaction])
    /// A fault was proven here, or a proof of another node was accepted.
    case fault(FaultRecord)
    /// This node has judged a sealed block.
    case verdict(VerdictReport)
    /// A round of the council is over, with what this node saw of it; `isSealed` tells whether it made a block.
    case round(height: Height, isSealed: Bool, RoundReport)
    /// The node fell behind, or (nil) caught up.
    case syncing(SyncReport?)

    /// How much of a reader's room the event takes: it counts transactions, since those can be many.
    var weight: Int {
        if case .pending(let transactions) = self { transactions.count } else { 1 }
    }
}
