import NIOCore

/// Two connections between the same two keys: which one stays.
///
/// The listening side decides and tells its verdict; the connecting side follows it, unless the verdict shows that two
/// processes hold the peer's key. Nodes that connect to each other at the same moment keep the connection that the
/// smaller key began; apart from that, who is there first stays, unless it has fallen silent.
struct Rivalry {
    /// The connection that is there.
    struct Holder {
        var isInbound: Bool
        /// false while we still wait for the verdict on it.
        var isLive: Bool
        var age: TimeAmount
        var silence: TimeAmount
    }

    let ownKeyIsSmaller: Bool
    /// A live connection that heard nothing for this long is taken for dead.
    let quietAfter: TimeAmount
    /// Connections that began within this time of each other began at the same moment.
    let simultaneous: TimeAmount

    /// Whether a peer that now connects to us replaces `holder`.
    func inboundReplaces(_ holder: Holder) -> Bool {
        if isDead(holder) { return true }
        // Nobody connects twice by intent: the second is another process with the same key, or has lost the first,
        // which then falls silent.
        guard !holder.isInbound else { return false }
        return !ownKeyIsSmaller && (!holder.isLive || holder.age < simultaneous)
    }

    /// Whether a connection of ours, which the peer has just accepted, replaces `holder`.
    func acceptedOutboundReplaces(_ holder: Holder) -> Bool {
        if isDead(holder) { return true }
        // The peer would have refused, had it held `holder` itself: so this is another process with the same key.
        guard holder.isInbound else { return false }
        // Twice the time, since the peer's clock began earlier than ours.
        return ownKeyIsSmaller && holder.age.nanoseconds < 2 * simultaneous.nanoseconds
    }

    private func isDead(_ holder: Holder) -> Bool { holder.isLive && holder.silence >= quietAfter }
}
