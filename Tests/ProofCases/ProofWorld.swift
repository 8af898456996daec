public import Chain
import Consensus
import Crypto
public import FaultProofs
import Fixtures
public import Primitives
import SampleChain
import Validation

/// A chain with three liars and one honest validator, proofs of what the liars did, and everything that all of them
/// have signed.
public struct ProofWorld: Sendable {
    /// One valid proof, by name.
    public struct Sample: Sendable {
        public let name: String
        public let proof: FaultProof
        public let bytes: Bytes
    }

    public let genesis: Genesis
    /// The same keys on other chains: another number, and another first block of the same number.
    public let otherChains: [Genesis]
    public let samples: [Sample]
    /// The only validator that keeps the rules.
    public let honest: Address
    /// What can be put into a proof in place of something else.
    public let votes: [SignedVote]
    public let certificates: [CommitCertificate]
    public let headers: [Header]

    private static let honestSeat = 3

    public init() throws {
        var chain = try SampleChain()
        try chain.grow()
        try chain.grow([chain.transfer(from: 0)])
        genesis = chain.genesis
        honest = chain.nodeKeys[Self.honestSeat].publicKey.address
        otherChains = [
            try SampleChain { $0.chainID = 99 }.genesis,
            try SampleChain { $0.timestampDriftMilliseconds += 1 }.genesis,
        ]
        let maker = SampleMaker(chain: chain)
        let made = try maker.samples()
        samples = made.map { Sample(name: $0.name, proof: $0.proof, bytes: $0.proof.rlp) }
        votes = try maker.votes(of: made.map(\.proof), honestSeat: Self.honestSeat)
        certificates = chain.certificates.compactMap { $0 } + made.flatMap { $0.proof.certificates }
        headers = chain.blocks.map(\.header) + made.flatMap { $0.proof.headers }
    }

    /// The three that every byte of is tried with every other value.
    public var mainSamples: [Sample] {
        samples.filter { ["PAIR", "EXEC", "FORK"].contains($0.name) }
    }
}

extension FaultProof {
    fileprivate var certificates: [CommitCertificate] {
        switch self {
        case .fork(let evidence): return [evidence.first.certificate, evidence.second.certificate]
        case .header(let evidence): return evidence.accusation.certificates
        case .body(let evidence): return evidence.accusation.certificates
        case .transaction(let evidence): return evidence.accusation.certificates
        case .execution(let evidence): return evidence.accusation.certificates
        case .pair, .justification: return []
        }
    }

    fileprivate var headers: [Header] {
        switch self {
        case .fork(let evidence): [evidence.first.header, evidence.second.header]
        case .header(let evidence): [evidence.header]
        case .body(let evidence): [evidence.block.header]
        case .transaction(let evidence): [evidence.header]
        case .execution(let evidence): [evidence.block.header]
        case .justification(let evidence): [evidence.header]
        case .pair: []
        }
    }

    fileprivate var votes: [SignedVote] {
        switch self {
        case .pair(let first, let second): [first, second]
        case .fork(let evidence): evidence.votes
        case .justification(let evidence): [evidence.proposal] + evidence.justification.roundChanges
        case .header, .body, .transaction, .execution: []
        }
    }
}

extension Accusation {
    fileprivate var certificates: [CommitCertificate] {
        guard case .sealed(let certificate) = self else { return [] }
        return [certificate]
    }
}

/// Lets three liars do what there are proofs of.
private struct SampleMaker {
    let chain: SampleChain

    enum Failure: Error {
        case noProof(String)
    }

    private func sign(_ vote: Vote, _ seat: Int) -> SignedVote {
        SignedVote(vote, by: chain.nodeKeys[seat], chain: chain.genesis.identity)
    }

    /// A round of the next height in which a liar has the turn.
    private func lyingRound(from first: UInt64) -> UInt64 {
        let committee = chain.ancestry.committee
        let honest = chain.nodeKeys[3].publicKey.address
        var round = first
        while committee.proposer(height: chain.ancestry.height, round: round).address == honest { round += 1 }
        return round
    }

    private func proven(_ name: String, _ proof: FaultProof?) throws -> (name: String, proof: FaultProof) {
        guard let proof else { throw Failure.noProof(name) }
        return (name, proof)
    }

