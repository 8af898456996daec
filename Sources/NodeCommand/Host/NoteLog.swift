import Chain
import Consensus
import Logging
import Node
import Primitives
import Ranger

extension Logger {
    /// Puts a note into words.
    func write(_ note: Note) {
        switch note {
        case .sealed(let height, let round, let block, let transactions):
            info("sealed \(height) \(block.short) round \(round), \(transactions) transactions")
        case .roundChanged(let height, let round, let why):
            notice("round \(round) of height \(height) failed: \(why)")
        case .proposalRefused(let height, let round, let proposer, let why):
            warning("refused the proposal of \(proposer.short) for height \(height), round \(round): \(why)")
        case .conflict(let conflict):
            let (first, second) = (conflict.first, conflict.second)
            warning(
                """
                \(first.validator.short) signed two \(first.vote.kind)s for height \(first.vote.height), \
                round \(first.vote.round): \(first.vote.block.short) and \(second.vote.block.short)
                """)
        case .fault(let id, let fault): critical("FAULT \(id.short): \(fault)")
        case .proofRefused(let id, let why): warning("rejected report \(id.short): \(why)")
        case .blockRefused(let height, let why): error("refused block \(height): \(why)")
        case .peerUp(let name, let address): info("connected to \(name) (\(address.short))")
        case .peerDown(let name): info("lost \(name)")
        case .peerPenalised(let address, let why): warning("dropped peer \(address.short): \(why)")
        case .syncing(let from, let to): info("catching up from \(from) to \(to)")
        case .votingSuspended(let height):
            warning("the vote log is missing: voting suspended until height \(height + 1)")
        case .halted(let why): critical("stopped taking part: \(why)")
        case .stopped(let head, let stop):
            let signers = stop.guilty.map(\.hex).joined(separator: ", ")
            critical(
                """
                STOPPED at block \(head): \(stop.reason) (block \(stop.block))\
                \(signers.isEmpty ? "" : ", signed by \(signers)"). Blocks up to \(head) are served as the last good \
                state; transactions are refused. \(stop.advice)
                """)
        case .keyClash(let address, let first, let second):
            warning("same key at two addresses: \(address) at \(first) and at \(second)")
        case .injected(let injection):
            warning("told to misbehave: \(injection.fault.rawValue) at height \(injection.height)")
        case .injectionApplied(let injection, let height, let round):
            warning("misbehaved: \(injection.fault.rawValue) at height \(height), round \(round)")
        case .injectionMissed(let injection, let why):
            error("did not misbehave: \(injection.fault.rawValue): \(why)")
        case .forked(let height, let second, let round, let follows):
            warning("forked \(height): voted for \(second.short) in round \(round) too, follows \(follows.short)")
        }
    }
}
