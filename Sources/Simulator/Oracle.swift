public import Chain
import Consensus
public import FaultProofs
import Node
public import Primitives
import Validation

/// What must hold in every run, checked as it happens.
public struct Oracle: Sendable {
    public enum Violation: Sendable, Hashable, CustomStringConvertible {
        /// Two blocks were sealed at one height.
        case disagreement(height: Height, blocks: [Hash32], by: String)
        /// A block was sealed that the rules forbid.
        case invalidBlock(height: Height, why: String)
        /// An honest validator was shown at fault.
        case honestAccused(Address, rule: String, by: String)
        /// An honest node was treated as an abuser.
        case honestPenalised(Address, why: String, by: String)
        /// An honest validator signed what it must not.
        case badSignature(by: String, vote: Vote, why: String)
        /// An honest node gave up.
        case halted(machine: String, why: String)
        /// The calm network made no progress.
        case noProgress(machine: String, height: Height, wanted: Height)
        /// Too much happened: something is looping.
        case endless(steps: Int)

        public var description: String {
            switch self {
            case .disagreement(let height, let blocks, let machine):
                "agreement: \(machine) sealed \(blocks[1].short) at \(height), somebody else \(blocks[0].short)"
            case .invalidBlock(let height, let why): "validity: block \(height): \(why)"
            case .honestAccused(let address, let rule, let machine):
                "no honest accused: \(machine) holds a proof of \(rule) against \(address.short)"
            case .honestPenalised(let address, let why, let machine):
                "no honest penalised: \(machine) penalised \(address.short): \(why)"
            case .badSignature(let machine, let vote, let why):
                "votes: \(machine) signed a \(vote.kind) of \(vote.height)/\(vote.round): \(why)"
            case .halted(let machine, let why): "no honest halted: \(machine): \(why)"
            case .noProgress(let machine, let height, let wanted):
                "liveness: \(machine) is at \(height), should have reached \(wanted)"
            case .endless(let steps): "liveness: still busy after \(steps) steps"
            }
        }
    }

    public private(set) var violation: Violation?
    /// The agreed blocks from height 1 on, with the certificate of whoever sealed each first.
    public private(set) var sealedBlocks: [CertifiedBlock] = []
    /// Each fault that some machine recorded, and which one.
    public private(set) var faults: [(fault: ProvenFault, by: String)] = []
    /// Nodes that lie in this run.
    public var liars: Set<Address> = []
    /// Heights whose blocks a lax council may seal although they are wrong.
    public var laxHeights: Set<Height> = []

    private var signing = SigningOracle()
    private var ledger: MemoryLedger
    private var parent: Block
    private let genesis: Genesis

    init(genesis: Genesis) {
        self.genesis = genesis
        ledger = MemoryLedger(genesis)
        parent = genesis.block()
    }

    mutating func report(_ violation: Violation) {
        if self.violation == nil { self.violation = violation }
    }

    /// Agreement, and validity by a replica that takes part in nothing.
    mutating func sealed(_ block: SealedBlock, by machine: String) {
        let position = Int(block.number) - 1
        if position < sealedBlocks.count {
            let known = sealedBlocks[position].block.hash
            guard known != block.hash else { return }
            return report(.disagreement(height: block.number, blocks: [known, block.hash], by: machine))
        }
        sealedBlocks.append(CertifiedBlock(block: block.block, certificate: block.certificate))
        guard laxHeights.allSatisfy({ block.number < $0 }) else { return }
        do {
            let validated = try validate(
                block.block, after: Ancestry(after: parent, council: genesis.council, under: genesis.rules),
                reading: ledger, under: genesis.rules, round: .sealed(block.certificate.round))
            ledger.apply(validated)
            parent = block.block
        } catch {
            report(.invalidBlock(height: block.number, why: "\(error)"))
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

    mutating func noted(_ note: Note, by machine: String) {
        switch note {
        case .peerPenalised(let address, let why) where !liars.contains(address):
            report(.honestPenalised(address, why: why, by: machine))
        case .halted(let why) where laxHeights.isEmpty:
            report(.halted(machine: machine, why: why))
        default: break
        }
    }
}
