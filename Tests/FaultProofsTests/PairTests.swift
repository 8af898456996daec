import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing

struct `A pair of votes` {
    private let chain: SampleChain
    private static let one = min(keccak256([1]), keccak256([2]))
    private static let two = max(keccak256([1]), keccak256([2]))
    private static let three = keccak256([3])

    init() throws {
        chain = try SampleChain()
    }

    private func signed(_ vote: Vote, seat: Int = 0) -> SignedVote {
        SignedVote(vote, by: chain.nodeKeys[seat], chain: chain.genesis.identity)
    }

    private func verdict(_ proof: FaultProof) throws(ProofRejection) -> ProvenFault {
        try verify(proof, genesis: chain.genesis, scheme: P256())
    }

    private static func commit(_ block: Hash32, _ round: UInt64 = 3) -> Vote {
        .commit(height: 9, round: round, block: block)
    }
    private static func prepare(_ block: Hash32, _ round: UInt64 = 3) -> Vote {
        .prepare(height: 9, round: round, block: block)
    }
    private static func change(_ target: UInt64, _ prepared: (UInt64, Hash32)? = nil) -> Vote {
        .roundChange(height: 9, to: target, prepared: prepared.map { (round: $0.0, block: $0.1) })
    }
    private static func proposal(_ block: Hash32, _ content: Hash32? = nil, _ reason: Hash32? = nil) -> Vote {
        .proposal(height: 9, round: 3, block: block, content: content, justification: reason)
    }

    struct Pair: Sendable, CustomTestStringConvertible {
        let rule: String
        /// In their order.
        let first, second: Vote
        /// What a newcomer reads.
        let words: [String]
        let testDescription: String

        init(_ rule: String, _ first: Vote, _ second: Vote, _ description: String, _ words: String...) {
            (self.rule, self.first, self.second, testDescription) = (rule, first, second, "\(rule): \(description)")
            self.words = words
        }
    }

    static let pairs = [
        Pair("E1", commit(one), commit(two), "two commits in one round", "commits for \(one) and \(two)"),
        Pair("E2", prepare(one), prepare(two), "two prepares in one round", "prepares for \(one) and \(two)"),
        Pair(
            "E3", prepare(two), commit(one), "a commit to another block than the one prepared",
            "a commit to \(two), which it prepared in round 3", "a commit to \(one)"),
        Pair(
            "E4", commit(one), change(4), "a round change that names nothing after a commit", "names no block",
            "names \(one), to which it committed in round 3"),
        Pair("E4", commit(one), change(5, (2, one)), "one that names an older round", "names \(one) of round 2"),
        Pair("E4", commit(one), change(9, (3, two)), "one that names another block of that round", "\(two) of round 3"),
        Pair("E5", change(4), change(4, (0, one)), "two claims to one target", "names no block"),
        Pair("E5", change(4, (1, one)), change(4, (2, one)), "two rounds of one block", "one claim"),
        Pair("E5", change(4, (1, one)), change(4, (1, two)), "two blocks of one round", "one claim"),
        Pair("E6", proposal(one), proposal(two), "two blocks", "one proposal in round 3"),
        Pair("E6", proposal(one, one), proposal(one, two), "two contents", "one content of block \(one)"),
        Pair(
            "E6", proposal(one, one, one), proposal(one, one, two), "two justifications", "one justification",
            "justifications \(one) and \(two)"),
        Pair("E6", proposal(one, one), proposal(two, three, three), "all at once", "one proposal"),
    ]

