public import Chain
public import FaultProofs
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
        /// A fault that has to be noticed was not.
        case unnoticed(fault: String, by: String)
        /// The calm network made no progress.
        case noProgress(machine: String, height: Height, wanted: Height)

        public var description: String {
            switch self {
            case .disagreement(let height, let blocks, let machine):
                "agreement: \(machine) sealed \(blocks[1].short) at \(height), somebody else \(blocks[0].short)"
            case .invalidBlock(let height, let why): "validity: block \(height): \(why)"
            case .honestAccused(let address, let rule, let machine):
                "no honest accused: \(machine) holds a proof of \(rule) against \(address)"
            case .unnoticed(let fault, let machine): "detection: \(machine) did not notice \(fault)"
            case .noProgress(let machine, let height, let wanted):
                "liveness: \(machine) is at \(height), should have reached \(wanted)"
            }
        }
    }

    public private(set) var violation: Violation?
    public private(set) var sealedBlocks: [Block] = []
    /// Each fault that some machine recorded, and which one.
    public private(set) var faults: [(fault: ProvenFault, by: String)] = []
    /// Validators that lie in this run.
    public var liars: Set<Address> = []
    /// Heights whose blocks a lax council may seal although they are wrong.
    public var laxHeights: Set<Height> = []

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
            guard sealedBlocks[position].hash != block.hash else { return }
            return report(.disagreement(
                height: block.number, blocks: [sealedBlocks[position].hash, block.hash], by: machine))
        }
        sealedBlocks.append(block.block)
        guard laxHeights.isEmpty || block.number < (laxHeights.min() ?? 0) else { return }
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
}
