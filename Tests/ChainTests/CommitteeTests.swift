import Chain
import Crypto
import Primitives
import Testing

@Suite struct CommitteeTests {
    /// n, quorum and f of QBFT.md: ⌈2n/3⌉ and ⌊(n − 1)/3⌋, all of fewer than four.
    static let table: [(count: Int, quorum: Int, faults: Int)] = [
        (1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 3, 1), (5, 4, 1), (6, 4, 1), (7, 5, 2), (8, 6, 2), (9, 6, 2),
        (10, 7, 3), (11, 8, 3), (12, 8, 3), (13, 9, 4), (14, 10, 4), (15, 10, 4), (16, 11, 5), (17, 12, 5),
        (18, 12, 5), (19, 13, 6), (20, 14, 6), (21, 14, 6), (22, 15, 7),
    ]

    @Test(arguments: table)
    func `quorum and fault tolerance follow the table`(row: (count: Int, quorum: Int, faults: Int)) throws {
        let committee = try Sample.committee(row.count)
        #expect(committee.count == row.count)
        #expect(committee.quorum == row.quorum)
        #expect(committee.faultTolerance == row.faults)
        // Two quorums share an honest member, and the honest alone make a quorum.
        #expect(2 * committee.quorum - committee.count > committee.faultTolerance)
        #expect(committee.count - committee.faultTolerance >= committee.quorum || committee.count < 4)
    }

    @Test func `everybody proposes in turn, by height and by round`() throws {
        for count in [1, 3, 4, 7, 22] {
            let committee = try Sample.committee(count)
            for start: Height in [0, 5, .max - 30] {
                var byHeight: [Address] = []
                var byRound: [Address] = []
                for step: UInt64 in 0..<UInt64(count) {
                    byHeight.append(committee.proposer(height: start + step, round: 0).address)
                    byRound.append(committee.proposer(height: start, round: step).address)
                }
                #expect(byHeight.sorted() == committee.members.map(\.address))
                #expect(byRound.sorted() == committee.members.map(\.address))
            }
            // Neither sum nor remainder overflows.
            #expect(committee.contains(committee.proposer(height: .max, round: .max).address))
        }
        let committee = try Sample.committee(4)
        #expect(committee.proposer(height: 6, round: 3) == committee.members[(6 + 3) % 4])
    }

    @Test func `members are found by address and strangers are not`() throws {
        let committee = try Sample.committee(22)
        for (seat, member) in committee.members.enumerated() {
            #expect(committee.index(of: member.address) == seat)
            #expect(committee.member(member.address) == member)
        }
        #expect(committee.index(of: .zero) == nil)
        #expect(committee.member(Address(Bytes(repeating: 0xff, count: 20))) == nil)
        #expect(!committee.contains(try Sample.member(22).address))
    }

    @Test func `a council is sorted, bounded, without repetition, and one encoding has one hash`() throws {
        let members = try (0..<7).map(Sample.member)
        let council = try Council(members)
        #expect(council.members.map(\.address) == members.map(\.address).sorted())
        #expect(try Council(members.reversed()) == council)
        #expect(try Council(members.dropLast()).hash != council.hash)
        var repaid = members
        repaid[2] = CouncilMember(publicKey: members[2].publicKey, rewardAddress: .zero)
        #expect(try Council(repaid).hash != council.hash)
        #expect(throws: CouncilError.noMembers) { try Council([]) }
        #expect(throws: CouncilError.duplicateMember(repaid[2].address)) { try Council(members + [repaid[2]]) }
        #expect(throws: CouncilError.tooManyMembers(limit: 100, found: 101)) {
            try Council([CouncilMember](repeating: members[0], count: 101))
        }
        var encoder = RLPEncoder()
        encoder.append(list: council.members.reversed())
        #expect(throws: RLPError.self) { try Council(rlp: encoder.bytes) }
    }

    @Test func `a small council is its own committee at every height`() throws {
        let council = try Sample.council(7)
        for height in Height(1)..<10 {
            let committee = council.committee(at: height, parent: Hash32(height, 0, 0, 0), sizeMax: 7)
            #expect(committee.members == council.members)
        }
    }

    @Test func `a great council draws by lot: by parent and height alone, and fairly`() throws {
        let council = try Sample.council(30)
        var seats = [Int](repeating: 0, count: 30)
        let draws = 600
        for number in 0..<UInt64(draws) {
            let parent = keccak256(Hash32(number, 0, 0, 0))
            let committee = council.committee(at: number, parent: parent, sizeMax: 10)
            #expect(committee.count == 10)
            #expect(committee.members.map(\.address) == committee.members.map(\.address).sorted())
            #expect(Set(committee.members).count == 10)
            #expect(council.committee(at: number, parent: parent, sizeMax: 10) == committee)
            for (seat, member) in council.members.enumerated() where committee.contains(member.address) {
                seats[seat] += 1
            }
        }
        // Everybody sits in a third of the draws: 200 of 600, with a standard deviation of 11.5.
        #expect(seats.allSatisfy { (140...260).contains($0) }, "\(seats)")
        let parent = keccak256(Bytes("parent".utf8))
        let other = keccak256(Bytes("other parent".utf8))
        let committee = council.committee(at: 5, parent: parent, sizeMax: 10)
        #expect(council.committee(at: 6, parent: parent, sizeMax: 10) != committee)
        #expect(council.committee(at: 5, parent: other, sizeMax: 10) != committee)
    }
}
