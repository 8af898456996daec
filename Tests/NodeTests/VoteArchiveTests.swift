import Chain
import Crypto
import FaultProofs
import Primitives
import Ranger
import Testing

/// The forensic archive: what convicts, and what nobody can do to it.
@Suite struct VoteArchiveTests {
    struct AnySignature: SignatureScheme {
        func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool { true }
    }

    let council: Council
    let identity = ChainIdentity(chainID: 7, genesis: .zero)

    init() throws {
        council = try Council(
            (0..<4).map {
                CouncilMember(publicKey: try NodeKey(keccak256([UInt8($0)])).publicKey, rewardAddress: .zero)
            })
    }

    private func signed(_ vote: Vote, by index: Int = 0) throws -> Verified<SignedVote> {
        let signed = SignedVote(
            vote: vote, validator: council.members[index].address, signature: MessageTests.signature)
        return try Verified(
            checking: signed, committee: council.committee(at: 0, parent: .zero, sizeMax: 100), chain: identity,
            scheme: AnySignature())
    }

    private func block(_ number: UInt64) -> Hash32 { keccak256([UInt8(truncatingIfNeeded: number), 7]) }

    static let pairs: [(name: String, first: Vote, second: Vote)] = {
        let (one, other) = (keccak256([1]), keccak256([2]))
        return [
            ("E1", .commit(height: 5, round: 0, block: one), .commit(height: 5, round: 0, block: other)),
            ("E2", .prepare(height: 5, round: 0, block: one), .prepare(height: 5, round: 0, block: other)),
            ("E3", .prepare(height: 5, round: 0, block: one), .commit(height: 5, round: 0, block: other)),
            ("E4", .commit(height: 5, round: 0, block: one), .roundChange(height: 5, to: 2)),
            (
                "E5", .roundChange(height: 5, to: 2),
                .roundChange(height: 5, to: 2, prepared: (round: 0, block: one))
            ),
            ("E6", .proposal(height: 5, round: 0, block: one), .proposal(height: 5, round: 0, block: other)),
        ]
    }()

    @Test(arguments: pairs.indices, [false, true])
    func `two votes that no honest validator casts both become a proof, in either order`(
        index: Int, isReversed: Bool
    ) throws {
        let pair = Self.pairs[index]
        var archive = VoteArchive()
        let (first, second) = isReversed ? (pair.second, pair.first) : (pair.first, pair.second)
        #expect(archive.add(try signed(first), head: 4).proofs.isEmpty)
        let addition = archive.add(try signed(second), head: 4)
        #expect(addition.isKept && addition.proofs.map(\.kind) == [.pair], "\(pair.name)")
        // Said again, it is no news.
        let again = archive.add(try signed(second), head: 4)
        #expect(!again.isKept && again.proofs.isEmpty)
    }

    @Test func `votes of two validators, of two heights, and what may both be said accuse nobody`() throws {
        var archive = VoteArchive()
        let votes: [(vote: Vote, by: Int)] = [
            (.commit(height: 5, round: 0, block: block(1)), 0), (.commit(height: 5, round: 0, block: block(2)), 1),
            (.commit(height: 6, round: 0, block: block(2)), 0), (.prepare(height: 5, round: 0, block: block(1)), 0),
            (.roundChange(height: 5, to: 1, prepared: (round: 0, block: block(1))), 0),
            (.prepare(height: 5, round: 1, block: block(3)), 0),
        ]
        for entry in votes { #expect(archive.add(try signed(entry.vote, by: entry.by), head: 4).proofs.isEmpty) }
        #expect(archive.count == votes.count && archive.heightCount == 2)
        #expect(archive.votes(at: 5).count == 5)
    }

    @Test func `a second commit is told as one deed, although it contradicts the prepare as well`() throws {
        var archive = VoteArchive()
        _ = archive.add(try signed(.prepare(height: 5, round: 0, block: block(1))), head: 4)
        _ = archive.add(try signed(.commit(height: 5, round: 0, block: block(1))), head: 4)
        let proofs = archive.add(try signed(.commit(height: 5, round: 0, block: block(2))), head: 4).proofs
        #expect(proofs.count == 1)
    }

    // MARK: Bounds

    @Test func `no more statements of one kind and round are kept than complete a proof`() throws {
        var archive = VoteArchive()
        for number in 0..<20 as Range<UInt64> {
            let addition = archive.add(try signed(.commit(height: 5, round: 0, block: block(number))), head: 4)
            #expect(addition.isKept == (number < VoteArchive.statementsPerSlotMax))
            // It convicts all the same.
            #expect(addition.proofs.isEmpty == (number == 0))
        }
        #expect(archive.count == VoteArchive.statementsPerSlotMax)
    }

    @Test func `a validator fills its own room only, and low rounds stay`() throws {
        var archive = VoteArchive()
        _ = archive.add(try signed(.commit(height: 5, round: 0, block: block(9)), by: 1), head: 4)
        for round in (0..<UInt64(VoteArchive.votesPerValidatorMax) + 100).reversed() {
            _ = archive.add(try signed(.commit(height: 5, round: round, block: block(1))), head: 4)
        }
        #expect(archive.count == VoteArchive.votesPerValidatorMax + 1)
        #expect(archive.hasCommit(by: council.members[1].address, to: block(9), at: 5) == true)
        // The double vote in a low round is still seen.
        let proofs = archive.add(try signed(.commit(height: 5, round: 0, block: block(2))), head: 4).proofs
        #expect(!proofs.isEmpty)
    }

    @Test func `where the archive is full, whoever has most gives way`() throws {
        var archive = VoteArchive()
        let honest = try signed(.commit(height: 100, round: 9, block: block(9)), by: 1)
        _ = archive.add(honest, head: 100)
        // Three liars together can say more than there is room for.
        for height in Height(37)...116 {
            for round in 0..<UInt64(70) {
                for index in [0, 2, 3] {
                    _ = archive.add(
                        try signed(.prepare(height: height, round: round, block: block(1)), by: index), head: 100)
                    _ = archive.add(
                        try signed(.commit(height: height, round: round, block: block(1)), by: index), head: 100)
                }
            }
        }
        #expect(archive.count <= VoteArchive.votesMax)
        #expect(archive.contains(honest.value))
    }

    @Test func `old heights are forgotten, and those far ahead are not kept`() throws {
        var archive = VoteArchive()
        _ = archive.add(try signed(.commit(height: 5, round: 0, block: block(1))), head: 4)
        let far = try signed(.commit(height: 21, round: 0, block: block(1)))
        #expect(!archive.add(far, head: 4).isKept)
        #expect(archive.add(far, head: 5).isKept)
        _ = archive.add(try signed(.commit(height: 70, round: 0, block: block(1))), head: 69)
        #expect(archive.votes(at: 5).isEmpty && archive.count == 2)
        #expect(!archive.covers(.max, head: 0) && !archive.covers(0, head: .max))
    }
}
