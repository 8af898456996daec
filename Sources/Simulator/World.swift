public import Chain
import Consensus
import Crypto
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
    /// What happened, line by line, up to `traceMax` lines.
    public internal(set) var trace: [String] = []
    public var keepsTrace = false
    static let traceMax = 100_000
    /// A running digest of everything that happened, for comparing runs.
    public internal(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    public private(set) var steps = 0

    var agenda = Agenda<Happening>()
    var generator: SeededGenerator
    var links: [Link] = []
    /// The number of the link that is up between two machines, by `pair`.
    var linkByPair: [PeerNumber?]
    var partition: [Int]?
    /// Directions in which everything is lost, as `from * machines + to`.
    var lossy: [Int] = []
    var isCalm = false
    var traitors: TraitorMemory
    public let genesis: Genesis
    let wallets: [AccountKey]
    var nonces: [UInt64]

    /// Something that is going to happen, to a machine only unless it has restarted meanwhile.
    enum Happening: Sendable {
        case event(Event, machine: Int, life: Int)
        case timer(NodeTimer, generation: Int, machine: Int, life: Int)
        /// The vote log has synced.
        case synced([VoteRecord], machine: Int, life: Int)
        case dialled(endpoint: String, machine: Int, life: Int)
        case accident(Accident.Kind)
        case heal
        case endLoss(direction: Int)
        case restart(machine: Int)
        case transfer
        case calm
    }

    public init(_ scenario: Scenario) {
        self.scenario = scenario
        generator = SeededGenerator(seed: Seed(scenario.seed.value ^ 0x5eed))
        wallets = (0..<4).map { SimulatedNetwork.wallet($0) }
        nonces = wallets.map { _ in 0 }
        genesis = SimulatedNetwork.genesis(council: scenario.council, wallets: wallets)
        oracle = Oracle(genesis: genesis)
        let count = scenario.council + scenario.rangers
        linkByPair = Array(repeating: nil, count: count * count)
        traitors = TraitorMemory()
        for index in 0..<count { machines.append(newMachine(index)) }
        nameLiars()
        for index in 0..<count { boot(index) }
        plan()
    }

    private mutating func newMachine(_ index: Int) -> Machine {
        let key = SimulatedNetwork.nodeKey(index)
        let name = name(of: index)
        let skew = generator.pick(0...2 * scenario.clockSkew)
        let settings = NodeSettings(
            name: name, genesis: genesis, publicKey: key, listen: name,
            bootstrap: (0..<scenario.council + scenario.rangers).filter { $0 != index }.map { self.name(of: $0) },
            blockTime: scenario.blockTime, wallClockStart: Self.epoch + skew - scenario.clockSkew,
            allowsInjection: true)
        return Machine(index: index, publicKey: key, settings: settings, disk: Machine.Disk(genesis: genesis))
    }

    private func name(of index: Int) -> String {
        index < scenario.council ? "cn\(index + 1)" : "rn\(index + 1 - scenario.council)"
    }

    private mutating func plan() {
        for accident in scenario.accidents { agenda.plan(.accident(accident.kind), at: accident.time) }
        for number in 0..<scenario.transfers {
            agenda.plan(.transfer, at: scenario.safetyPhase * number / max(1, scenario.transfers))
        }
        agenda.plan(.calm, at: scenario.safetyPhase)
        for injection in scenario.injections where injection.fault == .lyingRanger {
            for index in scenario.council..<machines.count {
                agenda.plan(.event(.inject(injection), machine: index, life: 1), at: scenario.safetyPhase / 2)
            }
        }
    }

    // MARK: Running

    /// Runs until `isDone` or `deadline`, or until an oracle objects. Returns whether it was done.
    public mutating func run(until deadline: Duration, _ isDone: (World) -> Bool = { _ in false }) -> Bool {
        while let time = agenda.nextTime, time <= deadline, oracle.violation == nil {
            if isDone(self) { return true }
            step()
            if steps > Self.stepsMax { oracle.report(.endless(steps: steps)) }
        }
        return isDone(self)
    }

    private mutating func step() {
        guard let (time, happening) = agenda.next() else { return }
        steps += 1
        now = max(now, time)
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
            record("restart " + machines[machine].name)
            boot(machine)
        case .transfer: transfer()
        case .calm: calm()
        }
    }

    private mutating func calm() {
        record("calm")
        isCalm = true
        partition = nil
        lossy = []
    }

    private mutating func deliver(_ event: Event, to index: Int) {
        fold(UInt64(index) << 40 ^ UInt64(now.wholeMilliseconds))
        guard let actions = machines[index].node?.handle(event, at: now) else { return }
        for action in actions { perform(action, of: index) }
    }

    func name(_ index: Int) -> String { machines[index].name }

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
        let text = "\(name(index)) \(note)"
        for byte in text.utf8 { fold(UInt64(byte)) }
        record(text)
        if notes.count < Self.notesMax { notes.append((now, index, note)) }
        oracle.noted(note, by: name(index))
    }
}