    @Test(arguments: pairs)
    func `that contradict each other convicts who signed both`(pair: Pair) throws {
        let (first, second) = (signed(pair.first), signed(pair.second))
        let proof = try #require(proveContradiction(first, second))
        #expect(proveContradiction(second, first) == proof)
        #expect(proof == .pair(first, second))
        let fault = try verdict(proof)
        #expect(fault.kind == .pair)
        #expect(fault.rule == pair.rule)
        #expect(fault.height == 9)
        #expect(fault.round == pair.first.round)
        #expect(fault.block != .zero)
        #expect(fault.guilty == [first.validator])
        for words in pair.words + [first.validator.hex, pair.rule] {
            #expect(fault.description.contains(words), "\(fault)")
        }
        #expect(try FaultProof(checking: proof.rlp) == proof)
        #expect(proof.rlp.count < 1_024)
        #expect(throws: ProofRejection.noContradiction("they stand in the wrong order")) {
            try verdict(.pair(second, first))
        }
    }

    static let innocent: [(Vote, Vote)] = [
        (commit(one), commit(one)),
        (commit(one, 1), commit(two, 2)),
        (commit(one), .commit(height: 8, round: 3, block: two)),
        (prepare(one), commit(one)),
        (prepare(two, 2), commit(one, 3)),
        (prepare(two), .commit(height: 8, round: 3, block: one)),
        (prepare(two), proposal(one)),
        // What was committed to is remembered, or a quorum has prepared another block since.
        (commit(one), change(4, (3, one))),
        (commit(one), change(9, (4, two))),
        (commit(one), change(3)),
        (commit(one), change(2, (0, two))),
        (commit(one), .roundChange(height: 8, to: 4)),
        (change(3), change(4)),
        (change(3), change(4, (0, one))),
        (change(4), .roundChange(height: 8, to: 4, prepared: (0, one))),
        // One that leaves out what another names says less, but nothing else.
        (proposal(one), proposal(one, two)),
        (proposal(one, one), proposal(one, one, two)),
        (proposal(one), .proposal(height: 9, round: 2, block: two)),
        // No honest node writes such a vote, and nobody counts it.
        (change(4), Vote(kind: .roundChange, height: 9, round: 4, block: one)),
        (commit(.zero), commit(one)),
        (commit(one, 0), Vote(kind: .roundChange, height: 9, round: 1, block: one, preparedRound: 1)),
    ]

    @Test(arguments: innocent.indices)
    func `that an honest validator may cast both of convicts nobody`(index: Int) {
        let votes = (signed(Self.innocent[index].0), signed(Self.innocent[index].1))
        #expect(proveContradiction(votes.0, votes.1) == nil)
        #expect(proveContradiction(votes.1, votes.0) == nil)
        let rejection = ProofRejection.noContradiction("an honest validator may cast both")
        #expect(throws: rejection) { try verdict(.pair(votes.0, votes.1)) }
        #expect(throws: rejection) { try verdict(.pair(votes.1, votes.0)) }
    }

    @Test
    func `by two validators convicts nobody`() throws {
        let votes = (signed(Self.commit(Self.one)), signed(Self.commit(Self.two), seat: 1))
        #expect(proveContradiction(votes.0, votes.1) == nil)
        #expect(throws: ProofRejection.self) { try verdict(.pair(votes.0, votes.1)) }
    }

    @Test(arguments: pairs, [0, 1])
    func `with one signature of another's making convicts nobody`(pair: Pair, forged: Int) throws {
        var votes = [signed(pair.first), signed(pair.second)]
        let vote = votes[forged].vote
        let identity = chain.genesis.identity
        // By another key, for another number and for another genesis, and over another vote.
        let others = [
            chain.nodeKeys[1].sign(vote.digest(chain: identity)),
            chain.nodeKeys[0].sign(vote.digest(chain: ChainIdentity(chainID: 1, genesis: identity.genesis))),
            chain.nodeKeys[0].sign(
                vote.digest(chain: ChainIdentity(chainID: identity.chainID, genesis: Self.three))),
            votes[1 - forged].signature,
        ]
        for other in others {
            votes[forged].signature = other
            #expect(throws: ProofRejection.vote(.badSignature(votes[0].validator))) {
                try verdict(.pair(votes[0], votes[1]))
            }
        }
    }

    @Test
    func `by a stranger to the council convicts nobody`() throws {
        let stranger = try NodeKey(keccak256([0xff]))
        let votes = [Self.one, Self.two].map {
            SignedVote(Self.commit($0), by: stranger, chain: chain.genesis.identity)
        }
        let proof = try #require(proveContradiction(votes[0], votes[1]))
        #expect(throws: ProofRejection.foreignValidator(stranger.publicKey.address)) { try verdict(proof) }
    }
}
