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
        if plot?.separates(one, other) == true || disturbance?[one, other].isCut == true { return true }
        return partition.map { $0.contains(one) != $0.contains(other) } ?? false
    }

    private mutating func drawDelay() -> Duration {
        .milliseconds(isCalm ? 1 : generator.pick(scenario.delay))
    }

    // MARK: Connections

    mutating func dial(_ endpoint: String, from index: Int) {
        agenda.plan(
            .dialled(endpoint: endpoint, machine: index, life: machines[index].life), at: now + drawDelay())
    }

    /// One connection a pair: a second is refused, as two nodes that dial each other at once agree on one. One also
    /// to a key: who has two machines is met at one of them.
    mutating func dialled(_ endpoint: String, by index: Int) {
        guard let other = machines.indices.first(where: { isReachable($0, as: endpoint, from: index) }),
            !isLinked(index, to: machines[other].address), !isLinked(other, to: machines[index].address)
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

    private func isReachable(_ other: Int, as endpoint: String, from index: Int) -> Bool {
        machines[other].settings.listen == endpoint && machines[other].address != machines[index].address
            && machines[other].isOn && !isParted(index, other)
    }

    private func isLinked(_ index: Int, to address: Address) -> Bool {
        machines.indices.contains { machines[$0].address == address && linkByPair[pair(index, $0)] != nil }
    }

    mutating func disconnect(_ number: PeerNumber) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        links[position].isUp = false
        let link = links[position]
        linkByPair[pair(link.low, link.high)] = nil
        for index in [link.low, link.high] where machines[index].isOn {
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

    mutating func send(_ message: Message, to numbers: [PeerNumber], from index: Int) {
        if isTwoFaced(index) { return betray(message, to: numbers, from: index) }
        let parcel = parcel(message)
        for number in numbers { carry(parcel, over: number, from: index) }
    }

    /// `message` as it travels in this run.
    func parcel(_ message: Message) -> Parcel {
        Parcel(message: message, frame: scenario.frames == .bytes ? message.encoded : nil)
    }

    mutating func carry(_ parcel: Parcel, over number: PeerNumber, from index: Int) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        let recipient = links[position].end(from: index)
        let side = index == links[position].low ? 0 : 1
        let isFirst = !links[position].hasBegun[side]
        links[position].hasBegun[side] = true
        let isLost =
            (!lossy.isEmpty && lossy.contains(index * machines.count + recipient))
            || (!isCalm && generator.chance(scenario.loss))
            || (disturbance != nil && generator.chance(disturbance?[index, recipient].lossPercent ?? 0))
            || (plot != nil && isSuppressed(parcel.message, to: recipient, from: index, isFirst: isFirst))
        guard !isLost else {
            if isFirst { disconnect(number) }
            return
        }
        let copies = !isCalm && generator.chance(scenario.duplication) ? 2 : 1
        for _ in 0..<copies { carryOnce(parcel, over: position, from: index) }
    }

    /// Whether a conspiracy is in the way: a liar keeps quiet, or the audiences hardly hear each other.
    private mutating func isSuppressed(
        _ message: Message, to recipient: Int, from index: Int, isFirst: Bool
    ) -> Bool {
        if withholds(message, to: recipient, from: index) { return true }
        guard let conspiracy = plot?.conspiracy, isKeptApart(index, recipient), !isFirst else { return false }
        return conspiracy.style == .twins && !generator.chance(conspiracy.leak)
    }

    private mutating func carryOnce(_ parcel: Parcel, over position: Int, from index: Int) {
        let isFromLow = links[position].low == index
        let recipient = links[position].end(from: index)
        let earliest = isFromLow ? links[position].lowToHigh : links[position].highToLow
        var lag = isKeptApart(index, recipient) ? plot?.conspiracy.lag ?? 0 : 0
        if let trouble = disturbance?[index, recipient] { lag += trouble.delay + generator.pick(0...trouble.jitter) }
        let arrival = max(now + drawDelay() + .milliseconds(lag), earliest)
        if isFromLow { links[position].lowToHigh = arrival } else { links[position].highToLow = arrival }
        fold(parcel.message.digestWord)
        plan(parcel.event(from: links[position].number), for: recipient, at: arrival)
    }

    // MARK: Witnesses

    /// Shows the vote book what an honest machine is about to hear, in a run that may end in a fork.
    mutating func witness(_ event: Event, at index: Int) {
        guard plot != nil, !oracle.liars.contains(machines[index].address) else { return }
        let message: Message
        let number: PeerNumber
        switch event {
        case .heard(let heard, let from): (message, number) = (heard, from)
        case .received(let frame, let from):
            guard let heard = try? Message(decoding: frame) else { return }
            (message, number) = (heard, from)
        default: return
        }
        guard message.hasVotes, machines[index].node?.peers.contains(where: { $0.number == number }) == true else {
            return
        }
        let isRanger = isRanger(index)
        evidence?.note(message, isRanger: isRanger)
    }
}

/// A message on its way, encoded where the run is about that too.
struct Parcel: Sendable {
    let message: Message
    let frame: Bytes?

    func event(from number: PeerNumber) -> Event {
        frame.map { .received($0, from: number) } ?? .heard(message, from: number)
    }
}
