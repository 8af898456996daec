import Chain
import Consensus
import Crypto
import EVM
import FaultProofs
import Node
import Primitives
import Ranger
import Validation

/// A council and its rangers on a virtual network, clock and disk: the same `Node` as in the processes.
///
/// Single-threaded and a pure function of its scenario: the same seed gives the same trace, byte for byte.
public struct World: Sendable {
    /// Steps after which a run is given up: something is looping.
    public static let stepsMax = 2_000_000
    /// Unix milliseconds when every run begins.
    static let epoch: UInt64 = 1_700_000_000_000
    /// How long execution, a sync of the vote log and a signature take.
    static let workDelay = Duration.milliseconds(2)

    public let scenario: Scenario
    public internal(set) var machines: [Machine]
    public internal(set) var now: Duration = .zero
    public internal(set) var oracle: Oracle
    /// What happened, line by line, up to `traceMax` lines.
    public internal(set) var trace: [String] = []
    /// A running digest of everything that happened, for comparing runs.
    public internal(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    public var keepsTrace = false
    static let traceMax = 100_000

    var agenda = Agenda<Happening>()
    var generator: SeededGenerator
    var links: [Link] = []
    var isCalm = false
    let genesis: Genesis
    let wallets: [AccountKey]
    var nonces: [UInt64]

    /// Something that is going to happen to one machine, unless it has restarted meanwhile.
    enum Happening: Sendable {
        case event(Event, machine: Int, life: Int)
        case timer(NodeTimer, generation: Int, machine: Int, life: Int)
        /// The vote log has synced.
        case synced([VoteRecord], machine: Int, life: Int)
        case crash
        case restart(machine: Int)
        case transfer
        case calm
    }

    /// A connection between two machines; each end knows it by the same number.
    struct Link: Sendable {
        let number: PeerNumber
        let low, high: Int
        /// Frames keep their order in each direction, as on TCP.
        var lowToHigh = Duration.zero
        var highToLow = Duration.zero
        var isUp = true
    }

    public init(_ scenario: Scenario) {
        self.scenario = scenario
        generator = SeededGenerator(seed: Seed(scenario.seed.value ^ 0x5eed))
        wallets = (0..<4).map { SimulatedNetwork.wallet($0) }
        nonces = wallets.map { _ in 0 }
        genesis = SimulatedNetwork.genesis(council: scenario.council, wallets: wallets)
        machines = []
        oracle = Oracle(genesis: genesis)
        for index in 0..<(scenario.council + scenario.rangers) { machines.append(newMachine(index)) }
        plan()
    }

    private func newMachine(_ index: Int) -> Machine {
        let key = SimulatedNetwork.nodeKey(index)
        let disk = Machine.Disk(genesis: genesis)
        return Machine(index: index, publicKey: key, settings: settings(of: index, key: key), disk: disk)
    }

    private func settings(of index: Int, key: NodePublicKey) -> NodeSettings {
        NodeSettings(
            name: index < scenario.council ? "cn\(index + 1)" : "rn\(index + 1 - scenario.council)", genesis: genesis,
            publicKey: key, listen: "", bootstrap: [], blockTime: scenario.blockTime, wallClockStart: Self.epoch,
            allowsInjection: true)
    }

    private mutating func plan() {
        for index in machines.indices { boot(index) }
        let phase = UInt64(scenario.safetyPhase / .milliseconds(1))
        for _ in 0..<scenario.crashes { agenda.plan(.crash, at: .milliseconds(generator.pick(100...phase))) }
        for _ in 0..<scenario.transfers { agenda.plan(.transfer, at: .milliseconds(generator.pick(0...phase))) }
        agenda.plan(.calm, at: scenario.safetyPhase)
        for injection in scenario.injections {
            for index in machines.indices where injection.fault != .lyingRanger || index >= scenario.council {
                let at = injection.fault == .lyingRanger ? Duration.seconds(2) : .zero
                agenda.plan(.event(.inject(injection), machine: index, life: machines[index].life), at: at)
            }
        }
    }

    // MARK: Lives

    /// Starts a machine from what is on its disk, and connects it to everybody who is up.
    mutating func boot(_ index: Int) {
        machines[index].boot()
        let life = machines[index].life
        agenda.plan(.event(.started, machine: index, life: life), at: now)
        for other in machines.indices where other != index && machines[other].node != nil { connect(index, other) }
    }

    private mutating func connect(_ first: Int, _ second: Int) {
        let link = Link(number: PeerNumber(links.count + 1), low: min(first, second), high: max(first, second))
        links.append(link)
        for (own, other) in [(link.low, link.high), (link.high, link.low)] {
            let event = Event.peerUp(link.number, key: machines[other].publicKey, isInbound: own == link.high)
            agenda.plan(.event(event, machine: own, life: machines[own].life), at: now + .milliseconds(1))
        }
    }

    mutating func disconnect(_ number: PeerNumber) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        links[position].isUp = false
        for index in [links[position].low, links[position].high] where machines[index].node != nil {
            agenda.plan(.event(.peerDown(number), machine: index, life: machines[index].life), at: now)
        }
    }

    /// Cuts the power: what was not synced is gone.
    mutating func crash(_ index: Int) {
        guard machines[index].node != nil else { return }
        record("crash " + name(index))
        machines[index].crash()
        for link in links where link.isUp && (link.low == index || link.high == index) { disconnect(link.number) }
        agenda.plan(.restart(machine: index), at: now + .milliseconds(generator.pick(50...2_000)))
    }

    // MARK: Running

    /// Runs until `isDone` or `deadline`. Returns whether it was done in time.
    public mutating func run(until deadline: Duration, _ isDone: (World) -> Bool) -> Bool {
        var steps = 0
        while let time = agenda.nextTime, time <= deadline, steps < Self.stepsMax {
            guard oracle.violation == nil else { return false }
            if isDone(self) { return true }
            step()
            steps += 1
        }
        return isDone(self)
    }

    mutating func step() {
        guard let (time, happening) = agenda.next() else { return }
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
        case .crash:
            guard !isCalm else { return }
            crash(Int(generator.pick(0...UInt64(machines.count - 1))))
        case .restart(let machine):
            record("restart " + name(machine))
            boot(machine)
        case .transfer: transfer()
        case .calm:
            record("calm")
            isCalm = true
        }
    }

    private mutating func deliver(_ event: Event, to index: Int) {
        guard let actions = machines[index].node?.handle(event, at: now) else { return }
        for action in actions { perform(action, of: index) }
    }

    func name(_ index: Int) -> String { machines[index].settings.name }

    mutating func record(_ text: String) {
        for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        guard keepsTrace, trace.count < Self.traceMax else { return }
        let milliseconds = now / .milliseconds(1)
        trace.append("\(Int(milliseconds)) ms  \(text)")
    }
}
