import Chain
import Crypto
import Primitives
import Testing

@testable import Storage

/// The forensic archive on disk: what outlives the process, and within which bounds.
@Suite struct VoteTableTests {
    let scratch: Scratch
    let chain: TestChain

    init() throws {
        scratch = try Scratch()
        chain = try TestChain(seed: 1)
    }

    private func open() throws -> ChainStore {
        try ChainStore.open(path: scratch["chain.sqlite"], genesis: chain.genesis)
    }

    private func signed(_ vote: Vote, by validator: UInt8 = 1) -> SignedVote {
        let signature = NodeSignature(r: keccak256([validator]), s: vote.block)
        return SignedVote(vote: vote, validator: Address(lastBytesOf: keccak256([validator])), signature: signature)
    }

    private let block = keccak256([7])

    @Test func `votes of every kind come back as they were, after the file was closed`() throws {
        let votes = [
            signed(.proposal(height: 5, round: 0, block: block, content: keccak256([8]))),
            signed(
                Vote(
                    kind: .proposal, height: 5, round: 1, block: block, content: keccak256([8]),
                    justification: keccak256([9]))),
            signed(.prepare(height: 5, round: 1, block: block)), signed(.commit(height: 5, round: 1, block: block)),
            signed(.roundChange(height: 5, to: 2)),
            signed(.roundChange(height: 5, to: UInt64.max, prepared: (round: 1, block: block)), by: 2),
        ]
        do {
            let store = try open()
            try store.archive(votes)
            // The same again is no news.
            try store.archive(votes)
            try store.close()
        }
        #expect(try Set(open().view.archivedVotes()) == Set(votes))
    }

    @Test func `heights far below the newest are forgotten`() throws {
        let store = try open()
        try store.archive([signed(.commit(height: 5, round: 0, block: block))])
        try store.archive([signed(.commit(height: 84, round: 0, block: block))])
        #expect(try store.view.archivedVotes().map(\.vote.height) == [5, 84])
        try store.archive([signed(.commit(height: 85, round: 0, block: block))])
        #expect(try store.view.archivedVotes().map(\.vote.height) == [84, 85])
    }

    @Test func `one validator fills its own room at a height only`() throws {
        let store = try open()
        let flood = (0..<UInt64(VoteTable.votesPerValidatorMax) + 50).map {
            signed(.commit(height: 5, round: $0, block: block))
        }
        try store.archive(flood)
        try store.archive([signed(.commit(height: 5, round: 0, block: block), by: 2)])
        #expect(try store.view.archivedVotes().count == VoteTable.votesPerValidatorMax + 1)
    }

    @Test func `where the table is full, whoever has most gives way`() throws {
        let store = try open()
        let honest = signed(.commit(height: 1, round: 1_000, block: block), by: 9)
        try store.archive([honest])
        // Two liars, as many votes a height as each may have.
        for height in Height(1)...66 {
            var votes: [SignedVote] = []
            for round in 0..<UInt64(VoteTable.votesPerValidatorMax) {
                for liar in [1, 2] as [UInt8] {
                    votes.append(signed(.commit(height: height, round: round, block: block), by: liar))
                }
            }
            try store.archive(votes)
        }
        let kept = try store.view.archivedVotes()
        #expect(kept.count <= VoteTable.votesMax && kept.count > VoteTable.votesMax - 2 * VoteTable.evictedAtOnce)
        #expect(kept.contains(honest))
        #expect(kept.filter { $0.vote.round == 0 }.count == 132, "low rounds stay")
    }

    @Test func `a damaged row is named`() throws {
        let store = try open()
        try store.archive([signed(.commit(height: 5, round: 0, block: block))])
        try store.database.execute("UPDATE votes SET kind = 'blessing'")
        #expect(throws: StorageError.self) { try store.view.archivedVotes() }
    }
}
