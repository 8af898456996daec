import Chain
import Crypto
import Primitives
import Testing

@Suite struct VoteTests {
    private static let block = keccak256(Bytes("block".utf8))

    /// Every vote that differs in one thing from a commit at height 7, round 2.
    static let others: [(name: String, vote: Vote)] = [
        ("other height", .commit(height: 8, round: 2, block: block)),
        ("other round", .commit(height: 7, round: 3, block: block)),
        ("round and height exchanged", .commit(height: 2, round: 7, block: block)),
        ("other block", .commit(height: 7, round: 2, block: keccak256(Bytes("other".utf8)))),
        ("proposal", .proposal(height: 7, round: 2, block: block)),
        ("proposal with content", .proposal(height: 7, round: 2, block: block, content: block)),
        ("prepare", .prepare(height: 7, round: 2, block: block)),
        ("round change", .roundChange(height: 7, to: 2, prepared: (round: 1, block: block))),
    ]

    /// QBFT.md points 7 and 12, FAULTS B21: a signature counts for its own kind, chain, height, round and block.
    @Test(arguments: others)
    func `a signature is valid for one vote only`(other: (name: String, vote: Vote)) throws {
        let committee = try Sample.committee(4)
        let key = try Sample.nodeKey(0)
        let vote = Vote.commit(height: 7, round: 2, block: VoteTests.block)
        let signed = SignedVote(vote, by: key, chain: Sample.chain)
        let verified = try Verified(checking: signed, committee: committee, chain: Sample.chain, scheme: P256())
        #expect(verified.value == signed)
        var replayed = signed
        replayed.vote = other.vote
        #expect(throws: VoteError.badSignature(signed.validator)) {
            try Verified(checking: replayed, committee: committee, chain: Sample.chain, scheme: P256())
        }
        #expect(other.vote.digest(chain: Sample.chain) != vote.digest(chain: Sample.chain))
    }

    @Test func `a signature is valid on one chain only`() throws {
        let committee = try Sample.committee(4)
        let vote = Vote.prepare(height: 1, round: 0, block: VoteTests.block)
        let signed = SignedVote(vote, by: try Sample.nodeKey(1), chain: ChainIdentity(chainID: 1, genesis: .zero))
        #expect(throws: VoteError.badSignature(signed.validator)) {
            try Verified(
                checking: signed, committee: committee, chain: ChainIdentity(chainID: 2, genesis: .zero), scheme: P256()
            )
        }
    }

    /// QBFT.md point 11: membership first, signature second.
    @Test func `strangers are refused before their signature is looked at`() throws {
        struct Unreachable: SignatureScheme {
            func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
                Issue.record("a stranger's signature was checked")
                return true
            }
        }
        let stranger = try Sample.nodeKey(4)
        let vote = Vote.roundChange(height: 3, to: 1)
        let signed = SignedVote(vote, by: stranger, chain: Sample.chain)
        #expect(throws: VoteError.foreignValidator(stranger.publicKey.address)) {
            try Verified(
                checking: signed, committee: Sample.committee(4), chain: Sample.chain, scheme: Unreachable())
        }
    }

    @Test func `a member's name under another member's signature is refused`() throws {
        let vote = Vote.prepare(height: 1, round: 0, block: VoteTests.block)
        var signed = SignedVote(vote, by: try Sample.nodeKey(0), chain: Sample.chain)
        signed.validator = try Sample.nodeKey(1).publicKey.address
        let forged = signed
        #expect(throws: VoteError.badSignature(forged.validator)) {
            try Verified(
                checking: forged, committee: Sample.committee(4), chain: Sample.chain, scheme: P256())
        }
    }

    /// RLP writes round 0 and "none" alike; the digest must not.
    @Test func `prepared in round 0 and not prepared are different claims`() {
        let prepared = Vote(kind: .roundChange, height: 1, round: 1, block: VoteTests.block, preparedRound: 0)
        let unprepared = Vote(kind: .roundChange, height: 1, round: 1, block: VoteTests.block, preparedRound: nil)
        #expect(
            prepared.digest(chain: ChainIdentity(chainID: 1, genesis: .zero))
                != unprepared.digest(chain: ChainIdentity(chainID: 1, genesis: .zero)))
        #expect(prepared.rlp != unprepared.rlp)
    }

    /// The block's hash covers the header alone; the proposer answers for the body too.
    @Test func `a proposal's signature binds the content it names`() throws {
        var random = SeededRandom(seed: 41)
        let block = try Sample.block(&random)
        let other = Block(header: block.header, transactions: [], extension: block.extension)
        #expect(other.hash == block.hash)
        #expect(other.contentHash != block.contentHash)
        let digests = [nil, block.contentHash, other.contentHash].map {
            Vote.proposal(height: 1, round: 0, block: block.hash, content: $0).digest(
                chain: ChainIdentity(chainID: 1, genesis: .zero))
        }
        #expect(Set(digests).count == 3)
    }

    @Test func `a proposal's signature binds the justification it names`() {
        let votes = [nil, Hash32(Bytes(repeating: 1, count: 32)), Hash32(Bytes(repeating: 2, count: 32))].map {
            Vote.proposal(height: 1, round: 1, block: VoteTests.block, content: VoteTests.block, justification: $0)
        }
        #expect(votes.allSatisfy { $0.isWellFormed })
        #expect(Set(votes.map { $0.digest(chain: Sample.chain) }).count == 3)
    }

    @Test func `a vote for one genesis is none for another of the same number`() throws {
        let vote = Vote.commit(height: 1, round: 0, block: VoteTests.block)
        let signed = SignedVote(vote, by: try Sample.nodeKey(0), chain: Sample.chain)
        let other = ChainIdentity(chainID: Sample.chainID, genesis: .zero)
        #expect(throws: VoteError.badSignature(signed.validator)) {
            try Verified(checking: signed, committee: Sample.committee(4), chain: other, scheme: P256())
        }
    }

    static let malformed = [
        Vote(kind: .proposal, height: 1, round: 0, block: block, content: block, justification: block),
        Vote(kind: .commit, height: 1, round: 1, block: block, justification: block),
        Vote(kind: .commit, height: 1, round: 0, block: .zero),
        Vote(kind: .proposal, height: 1, round: 3, block: block, preparedRound: 2),
        Vote(kind: .prepare, height: 1, round: 3, block: block, content: block),
        Vote(kind: .roundChange, height: 1, round: 2, block: .zero, content: block),
        Vote(kind: .roundChange, height: 1, round: 0, block: .zero),
        Vote(kind: .roundChange, height: 1, round: 2, block: block),
        Vote(kind: .roundChange, height: 1, round: 2, block: .zero, preparedRound: 1),
        Vote(kind: .roundChange, height: 1, round: 2, block: block, preparedRound: 2),
    ]

    @Test(arguments: malformed)
    func `a vote that contradicts itself is refused, from the wire and in memory`(vote: Vote) throws {
        #expect(!vote.isWellFormed)
        #expect(throws: RLPError.self) { try Vote(rlp: vote.rlp) }
        let signed = SignedVote(vote, by: try Sample.nodeKey(0), chain: Sample.chain)
        #expect(throws: VoteError.malformed(vote.kind)) {
            try Verified(
                checking: signed, committee: Sample.committee(4), chain: Sample.chain, scheme: P256())
        }
    }

    /// Two builds, two machines, two processes: one digest. A change here is a change of the protocol.
    @Test func `digests stay what they are`() {
        let digest = Vote.commit(height: 7, round: 2, block: VoteTests.block).digest(chain: Sample.chain)
        #expect(digest.hex == "0xfba8bd458ba55970cf8b841de748114137a74c9803685453ed8c23e7f382edee")
    }

    /// A message of several signed votes is verified only if all of them are.
    @Test func `one bad attestation spoils the whole`() throws {
        struct Message: Attested {
            var attestations: [SignedVote]
        }
        let committee = try Sample.committee(4)
        let commits = try Sample.commits(of: 0..<4, in: 4, block: VoteTests.block)
        _ = try Verified(
            checking: Message(attestations: commits), committee: committee, chain: Sample.chain, scheme: P256())
        for position in commits.indices {
            var spoilt = Message(attestations: commits)
            spoilt.attestations[position].vote.round += 1
            let message = spoilt
            #expect(throws: VoteError.badSignature(commits[position].validator)) {
                try Verified(checking: message, committee: committee, chain: Sample.chain, scheme: P256())
            }
        }
    }
}
