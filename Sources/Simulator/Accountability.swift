import Chain
import FaultProofs
import Node
public import Primitives

/// What the honest have heard in a run that may end in a fork.
struct Evidence: Sendable {
    /// By any honest machine.
    private(set) var heard: VoteBook
    /// By any ranger.
    private(set) var heardByRangers: VoteBook

    init(_ genesis: Genesis) {
        heard = VoteBook(genesis)
        heardByRangers = VoteBook(genesis)
    }

    mutating func note(_ message: Message, isRanger: Bool) {
        heard.note(message)
        if isRanger { heardByRangers.note(message) }
    }
}

/// What a fork came to: whom the votes convict, and whom the rangers have convicted.
public struct ForkFinding: Sendable, Hashable {
    public let fork: Oracle.Fork
    /// 2q − n.
    public let wanted: Int
    /// Whom the votes convict that honest machines heard, in ascending order.
    public let convicted: [Address]
    /// The rules by which, one for each of `convicted`.
    public let rules: [String]
    /// How many the votes convict that rangers heard: only if these suffice can rangers know.
    public let provableByRangers: Int
    /// Rangers that were asked for their proofs, and how many validators the least successful of them has convicted.
    public let rangersAsked: Int
    public let leastProven: Int?
}

extension World {
    /// Time that rangers have to convict those who made a fork, once everybody hears everybody.
    static var accountabilityPatience: Duration { .seconds(15) }

    /// When the conspiracy is over: a fork convicts as many as it must, and in any case nobody honest.
    mutating func demandAccountability() {
        _ = run(until: scenario.safetyPhase) { $0.plot?.phase == .over }
        guard oracle.violation == nil else { return }
        calm()
        var deadline = now + .seconds(1)
        var hasForked = false
        while now < deadline, oracle.violation == nil, agenda.nextTime != nil {
            _ = run(until: now + .milliseconds(100))
            if oracle.fork != nil, !hasForked {
                hasForked = true
                deadline = now + Self.accountabilityPatience
            }
            if oracle.fork != nil, leastProven.map({ $0.count >= scenario.convictedMin }) == true { break }
            skip(.milliseconds(100))
        }
        judgeAccountability()
    }

    private mutating func judgeAccountability() {
        guard let evidence, oracle.violation == nil else { return }
        for height in evidence.heard.heights {
            for entry in evidence.heard.convicted(at: height) where !oracle.liars.contains(entry.validator) {
                return oracle.report(.honestAccused(entry.validator, rule: entry.rule, by: "the vote book"))
            }
        }
        oracle.demandForks()
        guard let fork = oracle.fork, oracle.violation == nil else { return }
        let convicted = evidence.heard.convicted(at: fork.height)
        let provable = evidence.heardByRangers.convicted(at: fork.height)
        let wanted = scenario.convictedMin
        let asked = connectedRangers
        finding = ForkFinding(
            fork: fork, wanted: wanted, convicted: convicted.map(\.validator), rules: convicted.map(\.rule),
            provableByRangers: provable.count, rangersAsked: asked.count, leastProven: leastProven?.count)
        guard convicted.count >= wanted else {
            return oracle.report(
                .impunity(height: fork.height, convicted: convicted.map(\.validator), wanted: wanted))
        }
        guard provable.count >= wanted, let least = leastProven, least.count < wanted else { return }
        oracle.report(
            .unproven(height: fork.height, convicted: least.convicted, wanted: wanted, by: least.ranger))
    }

    /// Rangers that are up, and hear somebody who has not lied.
    private var connectedRangers: [Machine] {
        rangers.filter { ranger in
            guard let node = ranger.node, !oracle.liars.contains(ranger.address) else { return false }
            return node.peers.contains { $0.isCouncil && !oracle.liars.contains($0.address) }
        }
    }

    /// The ranger that has convicted the fewest, by a FORK proof and all its pairs at the height of the fork.
    private var leastProven: (ranger: String, convicted: [Address], count: Int)? {
        guard let fork = oracle.fork else { return nil }
        return connectedRangers.map { ranger in
            let faults = ranger.disk.faults.map(\.fault).filter { $0.height == fork.height }
            // Whom pairs convict at its height has made the fork only if it is shown that there is one.
            let isForkProven = faults.contains { $0.kind == .fork }
            let guilty = isForkProven ? Set(faults.flatMap(\.guilty)).sorted() : []
            return (ranger: ranger.name, convicted: guilty, count: guilty.count)
        }
        .min { $0.count < $1.count }
    }
}
