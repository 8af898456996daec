import Chain
import Consensus
import Crypto
import EVM
import FaultProofs
import Node
import Primitives
import Ranger
import Validation

// The host's part, done by the simulator: messages, execution, disk and signatures, each with its delay.
extension World {
    mutating func perform(_ action: Action, of index: Int) {
        switch action {
        case .send(let frame, let numbers): for number in numbers { carry(frame, over: number, from: index) }
        case .connect: break
        case .disconnect(let number, _): disconnect(number)
        case .admit(let envelopes, let number):
            answer(.admitted(envelopes.map { entry(for: $0, at: index) }, from: .peer(number)), to: index)
        case .reply: break
        case .validate(let request): validate(request, at: index)
        case .build(let request, let round, let sabotage): build(request, round: round, sabotage, at: index)
        case .persist(let records):
            agenda.plan(.synced(records, machine: index, life: machines[index].life), at: now + Self.workDelay)
        case .sign(let vote):
            let signature = SimulatedScheme().sign(
                vote.digest(chainID: genesis.rules.chainID), by: machines[index].publicKey)
            let signed = SignedVote(vote: vote, validator: machines[index].publicKey.address, signature: signature)
            agenda.plan(.event(.signed(signed), machine: index, life: machines[index].life), at: now)
        case .append(let block): append(block, at: index)
        case .follow: break
        case .serveBlocks(let from, let count, let number): serve(from: from, count: count, over: number, at: index)
        case .judge(let proof, let number): judge(proof, from: number, at: index)
        case .record(let proof, let fault): record(proof, fault, at: index)
        case .setTimer(let timer, let after): set(timer, after: after, at: index)
        case .cancelTimer(let timer): machines[index].timers[timer] = nil
        case .note(let note): record(name(index) + " \(note)")
        }
    }

    private mutating func answer(_ event: Event, to index: Int) {
        agenda.plan(.event(event, machine: index, life: machines[index].life), at: now + Self.workDelay)
    }

    private mutating func set(_ timer: NodeTimer, after: Duration, at index: Int) {
        machines[index].timerGeneration += 1
        let generation = machines[index].timerGeneration
        machines[index].timers[timer] = generation
        agenda.plan(
            .timer(timer, generation: generation, machine: index, life: machines[index].life), at: now + after)
    }

    // MARK: Network

    private mutating func carry(_ frame: Bytes, over number: PeerNumber, from index: Int) {
        let position = Int(number) - 1
        guard links[position].isUp else { return }
        if !isCalm, generator.chance(scenario.loss) { return }
        let copies = !isCalm && generator.chance(scenario.duplication) ? 2 : 1
        for _ in 0..<copies { carryOnce(frame, over: position, from: index) }
    }

    private mutating func carryOnce(_ frame: Bytes, over position: Int, from index: Int) {
        let link = links[position]
        let isFromLow = link.low == index
        let other = isFromLow ? link.high : link.low
        let delay = Duration.milliseconds(isCalm ? 1 : generator.pick(scenario.delay))
        let arrival = max(now + delay, isFromLow ? link.lowToHigh : link.highToLow)
        if isFromLow { links[position].lowToHigh = arrival } else { links[position].highToLow = arrival }
        agenda.plan(.event(.received(frame, from: link.number), machine: other, life: machines[other].life), at: arrival)
    }

    private mutating func serve(from: Height, count: UInt64, over number: PeerNumber, at index: Int) {
        let blocks = machines[index].disk.blocks.filter {
            $0.block.number >= from && $0.block.number - from < count
        }
        carry(Message.blocks(blocks).encoded, over: number, from: index)
    }

    // MARK: Execution

    private mutating func validate(_ request: ValidationRequest, at index: Int) {
        let hash = request.block.hash
        let outcome = outcome(of: request, at: index)
        answer(.validated(request.purpose, block: hash, outcome), to: index)
    }

    private func outcome(of request: ValidationRequest, at index: Int) -> ValidationOutcome {
        let disk = machines[index].disk
        guard request.ancestry.parentHash == disk.tail.hash else { return .stale }
        do throws(ValidationFailure<StateGap>) {
            return .valid(try Validation.validate(
                request.block, after: request.ancestry, reading: disk.ledger, under: genesis.rules,
                round: request.bound, senders: request.senders, conduct: request.conduct))
        } catch {
            guard case .invalid(let fault) = error else { return .unreadable("\(error)") }
            let proof = request.accusation.flatMap {
                proveInvalid(
                    request.block, by: $0, after: request.ancestry, reading: disk.ledger, genesis: genesis)
            }
            return .invalid(fault, proof)
        }
    }

    private mutating func build(_ request: BuildRequest, round: UInt64, _ sabotage: Sabotage?, at index: Int) {
        let disk = machines[index].disk
        let height = request.ancestry.height
        guard request.ancestry.parentHash == disk.tail.hash else {
            return answer(.built(nil, height: height, round: round), to: index)
        }
        do {
            let block = try sabotage.map { try $0.build(request, reading: disk.ledger, under: genesis.rules) }
                ?? Validation.build(request, reading: disk.ledger, under: genesis.rules)
            answer(.built(block, height: height, round: round), to: index)
        } catch {
            record(name(index) + " cannot build: \(error)")
            answer(.built(nil, height: height, round: round), to: index)
        }
    }

    private mutating func append(_ block: SealedBlock, at index: Int) {
        precondition(block.block.header.parentHash == machines[index].disk.tail.hash, "blocks are appended in order")
        machines[index].disk.ledger.apply(block.validated)
        machines[index].disk.tail = ChainTail(block: block.block, certificate: block.certificate)
        machines[index].disk.blocks.append(CertifiedBlock(block: block.block, certificate: block.certificate))
        oracle.sealed(block, by: name(index))
    }

    // MARK: Proofs

    private mutating func judge(_ proof: FaultProof, from number: PeerNumber?, at index: Int) {
        let outcome: ProofOutcome
        do {
            outcome = .proven(try verify(proof, genesis: genesis, scheme: SimulatedScheme()))
        } catch {
            outcome = .refused("\(error)")
        }
        answer(.judged(proof, from: number, outcome), to: index)
    }

    private mutating func record(_ proof: FaultProof, _ fault: ProvenFault, at index: Int) {
        machines[index].disk.faults.append((proof.id, fault))
        machines[index].disk.frozen = machines[index].node?.ranger.frozen
        oracle.recorded(fault, by: name(index))
    }

    // MARK: Transactions

    private func entry(for envelope: Bytes, at index: Int) -> PoolEntry? {
        guard let transaction = try? Transaction(envelope: envelope), let sender = try? transaction.recoverSender() else {
            return nil
        }
        let account: Account?
        do { account = try machines[index].disk.ledger.account(sender) } catch { return nil }
        return PoolEntry(transaction: transaction, sender: sender, account: account)
    }

    /// One wallet sends a little to another through some machine that is up.
    mutating func transfer() {
        let index = Int(generator.pick(0...UInt64(machines.count - 1)))
        let wallet = Int(generator.pick(0...UInt64(wallets.count - 1)))
        guard machines[index].node != nil else { return }
        let transaction = SimulatedNetwork.transfer(
            from: wallets[wallet], to: wallets[(wallet + 1) % wallets.count].address, nonce: nonces[wallet],
            chainID: genesis.rules.chainID)
        guard let entry = entry(for: transaction.envelope, at: index) else { return }
        nonces[wallet] += 1
        answer(.admitted([entry], from: .client(ticket: 0)), to: index)
    }
}