    /// The proof of a block that seats 0 to 2 have sealed.
    private func sealed(
        _ name: String, _ sabotage: Sabotage, _ candidates: [BuildRequest.Candidate], hasList: Bool = false
    ) throws -> (name: String, proof: FaultProof) {
        let built = try sabotage.build(chain.request(candidates), reading: chain.ledger, under: chain.rules)
        let accusation = Accusation.sealed(try chain.certificate(of: built.block))
        return try proven(
            name,
            proveInvalid(
                built.block, by: accusation, after: chain.ancestry, reading: chain.ledger, genesis: chain.genesis,
                accessList: hasList ? built.accessList : nil))
    }

    func samples() throws -> [(name: String, proof: FaultProof)] {
        let transfer = try chain.transfer(from: 1)
        let rich = try chain.transfer(from: 5, value: 5_000 * SampleChain.klay)
        let commit = Vote.commit(height: 9, round: 1, block: keccak256([1]))
        return try [
            proven("PAIR", proveContradiction(sign(commit, 0), sign(.roundChange(height: 9, to: 2), 0))),
            sealed("EXEC", .wrongStateRoot, [transfer]),
            fork(),
            sealed("HEADER", .wrongProposer(beneficiary: .zero), []),
            content(),
            sealed("BODY of a transaction", .badSignature(transfer), [], hasList: true),
            sealed("EXEC of a transaction", .overspend(rich), [transfer], hasList: true),
            unjustified(),
        ]
    }

    private func fork() throws -> (name: String, proof: FaultProof) {
        let blocks = try [
            chain.build([chain.transfer(from: 1)]).block, chain.build([chain.transfer(from: 2)], round: 1).block,
        ]
        func side(_ block: Block, round: UInt64, seats: [Int]) throws -> CertifiedHeader {
            CertifiedHeader(
                header: block.header, certificate: try chain.certificate(of: block, round: round, seats: seats))
        }
        let sides = try (side(blocks[0], round: 0, seats: [0, 1, 2]), side(blocks[1], round: 2, seats: [1, 2, 3]))
        let votes = [
            sign(.roundChange(height: 3, to: 2), 1),
            sign(.prepare(height: 3, round: 0, block: blocks[1].hash), 2),
        ]
        return try proven("FORK", proveFork(sides.0, sides.1, votes: votes))
    }

    /// A liar proposes a body that is not the header's.
    private func content() throws -> (name: String, proof: FaultProof) {
        let round = lyingRound(from: 0)
        let request = chain.request([try chain.transfer(from: 1)], round: round)
        let block = try Sabotage.wrongTransactionsRoot.build(request, reading: chain.ledger, under: chain.rules).block
        let accusation = Accusation.proposed(try chain.proposal(of: block, round: round))
        return try proven(
            "BODY",
            proveInvalid(
                block, by: accusation, after: chain.ancestry, reading: chain.ledger, genesis: chain.genesis))
    }

    private func unjustified() throws -> (name: String, proof: FaultProof) {
        let round = lyingRound(from: 4)
        let block = try chain.build(round: round).block
        let reasons = Justification(roundChanges: [sign(.roundChange(height: 3, to: round), 0)])
        let proposal = SignedVote(
            .proposal(of: block, round: round, because: reasons), by: try chain.proposer(round: round),
            chain: chain.genesis.identity)
        return try proven(
            "JUSTIFICATION",
            proveUnjustified(
                proposal, of: block, because: reasons, genesis: chain.genesis, scheme: P256()))
    }

    // MARK: What they have said besides

    /// The votes in the proofs, what liars say beyond that, and what the honest validator says where `Voter` lets it.
    func votes(of proofs: [FaultProof], honestSeat: Int) throws -> [SignedVote] {
        var numbers = SeededNumbers(seed: 1)
        let blocks = (UInt8(1)...3).map { keccak256([$0]) }
        var votes = proofs.flatMap(\.votes)
        for height in Height(4)...9 {
            var voter = Voter()
            voter.begin(height, having: [])
            for _ in 0..<40 {
                let round = UInt64(numbers.below(3))
                let block = blocks[numbers.below(3)]
                let drawn: [Vote] = [
                    .prepare(height: height, round: round, block: block),
                    .commit(height: height, round: round, block: block),
                    .proposal(height: height, round: round, block: block, content: block),
                    .roundChange(height: height, to: round + 1),
                    .roundChange(height: height, to: round + 1, prepared: (round: round, block: block)),
                ]
                let vote = drawn[numbers.below(drawn.count)]
                if voter.decide(vote) == .granted { votes.append(sign(vote, honestSeat)) }
                if numbers.below(4) == 0 { votes.append(sign(vote, numbers.below(honestSeat))) }
            }
        }
        return votes
    }
}
