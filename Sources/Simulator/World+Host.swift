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
        case .send(let message, let numbers): send(message, to: numbers, from: index)
        case .connect(let endpoint): dial(endpoint, from: index)
        case .disconnect(let number, _): disconnect(number)
        case .admit(let envelopes, let number):
            answer(.admitted(envelopes.map { entry(for: $0, at: index) }, from: .peer(number)), to: index)
        case .reply, .announce: break
        case .validate(let request): validate(request, at: index)
        case .build(let request, let round, let sabotage): build(request, round: round, sabotage, at: index)
        case .persist(let records): persist(records, at: index)
        case .sign(let vote): sign(vote, at: index)
        case .append(let block): append(block, at: index)
        case .follow(let block):
            machines[index].disk.followed.append(block)
            milestones += 1
        case .serveBlocks(let from, let count, let number): serve(from: from, count: count, over: number, at: index)
        case .judge(let proof, let number): judge(proof, from: number, at: index)
        case .prove(let request): prove(request, at: index)
        case .archive(let votes): machines[index].disk.archive(votes)
        case .record(let proof, let fault): record(proof, fault, at: index)
        case .setTimer(let timer, let after): set(timer, after: after, at: index)
        case .cancelTimer(let timer): machines[index].timers[timer] = nil
        case .note(let note): take(note, of: index)
        }
    }

    private mutating func set(_ timer: NodeTimer, after: Duration, at index: Int) {
        machines[index].timerGeneration += 1
        let generation = machines[index].timerGeneration
        machines[index].timers[timer] = generation
        agenda.plan(
            .timer(timer, generation: generation, machine: index, life: machines[index].life), at: now + after)
    }

    // MARK: Threads

    /// From a pool of threads: answers come in any order.
    private mutating func answer(_ event: Event, to index: Int) {
        plan(event, for: index, at: now + .milliseconds(generator.pick(1...4)))
    }

    /// From the thread for execution and the chain store: answers come in the order of questions.
    private mutating func answerFromLedger(_ event: Event, to index: Int) {
        machines[index].ledgerFree = max(machines[index].ledgerFree, now) + .milliseconds(generator.pick(1...4))
        plan(event, for: index, at: machines[index].ledgerFree)
    }

    private mutating func persist(_ records: [VoteRecord], at index: Int) {
        machines[index].voteLogFree = max(machines[index].voteLogFree, now) + .milliseconds(generator.pick(1...6))
        agenda.plan(
            .synced(records, machine: index, life: machines[index].life), at: machines[index].voteLogFree)
    }

    private mutating func sign(_ vote: Vote, at index: Int) {
        oracle.signs(vote, by: machines[index].address, log: machines[index].disk.votes, name: name(index))
        plan(.signed(signed(vote, by: index)), for: index, at: now)
    }

    func signed(_ vote: Vote, by index: Int) -> SignedVote {
        let signature = SimulatedScheme().sign(
            vote.digest(chain: genesis.identity), by: machines[index].publicKey)
        return SignedVote(vote: vote, validator: machines[index].address, signature: signature)
    }

    // MARK: Execution

    private mutating func validate(_ request: ValidationRequest, at index: Int) {
        let outcome = outcome(of: request, at: index)
        answerFromLedger(.validated(request.purpose, block: request.block.hash, outcome), to: index)
    }

    private mutating func outcome(of request: ValidationRequest, at index: Int) -> ValidationOutcome {
        let store = machines[index].disk.store
        guard request.ancestry.parentHash == store.tail.hash else { return .stale }
        do throws(ValidationFailure<StateGap>) {
            return .valid(
                try executions.validate(
                    request.block, after: request.ancestry, reading: store.ledger, under: genesis.rules,
                    round: request.bound, senders: request.senders, conduct: request.conduct))
        } catch {
            guard case .invalid(let fault) = error else { return .unreadable("\(error)") }
            let proof = request.accusation.flatMap {
                proveInvalid(request.block, by: $0, after: request.ancestry, reading: store.ledger, genesis: genesis)
            }
            return .invalid(fault, proof)
        }
    }

    private mutating func build(_ request: BuildRequest, round: UInt64, _ sabotage: Sabotage?, at index: Int) {
        let store = machines[index].disk.store
        let height = request.ancestry.height
        guard request.ancestry.parentHash == store.tail.hash else {
            return answerFromLedger(.built(nil, height: height, round: round), to: index)
        }
        do {
            let block =
                try sabotage.map { try $0.build(request, reading: store.ledger, under: genesis.rules) }
                ?? Validation.build(request, reading: store.ledger, under: genesis.rules)
            answerFromLedger(.built(block, height: height, round: round), to: index)
        } catch {
            if keepsTrace { record(name(index) + " cannot build: \(error)") }
            answerFromLedger(.built(nil, height: height, round: round), to: index)
        }
    }

    private mutating func append(_ block: SealedBlock, at index: Int) {
        let store = machines[index].disk.store
        precondition(block.block.header.parentHash == store.tail.hash, "blocks are appended in order")
        milestones += 1
        if isRanger(index) { rangerBlocks += 1 }
        let hadForked = oracle.fork != nil
        let isHonest = !oracle.liars.contains(machines[index].address) || !oracle.laxHeights.isEmpty
        if isHonest {
            let (name, isRanger) = (name(index), isRanger(index))
            oracle.sealed(block, by: name, isRanger: isRanger, executing: &executions)
        }
        if !hadForked, oracle.fork != nil { revealAfterFork() }
        let delay = scenario.losesLatestBlocks ? generator.pick(1...100) : 0
        machines[index].disk.settle(at: now)
        machines[index].disk.append(
            CertifiedBlock(block: block.block, certificate: block.certificate),
            leading: ledger(after: block, on: store.ledger), safeFrom: now + .milliseconds(delay))
    }

    /// Shared where the oracle has come to the same state.
    private func ledger(after block: SealedBlock, on parent: MemoryLedger) -> MemoryLedger {
        if let known = oracle.ledger(after: block.hash), known.stateRoot == block.validated.stateRoot { return known }
        var ledger = parent
        ledger.apply(block.validated)
        return ledger
    }

    private mutating func serve(from: Height, count: UInt64, over number: PeerNumber, at index: Int) {
        carry(parcel(.blocks(machines[index].disk.run(from: from, count: count))), over: number, from: index)
    }

    // MARK: Proofs

    private mutating func prove(_ request: ProofRequest, at index: Int) {
        let proof = proveInvalid(
            request.block, by: request.accusation, after: request.ancestry,
            reading: machines[index].disk.store.ledger, genesis: genesis, accessList: request.accessList)
        answerFromLedger(.proved(block: request.block.hash, proof), to: index)
    }

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
        milestones += 1
        machines[index].disk.faults.append((proof.id, fault))
        machines[index].disk.proofs.append((proof, fault))
        if keepsProofs { proofs[proof.id] = proof }
        oracle.recorded(fault, by: name(index))
    }

    // MARK: Transactions

    private mutating func entry(for envelope: Bytes, at index: Int) -> PoolEntry? {
        guard let known = recover(envelope) else { return nil }
        let account: Account?
        do { account = try machines[index].disk.store.ledger.account(known.sender) } catch { return nil }
        return PoolEntry(transaction: known.transaction, sender: known.sender, account: account)
    }

    /// Decodes a transaction and recovers its sender, once a run.
    private mutating func recover(_ envelope: Bytes) -> Recovered? {
        if let known = recovered[envelope] { return known }
        guard let transaction = try? Transaction(envelope: envelope), let sender = try? transaction.recoverSender()
        else { return nil }
        if recovered.count >= Self.recoveredMax { recovered = [:] }
        let new = Recovered(transaction: transaction, sender: sender)
        recovered[envelope] = new
        return new
    }

    /// One wallet sends a little to another, or calls a contract, through some machine that is up.
    mutating func transfer() {
        let index = Int(generator.pick(0...UInt64(machines.count - 1)))
        let wallet = Int(generator.pick(0...UInt64(SimulatedNetwork.walletCount - 1)))
        guard machines[index].node != nil else { return }
        let transaction = SimulatedNetwork.transfer(from: wallet, nonce: nonces[wallet])
        let envelope = transaction.envelope
        if recovered[envelope] == nil, scenario.frames == .values {
            recovered[envelope] = Recovered(
                transaction: transaction, sender: SimulatedNetwork.wallet(wallet).address)
        }
        guard let entry = entry(for: envelope, at: index) else { return }
        nonces[wallet] += 1
        answer(.admitted([entry], from: .client(ticket: 0)), to: index)
    }
}
