import Chain
import Node
import Primitives

/// A connection between two machines; each end knows it by the same number.
struct Link: Sendable {
    let number: PeerNumber
    let low, high: Int
    /// Frames keep their order in each direction, as on TCP.
    var lowToHigh = Duration.zero
    var highToLow = Duration.zero
    /// Whether the first frame of each direction has left: without it there is no talking, so it is never lost alone.
    var hasBegun = [false, false]
    var isUp = true

    func end(from index: Int) -> Int { index == low ? high : low }
}

// Connections and the frames on them: delayed, doubled, lost, cut and held apart, by the seed.
extension World {
    private func pair(_ one: Int, _ other: Int) -> Int {
        min(one, other) * machines.count + max(one, other)
    }

    private func isParted(_ one: Int, _ other: Int) -> Bool {
        partition.map { $0.contains(one) != $0.contains(other) } ?? false
    }

    private mutating func drawDelay() -> Duration {
        .milliseconds(isCalm ? 1 : generator.pick(scenario.delay))
    }

    // MARK: Connections

    mutating func dial(_ endpoint: String, from index: Int) {
        agenda.plan(
            .dialled(endpoint: endpoint, machine: index, life: machines[index].life), at: now + drawDelay())
    }

    /// One connection a pair: a second is refused, as two nodes that dial each other at once agree on one.
    mutating func dialled(_ endpoint: String, by index: Int) {
        guard let other = machines.firstIndex(where: { $0.settings.listen == endpoint }), other != index,
            machines[other].node != nil, !isParted(index, other), linkByPair[pair(index, other)] == nil
        else {
            return plan(.connectFailed(endpoint: endpoint), for: index, at: now)
        }
        let link = Link(number: PeerNumber(links.count + 1), low: min(index, other), high: max(index, other))
        links.append(link)
        linkByPair[pair(index, other)] = link.number
        for (own, peer) in [(index, other), (other, index)] {
            plan(
                .peerUp(link.number, key: machines[peer].publicKey, isInbound: own == other), for: own,
                at: now + .milliseconds(1))
        }
    }

    mutating func disconnect(_ number: PeerNumber) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        links[position].isUp = false
        let link = links[position]
        linkByPair[pair(link.low, link.high)] = nil
        for index in [link.low, link.high] where machines[index].node != nil {
            // Behind the `peerUp`, if that is still to come.
            plan(.peerDown(number), for: index, at: now + .milliseconds(1))
        }
    }

    mutating func breakLinks(where isBroken: (Link) -> Bool) {
        for number in linkByPair.compactMap({ $0 }) where isBroken(links[Int(number) - 1]) { disconnect(number) }
    }

    mutating func plan(_ event: Event, for index: Int, at time: Duration) {
        agenda.plan(.event(event, machine: index, life: machines[index].life), at: time)
    }

    // MARK: Frames

    mutating func carry(_ frame: Bytes, over number: PeerNumber, from index: Int) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        let side = index == links[position].low ? 0 : 1
        let isFirst = !links[position].hasBegun[side]
        links[position].hasBegun[side] = true
        let isLost =
            lossy.contains(index * machines.count + links[position].end(from: index))
            || (!isCalm && generator.chance(scenario.loss))
        guard !isLost else {
            if isFirst { disconnect(number) }
            return
        }
        let copies = !isCalm && generator.chance(scenario.duplication) ? 2 : 1
        for _ in 0..<copies { carryOnce(frame, over: position, from: index) }
    }

    private mutating func carryOnce(_ frame: Bytes, over position: Int, from index: Int) {
        let isFromLow = links[position].low == index
        let earliest = isFromLow ? links[position].lowToHigh : links[position].highToLow
        let arrival = max(now + drawDelay(), earliest)
        if isFromLow { links[position].lowToHigh = arrival } else { links[position].highToLow = arrival }
        fold(UInt64(frame.count) << 32 | UInt64(frame.last ?? 0))
        plan(.received(frame, from: links[position].number), for: links[position].end(from: index), at: arrival)
    }
}
