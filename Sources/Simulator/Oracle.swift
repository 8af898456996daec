public import Chain
import Consensus
public import FaultProofs
import Node
public import Primitives
import Ranger
import Validation

/// What must hold in every run, checked as it happens.
public struct Oracle: Sendable {
    /// States of sealed blocks that are kept, for checking what is sealed on them.
    static let statesMax = 1_024

    public private(set) var violation: Violation?
    /// The agreed blocks from height 1 on, with the certificate of whoever sealed each first. In a fork, those of the
    /// branch that was sealed first.
    public private(set) var sealedBlocks: [CertifiedBlock] = []
    /// Where two blocks were sealed at one height, if they were.
    public private(set) var fork: Fork?
    /// Each fault that some machine recorded, and which one.
    public private(set) var faults: [(fault: ProvenFault, by: String)] = []
    /// Nodes that lie in this run.
    public var liars: Set<Address> = []
    /// Heights whose blocks a lax council may seal although they are wrong.
    public var laxHeights: Set<Height> = []
    /// The lowest height at which it did.
    public private(set) var wrongHeight: Height?
    /// Sealed blocks whose validity was checked.
    public private(set) var checkedCount = 0

    /// Whether there are too few liars for a fork.
    let withstands: Bool
    /// Whether somebody was told to make one nevertheless.
    var expectsForks = false
    private var signing = SigningOracle()
    /// Who stopped for a fork before two honest machines had sealed different blocks.
    private var stops: [(Standstill, machine: String)] = []
    private var states: [Hash32: State] = [:]
    private var stateOrder: [Hash32] = []
    private let genesis: Genesis

    private struct State: Sendable {
        let block: Block
        let ledger: MemoryLedger
    }

    /// Two blocks that were sealed at one height, by honest machines.
    public struct Fork: Sendable, Hashable {
        public let height: Height
        /// In the order in which they were sealed.
        public let blocks: [Hash32]
        public let rounds: [UInt64]
        public var isSameRound: Bool { rounds[0] == rounds[1] }
    }

    init(_ origin: SimulatedNetwork.Origin, withstands: Bool) {
        genesis = origin.genesis
        self.withstands = withstands
        keep(State(block: origin.block, ledger: origin.ledger))
    }

    mutating func report(_ violation: Violation) {
        if self.violation == nil { self.violation = violation }
    }

    // MARK: Blocks

    /// Agreement, and validity by a replica that takes part in nothing.
    mutating func sealed(
        _ block: SealedBlock, by machine: String, isRanger: Bool, executing executions: inout ExecutionCache
    ) {
        agree(on: block, by: machine)
        check(block, executing: &executions)
        if let wrongHeight, isRanger, block.number >= wrongHeight {
            report(.unnoticed(height: wrongHeight, by: machine))
        }
    }

    private mutating func agree(on block: SealedBlock, by machine: String) {
        let position = Int(block.number) - 1
        guard position < sealedBlocks.count else {
            guard fork == nil || block.block.header.parentHash == sealedBlocks.last?.block.hash else { return }
            sealedBlocks.append(CertifiedBlock(block: block.block, certificate: block.certificate))
            return
        }
        let known = sealedBlocks[position]
        guard known.block.hash != block.hash, fork == nil else { return }
        fork = Fork(
            height: block.number, blocks: [known.block.hash, block.hash],
            rounds: [known.certificate.round, block.certificate.round])
        if withstands, !expectsForks {
            report(.disagreement(height: block.number, blocks: [known.block.hash, block.hash], by: machine))
        }
    }

    private mutating func check(_ block: SealedBlock, executing executions: inout ExecutionCache) {
        guard states[block.hash] == nil, wrongHeight == nil else { return }
        guard let parent = states[block.block.header.parentHash] else {
            return report(.unchecked(height: block.number))
        }
        do {
            let validated = try executions.validate(
                block.block, after: Ancestry(after: parent.block, council: genesis.council, under: genesis.rules),
                reading: parent.ledger, under: genesis.rules, round: .sealed(block.certificate.round),
                conduct: .honest)
            var ledger = parent.ledger
            ledger.apply(validated)
            keep(State(block: block.block, ledger: ledger))
            checkedCount += 1
        } catch {
            guard laxHeights.contains(block.number) else {
                return report(.invalidBlock(height: block.number, why: "\(error)"))
            }
            wrongHeight = block.number
        }
    }

    private mutating func keep(_ state: State) {
        states[state.block.hash] = state
        stateOrder.append(state.block.hash)
        guard stateOrder.count > Self.statesMax else { return }
        for hash in stateOrder.prefix(Self.statesMax / 2) { states[hash] = nil }
        stateOrder.removeFirst(Self.statesMax / 2)
    }

    /// The state after `block`, for machines that have executed it too, so that they need not copy their own.
    func ledger(after block: Hash32) -> MemoryLedger? { states[block]?.ledger }

    // MARK: Proofs

    /// In the end, whoever has not lied has a proof of what was sealed wrongly.
    mutating func demandProof(by ranger: Machine) {
        guard let wrongHeight, !liars.contains(ranger.address) else { return }
        if ranger.disk.frozen?.height != wrongHeight { report(.unnoticed(height: wrongHeight, by: ranger.name)) }
    }

    /// In the end, whoever stopped for a fork was right: there is one, or a proof of one.
    mutating func demandForks() {
        for (stop, machine) in stops where stop.height != fork?.height {
            let isProven = faults.contains { $0.fault.kind == .fork && $0.fault.height == stop.height }
            if !isProven { report(.halted(machine: machine, why: stop.reason)) }
        }
    }

    mutating func recorded(_ fault: ProvenFault, by machine: String) {
        faults.append((fault, machine))
        for guilty in fault.guilty where !liars.contains(guilty) {
            report(.honestAccused(guilty, rule: fault.rule, by: machine))
        }
    }

    mutating func signs(_ vote: Vote, by validator: Address, log: [VoteRecord], name: String) {
        guard !liars.contains(validator) else { return }
        if let problem = signing.problem(with: vote, by: validator, log: log) {
            report(.badSignature(by: name, vote: vote, why: problem))
        }
    }

    mutating func noted(_ note: Note, by machine: String, address: Address) {
        guard !liars.contains(address) else { return }
        switch note {
        case .peerPenalised(let address, let why) where !liars.contains(address):
            report(.honestPenalised(address, why: why, by: machine))
        case .halted(let why) where laxHeights.isEmpty && fork == nil:
            report(.halted(machine: machine, why: why))
        case .stopped(_, let standstill) where laxHeights.isEmpty && fork == nil:
            // Of a block that liars have sealed and no honest machine has followed, only a proof can tell.
            guard !withstands, standstill.cause == .fork else {
                return report(.halted(machine: machine, why: standstill.reason))
            }
            stops.append((standstill, machine))
        default: break
        }
    }
}
