public import Chain
public import Consensus
public import Primitives
public import Ranger
import Validation

// What people ask of a running node. Nothing here changes anything.
extension Node {
    /// The nonce a client should use next for `address`, where it has transactions waiting here.
    public func pendingNonce(of address: Address) -> UInt64? { pool.nextNonce(of: address) }

    /// Who agrees on the block at `height`; nil above the head's successor.
    public func committee(at height: Height) -> Committee? {
        guard height >= 1, height <= tail.height + 1 else { return nil }
        // Below the whole council the draw depends on the parent, which only the disk knows for old heights.
        guard height == tail.height + 1 || genesis.council.members.count <= rules.committeeSizeMax else { return nil }
        return committee(at: height, parent: tail.hash)
    }

    public var council: Council { genesis.council }

    /// Of the block above the head, in peb per gas.
    public var nextBaseFee: UInt256 { baseFee(after: tail.header, under: rules) }

    /// What this validator saw of the rounds of `height`, in order; empty where it has forgotten or took no part.
    public func roundSummaries(at height: Height) -> [RoundSummary] {
        let past = rounds.filter { $0.height == height }
        guard consensus.height == height, !isRanger, past.last?.round != consensus.round else { return past }
        return past + [consensus.summary]
    }

    /// What this node says of one sealed height.
    public func verdict(of height: Height) -> Verdict? {
        ranger.verdict(of: height, validatedHead: tail.height)
    }

    /// The newest sealed height it has seen, validated or not.
    public var followedHead: Height { followedHeight }

    /// How each member of the council has done its work lately, in the council's order.
    public var scores: [ValidatorScore] {
        ranger.scores(of: genesis.council.members.map(\.address)) { committee(at: $0, parent: $1) }
    }

    /// Keys that were seen at two addresses.
    public var keyClashes: [KeyClash] { keyBook.clashes }

    /// The nodes it is connected to.
    public var peers: [Peer] { table.peers }
}
