public import Chain
import Consensus
import Crypto
import FaultProofs
public import Node
import Primitives

/// A council and its rangers on a virtual network, clock and disk: the same `Node` as in the processes.
///
/// Single-threaded and a pure function of its scenario: the same scenario gives the same trace, byte for byte.
public struct World: Sendable {
    /// Steps after which a run is given up: something is looping.
    public static let stepsMax = 2_000_000
    /// Unix milliseconds when every run begins.
    static let epoch: UInt64 = 1_700_000_000_000

    public let scenario: Scenario
    public internal(set) var machines: [Machine] = []
    public internal(set) var now: Duration = .zero
    public internal(set) var oracle: Oracle
    /// What the nodes told people, up to `notesMax` notes.
    public internal(set) var notes: [(time: Duration, machine: Int, note: Note)] = []
    static let notesMax = 100_000
    /// Whether the notes are kept; oracles and digest take them in in either case.
    public var keepsNotes = true
    /// What happened, line by line, up to `traceMax` lines.
    public internal(set) var trace: [String] = []
    public var keepsTrace = false
    static let traceMax = 100_000
    /// A running digest of everything that happened, for comparing runs.
    public internal(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    public private(set) var steps = 0
    /// Blocks that machines made their heads or follow, faults they recorded, starts of machines, ends of conspiracies.
    var milestones: UInt64 = 0
    /// How often a ranger has validated a block and made it its head.
    public internal(set) var rangerBlocks: UInt64 = 0

    var agenda = Agenda<Happening>()
    var generator: SeededGenerator
    var links: [Link] = []
    /// The number of the link that is up between two machines, by `pair`.
    var linkByPair: [PeerNumber?]
    var partition: [Int]?
    /// Directions in which everything is lost, as `from * machines + to`.
    var lossy: [Int] = []
    var isCalm = false
    /// Links that a scenario of the lab disturbs, machines that it has frozen, and what waits for those.
    var disturbance: Disturbance?
    var paused: [Int] = []
    var held: [Happening] = []
    /// The proofs that machines recorded, where somebody wants to look at them.
    var keepsProofs = false
    var proofs: [Hash32: FaultProof] = [:]
    var plot: Plot?
    var evidence: Evidence?
    /// What the fork came to, if there was one.
    public internal(set) var finding: ForkFinding?
    /// Blocks that two-faced liars proposed to one part of the council, and what the other part was shown instead.
    var siblings: [Hash32: Hash32] = [:]
    var executions = ExecutionCache()
    /// Transactions that some machine has decoded, with their senders.
    var recovered: [Bytes: Recovered] = [:]
    static let recoveredMax = 4_096
    public let genesis: Genesis
    let origin: SimulatedNetwork.Origin
    var nonces: [UInt64]

    struct Recovered: Sendable {
        let transaction: Transaction
        let sender: Address
    }

    /// Something that is going to happen, to a machine only unless it has restarted meanwhile.
    enum Happening: Sendable {
        indirect case event(Event, machine: Int, life: Int)
        case timer(NodeTimer, generation: Int, machine: Int, life: Int)
        /// The vote log has synced.
        case synced([VoteRecord], machine: Int, life: Int)
        case dialled(endpoint: String, machine: Int, life: Int)
        case accident(Accident.Kind)
        case heal
        case endLoss(direction: Int)
        case restart(machine: Int)
        case transfer
        case conspire
        case reveal
        case calm
    }

    public init(_ scenario: Scenario) {
        self.scenario = scenario
        generator = SeededGenerator(seed: Seed(scenario.seed.value ^ 0x5eed))
        nonces = Array(repeating: 0, count: SimulatedNetwork.walletCount)
        origin = SimulatedNetwork.origin(council: scenario.council)
        genesis = origin.genesis
        oracle = Oracle(origin, withstands: scenario.withstandsLiars)
        let count = scenario.council + scenario.rangers
        plot = scenario.conspiracy.map { Plot($0, council: scenario.council, machines: count) }
        if plot != nil { evidence = Evidence(genesis) }
        let twins = plot?.twins ?? []
        linkByPair = Array(repeating: nil, count: (count + twins.count) * (count + twins.count))
        for index in 0..<count { machines.append(newMachine(index, named: Self.name(of: index, in: scenario))) }
        for (number, liar) in twins.enumerated() { machines.append(newTwin(count + number, of: liar)) }
        nameLiars()
        for index in 0..<count { boot(index) }
        plan()
    }

    private mutating func newMachine(_ index: Int, named name: String) -> Machine {
        let key = SimulatedNetwork.nodeKey(index)
        let skew = generator.pick(0...2 * scenario.clockSkew)
        let endpoint = Self.name(of: index, in: scenario)
        let settings = NodeSettings(
            name: name, genesis: genesis, publicKey: key, listen: endpoint,
            bootstrap: (0..<scenario.council + scenario.rangers).filter { $0 != index }.map {
                Self.name(of: $0, in: scenario)
            },
            blockTime: scenario.blockTime, wallClockStart: Self.epoch + skew - scenario.clockSkew,
            allowsInjection: true)
        return Machine(index: index, publicKey: key, settings: settings, disk: Machine.Disk(origin))
    }

    /// A second machine with the key, the name and the address of a liar, for the second story.
    private mutating func newTwin(_ index: Int, of liar: Int) -> Machine {
        let original = newMachine(liar, named: machines[liar].name + "b")
        return Machine(
            index: index, publicKey: original.publicKey, settings: original.settings, disk: original.disk)
    }

    private static func name(of index: Int, in scenario: Scenario) -> String {
        index < scenario.council ? "cn\(index + 1)" : "rn\(index + 1 - scenario.council)"
    }

    private mutating func plan() {
        for accident in scenario.accidents { agenda.plan(.accident(accident.kind), at: accident.time) }
        for number in 0..<scenario.transfers {
            agenda.plan(.transfer, at: scenario.safetyPhase * number / max(1, scenario.transfers))
        }
        if let conspiracy = scenario.conspiracy {
            agenda.plan(.conspire, at: conspiracy.begins)
            agenda.plan(.reveal, at: conspiracy.begins + conspiracy.lasts)
        }
        agenda.plan(.calm, at: scenario.safetyPhase)
        for injection in scenario.injections where injection.fault == .lyingRanger {
            for index in scenario.council..<scenario.council + scenario.rangers {
                agenda.plan(.event(.inject(injection), machine: index, life: 1), at: scenario.safetyPhase / 2)
            }
        }
    }

    // MARK: Running

    /// Runs until `isDone` or `deadline`, or until an oracle objects. Returns whether it was done.
    ///
    /// - Parameter isDone: Asked anew after each milestone: a block, a fault, a start, the end of a conspiracy.
    public mutating func run(until deadline: Duration, _ isDone: (World) -> Bool = { _ in false }) -> Bool {
        var asked: UInt64?
        while let time = agenda.nextTime, time <= deadline, oracle.violation == nil {
            if asked != milestones {
                if isDone(self) { return true }
                asked = milestones
            }
            step()
            if steps > Self.stepsMax { oracle.report(.endless(steps: steps)) }
        }
        return isDone(self)
    }

    private mutating func step() {
        guard let (time, happening) = agenda.next() else { return }
        steps += 1
        now = max(now, time)
        if !paused.isEmpty, let machine = happening.machine, paused.contains(machine) {
            held.append(happening)
            return
        }
        switch happening {
        case .event(let event, let machine, let life):
            if machines[machine].life == life { deliver(event, to: machine) }
        case .timer(let timer, let generation, let machine, let life):
            guard machines[machine].life == life, machines[machine].timers[timer] == generation else { return }
            machines[machine].timers[timer] = nil
            deliver(.timer(timer), to: machine)
        case .synced(let records, let machine, let life):
            guard machines[machine].life == life else { return }
            machines[machine].disk.votes += records
            deliver(.durable(records), to: machine)
        case .dialled(let endpoint, let machine, let life):
            if machines[machine].life == life { dialled(endpoint, by: machine) }
        case .accident(let kind): if !isCalm { befall(kind) }
        case .heal: partition = nil
        case .endLoss(let direction): lossy.removeAll { $0 == direction }
        case .restart(let machine):
            if keepsTrace { record("restart " + machines[machine].name) }
            boot(machine)
        case .transfer: transfer()
        case .conspire: conspire()
        case .reveal: reveal()
        case .calm: calm()
        }
    }

    /// Lets time pass in which nothing happens.
    mutating func skip(_ duration: Duration) {
        if let next = agenda.nextTime, next > now { now = min(next, now + duration) }
    }

    mutating func calm() {
        if keepsTrace { record("calm") }
        isCalm = true
        partition = nil
        lossy = []
        reveal()
    }

    private mutating func deliver(_ event: Event, to index: Int) {
        fold(UInt64(index) << 40 ^ UInt64(now.wholeMilliseconds))
        witness(event, at: index)
        guard let actions = machines[index].node?.handle(event, at: now) else { return }
        for action in actions { perform(action, of: index) }
    }

    func name(_ index: Int) -> String { machines[index].name }

    var rangers: ArraySlice<Machine> { machines[scenario.council..<scenario.council + scenario.rangers] }

    // MARK: Trace

    /// FNV-1a over everything that happens.
    mutating func fold(_ word: UInt64) {
        digest = (digest ^ word) &* 0x0000_0100_0000_01b3
    }

    mutating func record(_ text: String) {
        guard keepsTrace, trace.count < Self.traceMax else { return }
        trace.append("\(now.wholeMilliseconds) ms  \(text)")
    }

    mutating func take(_ note: Note, of index: Int) {
        fold(note.digestWord)
        if keepsTrace { record("\(name(index)) \(note)") }
        if keepsNotes, notes.count < Self.notesMax { notes.append((now, index, note)) }
        oracle.noted(note, by: name(index), address: machines[index].address)
    }
}
