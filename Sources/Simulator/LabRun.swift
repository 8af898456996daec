import Chain
import Consensus
import FaultProofs
public import Lab
import Node
import Primitives

/// Why the simulator cannot run a scenario of the lab. Found before anything is started.
public enum LabRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The scenario makes no sense anywhere.
    case problem(ScenarioProblem)
    /// The deed is done to sockets or processes.
    case deed(Deed.Kind)
    /// What is expected is not there to be seen without processes.
    case expectation(String)
    /// The nodes know no such fault.
    case unknownFault(String)

    public var description: String {
        switch self {
        case .problem(let problem): problem.description
        case .deed(let kind): "the simulator has no sockets and processes, so it cannot do this: \(kind.rawValue)"
        case .expectation(let what): "the simulator has no sockets and processes, so it cannot see this: \(what)"
        case .unknownFault(let name): "no node can commit the fault \(name)"
        }
    }
}

extension Simulation {
    /// Runs a scenario of the lab with virtual time, and has it judged as a run on processes is.
    public static func run(_ scenario: Lab.Scenario) throws(LabRefusal) -> Verdict {
        var run = try LabRun(scenario)
        return run.verdict()
    }
}

/// A scenario of the lab under way: deeds in, observations out.
struct LabRun {
    /// Between two looks at the network.
    static let tick = Duration.milliseconds(10)
    /// The network is up once everybody has a block, and must be so by then.
    static let startPatience = Duration.seconds(20)
    /// Time for what was ordered to be confirmed after it was seen.
    static let confirmationPatience = Duration.seconds(1)

    let scenario: Lab.Scenario
    var world: World
    var seen: Observations
    /// By the lab's order of names, the index of the machine: cn1 proposes the block of height 1.
    let indices: [Int]
    var start = Duration.zero
    var time = Duration.zero
    var progress: [Progress]
    /// Notes of the world that were read.
    var notesRead = 0
    var nextTransfer = Duration.zero
    /// Machines whose vote logs were torn.
    var torn: [Int] = []

    /// What was told about one node.
    struct Progress {
        var blocks = 0
        var followed = 0
        var faults = 0
        var penalties: UInt64 = 0
    }

    init(_ scenario: Lab.Scenario) throws(LabRefusal) {
        if let problem = scenario.problem { throw .problem(problem) }
        for step in scenario.steps { try Self.check(step) }
        self.scenario = scenario
        var setting = Scenario(seed: Seed(scenario.seed))
        (setting.council, setting.rangers) = (scenario.council, scenario.rangers)
        (setting.blockTime, setting.delay, setting.transfers) = (scenario.blockTime, 1...3, 0)
        setting.safetyPhase = scenario.patience + Self.startPatience
        var world = World(setting)
        world.keepsProofs = true
        let committee = world.genesis.council.committee(
            at: 1, parent: .zero, sizeMax: world.genesis.rules.committeeSizeMax)
        let machines = world.machines
        let council = (0..<scenario.council).map { place in
            let address = committee.proposer(height: 1, round: UInt64(place)).address
            return machines.firstIndex { $0.address == address } ?? place
        }
        let places = council + Array(scenario.council..<scenario.council + scenario.rangers)
        let isRanger = (0..<places.count).map { $0 >= scenario.council }
        seen = Observations(
            nodes: places.indices.map { place in
                Observations.Node(
                    name: scenario.nodeNames[place], isRanger: isRanger[place],
                    address: machines[places[place]].address)
            })
        (self.world, indices) = (world, places)
        progress = Array(repeating: Progress(), count: places.count)
    }

    private static func check(_ step: Lab.Scenario.Step) throws(LabRefusal) {
        switch step.deed {
        case .twin, .garbageFrames, .oversizeFrame, .flood, .hugeRequest: throw .deed(step.deed.kind)
        case .inject(let fault, let level, _):
            guard Injection.Fault(rawValue: fault) != nil, Injection.Level(rawValue: level.rawValue) != nil else {
                throw .unknownFault(fault)
            }
        default: break
        }
        for expectation in step.expectations {
            switch expectation.what {
            case .dropped, .refused, .alive, .notice(.keyClash, _, _): throw .expectation("\(expectation.what)")
            default: break
            }
        }
    }

    func index(of name: String) -> Int {
        scenario.nodeNames.firstIndex(of: name).map { indices[$0] } ?? 0
    }

    func name(of address: Address) -> String? { seen.name(of: address) }

    // MARK: Steps

    mutating func verdict() -> Verdict {
        guard begin() else {
            seen.trouble("the network was not up within \(Self.startPatience)")
            return judge(scenario, seen)
        }
        perform()
        if let violation = world.oracle.violation { seen.trouble("\(violation)") }
        return judge(scenario, seen)
    }

    private mutating func begin() -> Bool {
        while time < Self.startPatience {
            advance()
            if world.machines.allSatisfy({ ($0.node?.tail.height ?? 0) >= 1 }) {
                start = time
                observe()
                return true
            }
        }
        return false
    }

    private mutating func perform() {
        for step in scenario.steps.indices {
            guard reach(scenario.steps[step].moment, of: step) else { return }
            act(step)
            // What was refused shows nothing, and what would follow it even less.
            guard seen.act(of: step)?.refusal == nil else { return }
            let scenario = self.scenario
            let isDecided = wait { seen in
                !findings(ofStep: step, of: scenario, seen).contains(where: \.isOpen)
            }
            guard isDecided else { return }
        }
        let end = seen.now + Self.confirmationPatience
        _ = wait { seen in seen.acts.allSatisfy(\.isConfirmed) || seen.now > end }
    }

    private mutating func reach(_ moment: Lab.Scenario.Moment, of step: Int) -> Bool {
        switch moment {
        case .height(let height, _):
            // A fault inside nodes is ordered ahead, so that each knows its part in time.
            var needed = height
            if case .inject = scenario.steps[step].deed { needed = height > 2 ? height - 2 : 0 }
            return wait { seen in needed == 0 || seen.blocks.contains { $0.height >= needed } }
        case .afterwards(let delay):
            let begin = seen.now
            return wait { $0.now >= begin + delay }
        }
    }

    /// - Returns: false if the scenario's patience ended first, or an oracle objects.
    private mutating func wait(until isDone: (Observations) -> Bool) -> Bool {
        while true {
            if isDone(seen) { return true }
            guard world.oracle.violation == nil else { return false }
            guard seen.now <= scenario.patience else {
                seen.trouble("the run took longer than \(scenario.patience)")
                return false
            }
            advance()
            observe()
        }
    }

    private mutating func advance() {
        time += Self.tick
        if scenario.traffic != .none, time >= nextTransfer {
            nextTransfer = time + max(scenario.blockTime / 3, .milliseconds(50))
            world.transfer()
        }
        _ = world.run(until: time)
        world.now = max(world.now, time)
        seen.now = time - start
    }
}
