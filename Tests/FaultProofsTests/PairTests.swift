import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing

struct `A pair of votes` {
    private let chain: SampleChain
    private let one = keccak256([1])
    private let two = keccak256([2])

    init() throws {
        chain = try SampleChain()
    }

    private func signed(_ vote: Vote, seat: Int = 0) -> SignedVote {
        SignedVote(vote, by: chain.nodeKeys[seat], chain: chain.genesis.identity)
    }

    private func verdict(_ proof: FaultProof) throws(ProofRejection) -> ProvenFault {
        try verify(proof, genesis: chain.genesis, scheme: P256())
    }

    @Test(arguments: [(VoteKind.commit, "E1"), (.prepare, "E2"), (.proposal, "E6")])
    func `for two blocks in one round convicts who signed both`(kind: VoteKind, rule: String) throws {
        let votes = [one, two].map { signed(Vote(kind: kind, height: 9, round: 3, block: $0)) }
        let proof = try #require(proveContradiction(votes[0], votes[1]))
        #expect(proveContradiction(votes[1], votes[0]) == proof)
        let fault = try verdict(proof)
        #expect(fault.kind == .pair)
        #expect(fault.rule == rule)
        #expect(fault.height == 9)
        #expect(fault.round == 3)
        #expect(fault.guilty == [votes[0].validator])
        #expect(fault.description.contains(votes[0].validator.hex))
        #expect(fault.description.contains(rule))
        #expect(try FaultProof(checking: proof.rlp) == proof)
    }

    @Test
    func `proposing two contents under one header convicts`() throws {
        let votes = [one, two].map { signed(.proposal(height: 1, round: 0, block: one, content: $0)) }
        let fault = try verdict(try #require(proveContradiction(votes[0], votes[1])))
        #expect(fault.rule == "E6")
        #expect(fault.description.contains("one content"))
    }

    @Test
    func `that an honest validator may cast both of convicts nobody`() throws {
        let commit = Vote.commit(height: 5, round: 1, block: one)
        let pairs: [(Vote, Vote)] = [
            (commit, commit),
            (commit, .commit(height: 5, round: 2, block: two)),
            (commit, .commit(height: 6, round: 1, block: two)),
            (commit, .prepare(height: 5, round: 1, block: two)),
            (commit, .prepare(height: 5, round: 1, block: one)),
            (.prepare(height: 5, round: 1, block: two), .proposal(height: 5, round: 1, block: one)),
            (.roundChange(height: 5, to: 3), .roundChange(height: 5, to: 4)),
            (.roundChange(height: 5, to: 3), .roundChange(height: 5, to: 3, prepared: (0, one))),
            // One that names its content and one of which it was left out are one proposal.
            (.proposal(height: 5, round: 1, block: one), .proposal(height: 5, round: 1, block: one, content: two)),
        ]
        for (first, second) in pairs {
            let votes = (signed(first), signed(second))
            #expect(proveContradiction(votes.0, votes.1) == nil)
            #expect(throws: ProofRejection.self) { try verdict(.pair(votes.0, votes.1)) }
            #expect(throws: ProofRejection.self) { try verdict(.pair(votes.1, votes.0)) }
        }
    }

    @Test
    func `by two validators convicts nobody`() throws {
        let votes = (
            signed(.commit(height: 1, round: 0, block: one)), signed(.commit(height: 1, round: 0, block: two), seat: 1)
        )
        #expect(proveContradiction(votes.0, votes.1) == nil)
        #expect(throws: ProofRejection.self) { try verdict(.pair(votes.0, votes.1)) }
    }

    @Test
    func `stands in one order only`() throws {
        let votes = [one, two].map { signed(.commit(height: 1, round: 0, block: $0)) }
        guard case .pair(let first, let second) = proveContradiction(votes[0], votes[1]) else {
            Issue.record("no proof")
            return
        }
        #expect(throws: ProofRejection.noContradiction("they do not ascend by block, content and justification")) {
            try verdict(.pair(second, first))
        }
    }

    @Test(arguments: [0, 1])
    func `with one signature of another's making convicts nobody`(forged: Int) throws {
        let votes = [one, two].map { signed(.commit(height: 1, round: 0, block: $0)) }
        guard case .pair(var first, var second) = proveContradiction(votes[0], votes[1]) else { return }
        // By another key, for another chain, and over another vote.
        let others = [
            chain.nodeKeys[1].sign(votes[0].vote.digest(chain: chain.genesis.identity)),
            chain.nodeKeys[0].sign(first.vote.digest(chain: ChainIdentity(chainID: 1, genesis: chain.genesis.hash))),
            chain.nodeKeys[0].sign(Vote.prepare(height: 1, round: 0, block: one).digest(chain: chain.genesis.identity)),
        ]
        for other in others {
            if forged == 0 { first.signature = other } else { second.signature = other }
            #expect(throws: ProofRejection.vote(.badSignature(first.validator))) {
                try verdict(.pair(first, second))
            }
        }
    }

    @Test
    func `by a stranger to the council convicts nobody`() throws {
        let stranger = try NodeKey(keccak256([0xff]))
        let votes = [one, two].map {
            SignedVote(.commit(height: 1, round: 0, block: $0), by: stranger, chain: chain.genesis.identity)
        }
        let proof = try #require(proveContradiction(votes[0], votes[1]))
        #expect(throws: ProofRejection.foreignValidator(stranger.publicKey.address)) { try verdict(proof) }
    }
}
