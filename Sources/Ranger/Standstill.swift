public import FaultProofs
public import Primitives

/// Why a node trusts the chain no further: a quorum has sealed what it must not have sealed.
///
/// Nothing is deleted then. The node serves the blocks below as the last good state and leaves the rest to people.
public struct Standstill: Sendable, Hashable {
    public enum Cause: String, Sendable, Hashable {
        /// The sealed block breaks a rule of the chain.
        case invalidBlock
        /// Two blocks are sealed at this height: neither is final.
        case fork
    }

    public let cause: Cause
    /// The first height that is not to be trusted.
    public let height: Height
    /// The block at fault; of a fork, the first of the two.
    public let block: Hash32
    /// The broken rule; "fork" where the council has sealed two blocks.
    public let rule: String
    /// The proof that shows it; zero as long as there is none.
    public let fault: Hash32
    /// Who signed it, as far as that is proven.
    public let guilty: [Address]

    public init(
        cause: Cause, height: Height, block: Hash32, rule: String, fault: Hash32 = .zero, guilty: [Address] = []
    ) {
        self.cause = cause
        self.height = height
        self.block = block
        self.rule = rule
        self.fault = fault
        self.guilty = guilty
    }

    /// The standstill that a proof leads to; nil where the chain itself is not at fault.
    public init?(_ id: Hash32, _ fault: ProvenFault) {
        guard fault.isSealed else { return nil }
        self.init(
            cause: fault.kind == .fork ? .fork : .invalidBlock, height: fault.height, block: fault.block,
            rule: fault.rule, fault: id,
            guilty: fault.guilty)
    }

    /// "sealed block 42 breaks stateRoot".
    public var reason: String {
        switch cause {
        case .invalidBlock: "sealed block \(height) breaks \(rule)"
        case .fork: "two blocks are sealed at height \(height)"
        }
    }

    /// What an operator can do about it, in a sentence or two.
    public var advice: String {
        switch cause {
        case .invalidBlock:
            "Do not act on anything from block \(height) on. Save the proof (testnet faults save, or ranger_getFault), "
                + "have it checked elsewhere (node verify-fault), and let the council agree on how to go on from "
                + "block \(height == 0 ? 0 : height - 1)."
        case .fork:
            "Treat nothing from height \(height) on as final. Save the proof (testnet faults save, or "
                + "ranger_getFault), have it checked elsewhere (node verify-fault), and let the council agree on one "
                + "of the two blocks without whoever is convicted."
        }
    }
}
