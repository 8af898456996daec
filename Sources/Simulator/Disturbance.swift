import Node

/// Links disturbed by hand, between pairs of machines: for scenarios of the lab.
struct Disturbance: Sendable {
    struct Trouble: Sendable {
        var isCut = false
        /// Milliseconds.
        var delay: UInt64 = 0
        var jitter: UInt64 = 0
        var lossPercent: UInt64 = 0
    }

    private let machines: Int
    private var troubles: [Trouble]

    init(machines: Int) {
        self.machines = machines
        troubles = Array(repeating: Trouble(), count: machines * machines)
    }

    /// The same in both directions.
    subscript(one: Int, other: Int) -> Trouble { troubles[one * machines + other] }

    mutating func change(_ one: Int, _ other: Int, _ change: (inout Trouble) -> Void) {
        guard one != other else { return }
        change(&troubles[one * machines + other])
        change(&troubles[other * machines + one])
    }
}

// What a scenario of the lab does to machines and links.
extension World {
    /// Ends a machine as a crash would; it stays off until `powerOn`.
    mutating func powerOff(_ index: Int) {
        guard machines[index].isOn else { return }
        if keepsTrace { record("power off at " + name(index)) }
        machines[index].crash()
        breakLinks { $0.low == index || $0.high == index }
    }

    mutating func powerOn(_ index: Int) { boot(index) }

    /// Freezes a machine: what is meant for it waits.
    mutating func pause(_ index: Int) {
        if !paused.contains(index) { paused.append(index) }
    }

    mutating func resume(_ index: Int) {
        paused.removeAll { $0 == index }
        let mine = held.filter { $0.machine == index }
        held.removeAll { $0.machine == index }
        for happening in mine { agenda.plan(happening, at: now) }
    }

    mutating func disturb(_ pairs: [(Int, Int)], _ change: (inout Disturbance.Trouble) -> Void) {
        var disturbance = self.disturbance ?? Disturbance(machines: machines.count)
        for (one, other) in pairs { disturbance.change(one, other, change) }
        self.disturbance = disturbance
        breakLinks { disturbance[$0.low, $0.high].isCut }
    }

    mutating func healLinks() { disturbance = nil }

    /// Takes the last record off the vote log of a machine that is off. Returns whether there was one.
    mutating func tearVoteLog(of index: Int) -> Bool {
        guard !machines[index].isOn, !machines[index].disk.votes.isEmpty else { return false }
        machines[index].disk.votes.removeLast()
        return true
    }

    /// Hands an order to misbehave to every machine, which finds its part in it.
    mutating func order(_ injection: Injection) {
        if injection.level == .sealed { oracle.laxHeights.insert(injection.height) }
        if injection.level == .fork { oracle.expectsForks = true }
        oracle.liars.formUnion(actors(of: injection))
        for index in machines.indices where machines[index].isOn { plan(.inject(injection), for: index, at: now) }
    }
}

extension World.Happening {
    /// Whom it befalls, if it is one machine's own affair.
    var machine: Int? {
        switch self {
        case .event(_, let machine, _), .timer(_, _, let machine, _), .synced(_, let machine, _),
            .dialled(_, let machine, _):
            machine
        default: nil
        }
    }
}
