import Chain
import Consensus
import FaultProofs
import Lab
import Node
import Primitives
import Ranger

// What is read off the simulated network, as a watch reads it off processes.
extension LabRun {
    mutating func observe() {
        readNotes()
        for (place, name) in scenario.nodeNames.enumerated() {
            let index = indices[place]
            guard world.machines[index].isOn, !world.paused.contains(index) else { continue }
            readBlocks(place, name, index)
            readFlags(place, name, index)
            readNode(place, name, index)
            for oracle in [Observations.Oracle.blocks, .flags, .scores, .rejections, .notices] {
                seen.tellReading(of: oracle, at: name)
            }
        }
        followActs()
    }

    // MARK: Blocks

    private mutating func readBlocks(_ place: Int, _ name: String, _ index: Int) {
        let disk = world.machines[index].disk
        progress[place].blocks = min(progress[place].blocks, disk.blocks.count)
        progress[place].followed = min(progress[place].followed, disk.followed.count)
        let new = disk.blocks.dropFirst(progress[place].blocks) + disk.followed.dropFirst(progress[place].followed)
        for block in new {
            seen.tell(
                Observations.Block(
                    node: name, at: seen.now, height: block.block.number, hash: block.block.hash,
                    round: block.certificate.round, sealers: block.certificate.signers))
        }
        (progress[place].blocks, progress[place].followed) = (disk.blocks.count, disk.followed.count)
    }

    // MARK: Flags

    private mutating func readFlags(_ place: Int, _ name: String, _ index: Int) {
        let faults = world.machines[index].disk.faults
        for (id, fault) in faults.dropFirst(progress[place].faults) {
            seen.tell(
                Observations.Flag(
                    node: name, at: seen.now, id: id, kind: fault.kind.name, rule: fault.rule, height: fault.height,
                    block: fault.block, guilty: fault.guilty))
            check(id)
        }
        progress[place].faults = faults.count
    }

    private mutating func check(_ id: Hash32) {
        guard let proof = world.proofs[id], !seen.proofs.contains(where: { $0.id == id }) else { return }
        var refusal: String?
        do {
            _ = try verify(proof, genesis: world.genesis, scheme: SimulatedScheme())
        } catch {
            refusal = "\(error)"
        }
        seen.tell(Observations.Proof(id: id, byteCount: proof.rlp.count, verifying: nil, refusal: refusal))
    }

    // MARK: What nodes say

    private mutating func readNode(_ place: Int, _ name: String, _ index: Int) {
        guard let node = world.machines[index].node else { return }
        seen.tell(
            Observations.Rejections(
                node: name, at: seen.now, reports: node.ranger.desk.refusedCount, peers: progress[place].penalties))
        readScores(of: node, name)
        for clash in node.keyClashes {
            seen.tell(Observations.Notice(node: name, at: seen.now, notice: .keyClash, about: clash.address))
        }
        if node.halted != nil || node.standstill != nil {
            seen.tell(Observations.Notice(node: name, at: seen.now, notice: .stoppedFollowing))
        }
        for rejection in node.ranger.rejections {
            seen.tell(Observations.Notice(node: name, at: seen.now, notice: .tooFewSeals, about: rejection.from))
        }
        if torn.contains(index) {
            seen.tell(Observations.Notice(node: name, at: seen.now, notice: .voteLogRepaired))
        }
    }

    private mutating func readScores(of node: Node<SimulatedScheme>, _ name: String) {
        for score in node.scores {
            let counts = [
                (Expectation.Score.missingSeals, score.sealsMissed), (Expectation.Score.unheard, score.unheard),
                (Expectation.Score.missedProposals, score.proposalsMissed),
            ]
            for (kind, count) in counts {
                seen.tell(
                    Observations.Score(
                        node: name, at: seen.now, score: kind, about: score.validator, count: UInt64(count)))
            }
        }
    }

    private mutating func readNotes() {
        for entry in world.notes.dropFirst(notesRead) {
            guard let place = indices.firstIndex(of: entry.machine) else { continue }
            switch entry.note {
            case .peerPenalised: progress[place].penalties += 1
            case .proposalRefused(_, _, let proposer, _):
                seen.tell(
                    Observations.Notice(
                        node: scenario.nodeNames[place], at: seen.now, notice: .proposalRefused, about: proposer))
            default: break
            }
        }
        notesRead = world.notes.count
    }

    // MARK: Acts

    /// Looks whether what was ordered has come about, and what those say who were to do it.
    private mutating func followActs() {
        for act in seen.acts where act.refusal == nil && (act.effect == nil || !act.isConfirmed) {
            guard case .inject(let fault, _, _) = scenario.steps[act.step].deed else { continue }
            var act = act
            if act.effect == nil, hasBegun(act) { act.effect = seen.now }
            for index in indices {
                for report in world.machines[index].node?.injectionReports ?? []
                where report.injection.fault.rawValue == fault {
                    switch report.status {
                    case .applied: act.isConfirmed = true
                    case .missed(let why): act.missed = why
                    case .waiting, .bystander: break
                    }
                }
            }
            seen.tell(act)
        }
    }

    /// A round has begun for whoever has its proposal or has left the one before.
    private func hasBegun(_ act: Observations.Act) -> Bool {
        guard let height = act.height else { return false }
        return indices.contains { index in
            guard let node = world.machines[index].node else { return false }
            if max(node.tail.height, node.followedHead) >= height { return true }
            guard !node.isRanger, node.consensus.height == height else { return false }
            let summary = node.consensus.summary
            return summary.round >= act.round ?? 0 && (summary.round > 0 || summary.proposed != nil)
        }
    }
}
