import Chain
import Consensus
import FaultProofs
public import Primitives
public import Ranger
import Validation

// After a bad sealed block, or a fork: nothing above is trusted, nothing is deleted, and everybody is told why.
extension Node {
    /// Whether the next height is not to be trusted, so that this node goes no further.
    ///
    /// A validator that was told to look away at that height has sealed the block with the others and goes on.
    public var isFrozen: Bool {
        guard let stop = ranger.frozen, stop.height <= tail.height + 1 else { return false }
        return stop.cause == .fork || !looksAway(at: stop.height)
    }

    /// Whether this validator was told to seal a wrong block at `height` with the others.
    private func looksAway(at height: Height) -> Bool {
        !isRanger
            && injections(at: height).contains {
                $0.level == .sealed && cast(of: $0)?.liars.contains(address) == true
            }
    }

    /// Why this node goes no further, and the last height that it vouches for; nil while it goes on.
    public var standstill: (lastGood: Height, Standstill)? {
        guard isFrozen, let stop = ranger.frozen else { return nil }
        return (min(tail.height, stop.height == 0 ? 0 : stop.height - 1), stop)
    }

    /// Whether this node votes.
    var takesPart: Bool { !isRanger && halted == nil && !isFrozen }

    /// Reads back from proofs why this node had stopped.
    ///
    /// A validator does not stop at a block that it has voted for: it looked away on purpose and lost the block in a
    /// power cut.
    mutating func recallStandstill(_ memory: NodeMemory) {
        if isRanger, let frozen = memory.frozen {
            ranger.freeze(
                Standstill(
                    cause: .invalidBlock, height: frozen.height, block: .zero, rule: "a rule", fault: frozen.fault))
        }
        for (id, fault) in memory.faults {
            guard let stop = Standstill(id, fault) else { continue }
            let hasVotedFor = memory.votes.contains { record in
                guard case .vote(let vote) = record, vote.kind == .prepare || vote.kind == .commit else { return false }
                return vote.height == stop.height && vote.block == stop.block
            }
            let hasSealed = stop.cause == .invalidBlock && (hasVotedFor || stop.guilty.contains(address))
            if concerns(stop), !hasSealed {
                ranger.freeze(stop)
            }
        }
    }

    /// Whether a proven fault is one of the chain that this node follows.
    private func concerns(_ stop: Standstill) -> Bool {
        switch stop.cause {
        case .fork: true
        // What lies below the head was sealed by this node too, or is the other side of a fork.
        case .invalidBlock: stop.height > tail.height
        }
    }

    /// A proof holds: if the chain itself is at fault, this node stops below.
    mutating func heed(_ id: Hash32, _ fault: ProvenFault, of proof: FaultProof, from number: PeerNumber?) {
        guard let stop = Standstill(id, fault) else { return }
        if let rival = proof.sealedHeader { lookForFork(rival, from: number) }
        if case .fork(let evidence) = proof { learn(evidence) }
        guard concerns(stop) else { return }
        ranger.freeze(stop)
        stopIfFrozen()
    }

    /// Goes no further, once: timers end, and what is sealed above is followed by its seals alone.
    mutating func stopIfFrozen() {
        guard let (head, stop) = standstill, !hasStopped else { return }
        hasStopped = true
        note(.stopped(at: head, stop))
        out.append(.cancelTimer(.round))
        out.append(.cancelTimer(.blockDue))
        decided = nil
        let waiting = sync.queueBlocks
        sync.drop()
        guard stop.cause == .invalidBlock else { return }
        for block in waiting where isNextToFollow(block) { followOne(block) }
    }

    /// An injection has come that makes this validator look away at the height where it stands.
    mutating func resumeIfLax() {
        guard hasStopped, !isFrozen, !isRanger else { return }
        hasStopped = false
        advance()
    }
}
