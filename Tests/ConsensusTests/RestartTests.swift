import Chain
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct RestartTests {
    @Test func `a validator that restarts says the same again and nothing else`() throws {
        var assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        assembly.begin()
        assembly.propose(block)
        try assembly.pass(from: assembly.proposer(0), to: Array(0..<4)) { $0.is(.proposal) }
        for from in 0..<4 { try assembly.pass(from: from, to: Array(0..<4)) { $0.is(.prepare) } }
        let index = (assembly.proposer(0) + 1) % 4
        let before = assembly.said[index].map(\.signedVote.vote)
        var again = QBFT(
            identity: assembly.committee.members[index].address, committee: assembly.committee,
            chain: Assembly.chain, timeouts: Assembly.timeouts, restored: assembly.logs[index])
        let signed = again.begin(1, committee: assembly.committee, patience: .zero).compactMap { action -> Vote? in
            if case .sign(let vote) = action { vote } else { nil }
        }
        #expect(signed == before)
        #expect(again.prepared?.block.hash == block.hash)
        // And it still claims what it has committed to.
        assembly.validators[index] = again
        assembly.said[index] = []
        assembly.timeout(index)
        let change = try #require(assembly.said[index].first { $0.is(.roundChange) })
        #expect(change.signedVote.vote.block == block.hash)
    }

    @Test func `a vote leaves only after its record is durable`() throws {
        var assembly = try Assembly(count: 4)
        assembly.begin()
        let index = assembly.proposer(0)
        _ = assembly.validators[index].blockIsDue(restartTimer: false)
        let actions = assembly.validators[index].built(Assembly.block("a"), round: 0)
        #expect(actions.count == 1)
        guard case .persist(let records) = actions.first else {
            Issue.record("expected the log to come first, found \(actions)")
            return
        }
        // Proposal and own prepare share one sync.
        #expect(records.count == 2)
        let signatures = assembly.validators[index].durable(records)
        #expect(signatures.count == 2)
    }

    @Test func `every record of the log survives its encoding`() throws {
        let assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        let certificate = PreparedCertificate(
            round: 3, block: block,
            prepares: (0..<3).map { assembly.sign(.prepare(height: 1, round: 3, block: block.hash), by: $0) })
        for record in [
            VoteRecord.vote(.commit(height: 1, round: 3, block: block.hash)),
            .vote(.roundChange(height: 1, to: 4, prepared: (round: 3, block: block.hash))),
            .prepared(height: 1, certificate),
        ] {
            #expect(try VoteRecord(rlp: record.rlp) == record)
        }
    }

    @Test(arguments: 0..<200)
    func `no bytes make a decoder trap`(seed: UInt64) throws {
        let assembly = try Assembly(count: 4)
        let block = Assembly.block("a")
        let proposal = Proposal(
            vote: assembly.sign(.proposal(of: block, round: 0), by: 0), block: block,
            roundChanges: [assembly.sign(.roundChange(height: 1, to: 1), by: 1)])
        var bytes = proposal.rlp
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        for _ in 0..<4 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
        }
        // Whatever comes out is either the error of the codec or a value.
        do {
            _ = try Proposal(rlp: bytes)
        } catch {
            #expect(!"\(error)".isEmpty)
        }
    }
}
