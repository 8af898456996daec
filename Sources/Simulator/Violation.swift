public import Chain
public import Primitives

extension Oracle {
    public enum Violation: Sendable, Hashable, CustomStringConvertible {
        /// Two blocks were sealed at one height, with no more liars than the council withstands.
        case disagreement(height: Height, blocks: [Hash32], by: String)
        /// A block was sealed that the rules forbid.
        case invalidBlock(height: Height, why: String)
        /// A block was sealed on one that is forgotten, so that its validity could not be checked.
        case unchecked(height: Height)
        /// A ranger trusts a block that the rules forbid, or has no proof of it.
        case unnoticed(height: Height, by: String)
        /// The votes that honest machines received convict too few of those who made a fork.
        case impunity(height: Height, convicted: [Address], wanted: Int)
        /// A ranger that could have known better has convicted too few of them.
        case unproven(height: Height, convicted: [Address], wanted: Int, by: String)
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
            case .unchecked(let height): "validity: block \(height) could not be checked"
            case .unnoticed(let height, let machine): "detection: \(machine) did not notice block \(height)"
            case .impunity(let height, let convicted, let wanted):
                "accountability: the votes at \(height) convict \(convicted.count) validators, not \(wanted)"
            case .unproven(let height, let convicted, let wanted, let machine):
                "accountability: at \(height) \(machine) has convicted \(convicted.count) validators, not \(wanted)"
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
}
