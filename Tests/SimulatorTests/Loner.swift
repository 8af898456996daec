import Chain
import Consensus
import Crypto
import FaultProofs
import Node
import Primitives
import Testing
import Validation

@testable import Simulator

/// One node of a council, driven by hand: its host answers at once, and its messages stay here.
struct Loner {
    static let council = 4
    static let genesis = SimulatedNetwork.genesis(council: council, wallets: [])

    let index: Int
    var node: Node<SimulatedScheme>
    var ledger = MemoryLedger(Self.genesis)
    var now = Duration.zero
    var votes: [VoteRecord] = []
    var chain: [SealedBlock] = []
    var followed: [CertifiedBlock] = []
    var replies: [Result<Hash32, PoolRefusal>] = []
    var sent: [(message: Message, to: [PeerNumber])] = []
    var notes: [Note] = []
    var recorded: [(proof: FaultProof, fault: ProvenFault)] = []
    var archived: [SignedVote] = []

    init(_ index: Int, clockBehind: Duration = .zero, memory: NodeMemory? = nil) {
        self.index = index
        let settings = NodeSettings(
            name: "cn\(index + 1)", genesis: Self.genesis, publicKey: SimulatedNetwork.nodeKey(index), listen: "",
            bootstrap: [], blockTime: .milliseconds(200),
            wallClockStart: World.epoch - UInt64(clockBehind / .milliseconds(1)))
        let tail = ChainTail(block: Self.genesis.block(), certificate: nil)
        node = Node(settings: settings, scheme: SimulatedScheme(), memory: memory ?? NodeMemory(tail: tail))
        handle(.started)
    }

    static func address(_ index: Int) -> Address { SimulatedNetwork.nodeKey(index).address }

    /// The index of the proposer of `round` at height 1.
    static func proposer(_ round: UInt64, height: Height = 1) -> Int {
        let proposer = genesis.council.committee(at: height, parent: .zero, sizeMax: 22)
            .proposer(height: height, round: round).address
        return (0..<council).first { address($0) == proposer } ?? 0
    }

    static func sign(_ vote: Vote, by index: Int) -> SignedVote {
        SignedVote(
            vote: vote, validator: address(index),
            signature: SimulatedScheme().sign(
                vote.digest(chain: genesis.identity), by: SimulatedNetwork.nodeKey(index)))
    }

    static func certificate(_ block: Block, by members: [Int], round: UInt64 = 0) -> CommitCertificate {
        let commit = Vote.commit(height: block.number, round: round, block: block.hash)
        return CommitCertificate(
            height: block.number, round: round, block: block.hash, commits: members.map { sign(commit, by: $0) })
    }

    /// Meets another node, under its index as the number of the connection.
    mutating func meet(_ other: Int, head: Height = 0, isRanger: Bool = false) {
        let number = PeerNumber(other)
        handle(.peerUp(number, key: SimulatedNetwork.nodeKey(other), isInbound: true))
        let hello = Hello(
            name: "node\(other)", isRanger: isRanger, head: head, headHash: .zero, listen: "")
        hear(.hello(hello), from: other)
    }

    mutating func hear(_ message: Message, from other: Int) {
        handle(.received(message.encoded, from: PeerNumber(other)))
    }

    mutating func handle(_ event: Event) {
        for action in node.handle(event, at: now) { perform(action) }
    }

    mutating func wait(_ duration: Duration, for timer: NodeTimer) {
        now += duration
        handle(.timer(timer))
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .send(let message, let numbers):
            if (try? Message(decoding: message.encoded)) != message { Issue.record("an undecodable frame is sent") }
            sent.append((message, numbers))
        case .validate(let request):
            handle(.validated(request.purpose, block: request.block.hash, outcome(of: request)))
        case .build(let request, let round, _):
            let block = try? Validation.build(request, reading: ledger, under: Self.genesis.rules)
            handle(.built(block, height: request.ancestry.height, round: round))
        case .persist(let records):
            votes += records
            handle(.durable(records))
        case .sign(let vote): handle(.signed(Self.sign(vote, by: index)))
        case .append(let block):
            ledger.apply(block.validated)
            chain.append(block)
        case .judge(let proof, let number): handle(.judged(proof, from: number, verdict(on: proof)))
        case .prove(let request):
            let proof = proveInvalid(
                request.block, by: request.accusation, after: request.ancestry, reading: ledger, genesis: Self.genesis,
                accessList: request.accessList)
            handle(.proved(block: request.block.hash, proof))
        case .record(let proof, let fault): recorded.append((proof, fault))
        case .archive(let votes): archived += votes
        case .follow(let block): followed.append(block)
        case .reply(_, let outcome): replies.append(outcome)
        case .note(let note): notes.append(note)
        default: break
        }
    }

    private func verdict(on proof: FaultProof) -> ProofOutcome {
        do {
            return .proven(try verify(proof, genesis: Self.genesis, scheme: SimulatedScheme()))
        } catch {
            return .refused("\(error)")
        }
    }

    private func outcome(of request: ValidationRequest) -> ValidationOutcome {
        do throws(ValidationFailure<StateGap>) {
            return .valid(
                try validate(
                    request.block, after: request.ancestry, reading: ledger, under: Self.genesis.rules,
                    round: request.bound))
        } catch {
            guard case .invalid(let fault) = error else { return .unreadable("\(error)") }
            return .invalid(fault, nil)
        }
    }

    /// The consensus messages of one kind that it has said.
    func said(_ kind: VoteKind) -> [ConsensusMessage] {
        sent.compactMap { entry -> ConsensusMessage? in
            switch entry.message {
            case .proposal(let proposal): .proposal(proposal)
            case .vote(let vote) where vote.validator == Self.address(index) && vote.vote.kind != .proposal: .vote(vote)
            case .roundChange(let change): .roundChange(change)
            default: nil
            }
        }
        .filter { $0.signedVote.vote.kind == kind }
    }

    /// What a proposer proposes at height 1 in round 0.
    static func proposal() throws -> Proposal {
        var proposer = Loner(proposer(0))
        for other in 0..<council where other != proposer.index { proposer.meet(other) }
        proposer.wait(.milliseconds(200), for: .blockDue)
        guard case .proposal(let proposal) = try #require(proposer.said(.proposal).first) else {
            throw Missing()
        }
        return proposal
    }

    struct Missing: Error {}
}
