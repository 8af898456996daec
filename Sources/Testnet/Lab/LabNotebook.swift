internal import Lab
internal import Synchronization

/// What a run has seen so far, told by everybody who watches it.
final class LabNotebook: Sendable {
    private struct Contents {
        var seen: Observations
        /// Nodes that a deed has ended or frozen: their silence is no trouble.
        var resting: Set<String> = []
    }

    private let contents: Mutex<Contents>
    private let start = ContinuousClock.now

    init(nodes: [Observations.Node]) {
        contents = Mutex(Contents(seen: Observations(nodes: nodes)))
    }

    /// Since the network was up.
    var now: Duration { ContinuousClock.now - start }

    /// All that was told, as of now.
    var observations: Observations {
        contents.withLock { contents in
            contents.seen.now = now
            return contents.seen
        }
    }

    func tell(_ body: (inout Observations) -> Void) {
        contents.withLock { contents in
            contents.seen.now = now
            body(&contents.seen)
        }
    }

    func rest(_ names: [String]) { contents.withLock { $0.resting.formUnion(names) } }
    func wake(_ names: [String]) { contents.withLock { $0.resting.subtract(names) } }
    func isResting(_ name: String) -> Bool { contents.withLock { $0.resting.contains(name) } }

    /// Where a fault that was ordered has not yet happened.
    var awaited: [Observations.Act] {
        contents.withLock { $0.seen.acts.filter { $0.effect == nil && $0.refusal == nil } }
    }

    /// Somebody has seen `height` in `round`, or that it is over.
    func reached(_ height: UInt64, round: UInt64, isOver: Bool) {
        contents.withLock { contents in
            for act in contents.seen.acts where act.effect == nil && act.refusal == nil {
                guard let target = act.height, height >= target else { continue }
                guard isOver || height > target || round >= act.round ?? 0 else { continue }
                var act = act
                act.effect = max(act.at, now)
                contents.seen.tell(act)
            }
        }
    }

    /// A node says what became of an order that it was given.
    func heard(ofOrder fault: String, applied: Bool, missed: String?, _ scenario: Scenario) {
        contents.withLock { contents in
            for act in contents.seen.acts where !act.isConfirmed {
                guard case .inject(fault, _, _) = scenario.steps[act.step].deed else { continue }
                var act = act
                act.isConfirmed = applied
                act.missed = missed ?? act.missed
                contents.seen.tell(act)
            }
        }
    }
}
