import Chain
import Crypto
import Primitives
import Ranger
import Testing

/// Silence is counted, never accused.
@Suite struct ScoreTests {
    let council: Council

    init() throws {
        council = try Council(
            (0..<4).map {
                CouncilMember(publicKey: try NodeKey(keccak256([UInt8($0)])).publicKey, rewardAddress: .zero)
            })
    }

    private func committee(_ height: Height, _ parent: Hash32) -> Committee {
        council.committee(at: height, parent: parent, sizeMax: 22)
    }

    /// Sealed by the members at `signers`.
    private func sealed(_ height: Height, round: UInt64, by signers: [Int]) -> SealedHeader {
        var header = Header()
        header.number = height
        let seals = signers.map { Seal(validator: council.members[$0].address, signature: MessageTests.signature) }
        return SealedHeader(
            header, hash: header.hash,
            certificate: CommitCertificate(height: height, round: round, block: header.hash, seals: seals))
    }

    @Test func `missing seals and missed proposals are counted from certificates alone`() {
        let seals = RecentSeals([
            sealed(1, round: 0, by: [0, 1, 2]), sealed(2, round: 2, by: [0, 1, 2]), sealed(3, round: 0, by: [1, 2, 3]),
        ])
        let scores = RangerState(seals: seals).scores(of: council.members.map(\.address), committee: committee)
        #expect(scores.map(\.sealsMissed) == [1, 0, 0, 2])
        #expect(scores.allSatisfy { $0.heights == 3 && $0.heightsHeard == 0 && $0.unheard == 0 })
        let late = (0..<2 as Range<UInt64>).map { committee(2, .zero).proposer(height: 2, round: $0).address }
        for score in scores {
            let missed = late.contains(score.validator)
            #expect(score.proposalsMissed == (missed ? 1 : 0) && score.lastProposalMissed == (missed ? 2 : nil))
        }
    }

    @Test func `a round that a certificate makes up costs no time`() {
        let seals = RecentSeals([sealed(1, round: .max, by: [0])])
        let scores = RangerState(seals: seals).scores(of: council.members.map(\.address), committee: committee)
        #expect(scores.map(\.proposalsMissed) == [1, 1, 1, 1])
    }

    @Test func `the window has an end, and a gap begins it anew`() {
        var seals = RecentSeals((1...Height(RecentSeals.heightsMax) + 10).map { sealed($0, round: 0, by: [0]) })
        #expect(seals.headers.count == RecentSeals.heightsMax && seals[10] == nil && seals[11] != nil)
        seals.add(sealed(900, round: 0, by: [0]))
        #expect(seals.headers.map(\.height) == [900] && seals[899] == nil && seals[.max] == nil)
    }
}
