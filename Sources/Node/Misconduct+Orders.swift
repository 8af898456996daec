import Chain
public import Primitives

// Which orders to misbehave can be carried out at all.
extension Node {
    /// Why `injection` would come to nothing, or nil.
    public func refusal(of injection: Injection) -> String? {
        refusalOfForm(injection) ?? refusalOfTime(injection) ?? refusalOfPeople(injection) ?? refusalOfClash(injection)
    }

    private func refusalOfForm(_ injection: Injection) -> String? {
        let fault = injection.fault
        guard fault.levels.contains(injection.level) else {
            let known = fault.levels.map(\.rawValue).joined(separator: ", ")
            return "\(fault.rawValue) has level \(known), not \(injection.level.rawValue)"
        }
        guard fault.rounds.contains(injection.round) else {
            let (low, high) = (fault.rounds.lowerBound, fault.rounds.upperBound)
            return "\(fault.rawValue) can be committed in round \(low)\(low == high ? "" : " to \(high)"), "
                + "not \(injection.round)"
        }
        return nil
    }

    private func refusalOfTime(_ injection: Injection) -> String? {
        if injections.count >= Self.injectionsMax { return "\(Self.injectionsMax) faults are waiting already" }
        if injection.fault == .lyingRanger {
            let isMine = isRanger && (injection.actor == nil || injection.actor == address)
            return isMine && !canLie ? "this ranger has no vote yet that it could forge" : nil
        }
        if injection.height <= tail.height {
            return "height \(injection.height) is sealed already: the head is \(tail.height)"
        }
        if injection.height > tail.height + Self.injectionReach {
            return "height \(injection.height) is too far away: at most \(Self.injectionReach) blocks ahead"
        }
        if injection.fault == .nonceReplay, !isRanger, misconduct.lastIncluded == nil {
            return "there is nothing to replay: no transaction has been included since this node started"
        }
        return nil
    }

    private func refusalOfPeople(_ injection: Injection) -> String? {
        let fault = injection.fault
        let isMember = injection.actor.map { actor in genesis.council.members.contains { $0.address == actor } }
        if fault == .lyingRanger {
            return isMember == true ? "\(fault.rawValue) is a ranger's deed, and the node named is a validator" : nil
        }
        if isMember == false { return "\(fault.rawValue) is a validator's deed, and the node named is none" }
        let committee = committee(at: injection.height, parent: tail.hash)
        let isForked = injection.level == .fork
        // A committee below the whole council is drawn later; then who is named may have no seat, which is reported.
        if committee.count == genesis.council.members.count || isForked, cast(of: injection, in: committee) == nil {
            return
                "a committee of \(committee.count), \(committee.quorum) of whom must agree, cannot be forked by fewer"
        }
        if injection.level == .proposal || fault == .equivocatingProposer, committee.count < 2 {
            return "in a council of one nobody is there to notice"
        }
        if fault == .silentValidator, committee.count - 1 < committee.quorum {
            return "a council of \(committee.count) needs every vote: without one of them it would stop for good"
        }
        return nil
    }

    private func cast(of injection: Injection, in committee: Committee) -> InjectionCast? {
        InjectionCast(injection, in: committee)
    }

    /// One block of a round has room for one fault, and a lax quorum or a fork takes up a height.
    private func refusalOfClash(_ injection: Injection) -> String? {
        let clash = injections(at: injection.height).first { other in
            guard other != injection else { return true }
            if injection.level == .fork || other.level == .fork { return true }
            if injection.level == .sealed, other.level == .sealed { return true }
            return injection.fault.isByProposer && other.fault.isByProposer && injection.round == other.round
        }
        return clash.map { "\($0.fault.rawValue) is to happen at height \(injection.height) already" }
    }

    /// The height at which `injection` takes effect: for faults of a proposer, its actor's next turn.
    public func effectiveHeight(of injection: Injection) -> Height {
        guard let actor = injection.actor, injection.fault.isByProposer,
            injection.height <= tail.height + Self.injectionReach
        else { return injection.height }
        let committee = committee(at: injection.height, parent: tail.hash)
        let heights = injection.height..<injection.height + Height(committee.count)
        return heights.first { committee.proposer(height: $0, round: injection.round).address == actor }
            ?? injection.height
    }
}
