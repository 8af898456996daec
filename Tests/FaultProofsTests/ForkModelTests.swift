import Chain
import Consensus
import Crypto
import FaultProofs
import Fixtures
import Primitives
import Testing

/// Signatures that cost one hash.
struct HashedScheme: SignatureScheme {
    func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
        signature == sign(digest, by: key)
    }

    func sign(_ digest: Hash32, by key: NodePublicKey) -> NodeSignature {
        NodeSignature(r: keccak256(key.bytes + digest.bytes), s: .zero)
    }
}

/// A council with such signatures, and the two blocks that its liars want to see sealed.
private struct Stage {
    let genesis: Genesis
    let committee: Committee
    let headers: [Header]
    let scheme = HashedScheme()

    init(count: Int) throws {
        let members = try (0..<count).map { index in
            CouncilMember(publicKey: try NodeKey(keccak256([UInt8(index)])).publicKey, rewardAddress: .zero)
        }
        genesis = try Genesis(
            rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero), council: Council(members),
            timestampMilliseconds: 1, accounts: [])
        committee = genesis.council.committee(at: 1, parent: genesis.hash, sizeMax: 22)
        headers = [1, 2].map { [parent = genesis.hash] time in Header(parentHash: parent, number: 1, timestamp: time) }
    }

    func sign(_ vote: Vote, by seat: Int) -> SignedVote {
        let key = committee.members[seat].publicKey
        return SignedVote(
            vote: vote, validator: key.address,
            signature: scheme.sign(vote.digest(chain: genesis.identity), by: key))
    }
}

/// What an honest validator has prepared: the round, and which of the two blocks.
private struct Prepared: Equatable {
    let round: UInt64
    let value: Int
}

/// One height of four rounds in which liars sign whatever helps, and choose who hears what.
///
/// Honest validators ask a real `Voter` for every vote. What they accept goes through the real check of
/// justifications, and is what an archive has of it in the end.
private struct Schedule {
    let stage: Stage
    let hashes: [Hash32]
    let liars: Int
    private var numbers: SeededNumbers
    private var voters: [Voter]
    private var prepared: [Prepared?]
    /// Seats of honest validators by round and value.
    private var prepares: [[[Int]]] = []
    private var commits: [[[Int]]] = []
    /// What honest validators have seen with the proposals that they accepted.
    private var archive: [SignedVote] = []

    static let rounds: UInt64 = 4

    init(stage: Stage, liars: Int, seed: UInt64) {
        (self.stage, self.liars) = (stage, liars)
        hashes = stage.headers.map(\.hash)
        numbers = SeededNumbers(seed: seed)
        voters = Array(repeating: Voter(), count: stage.committee.count)
        for index in voters.indices { voters[index].begin(1, having: []) }
        prepared = Array(repeating: nil, count: stage.committee.count)
    }

    private var honest: Range<Int> { liars..<stage.committee.count }
    private var quorum: Int { stage.committee.quorum }

    private func isPrepared(_ round: UInt64, _ value: Int) -> Bool {
        liars + prepares[Int(round)][value].count >= quorum
    }

    /// Whether honest validator `seat` signs `vote`. It always does: it asks for nothing that it must not sign.
    private mutating func cast(_ vote: Vote, by seat: Int) {
        #expect(voters[seat].decide(vote) == .granted, "\(vote)")
    }

    mutating func run() {
        for round in 0..<Self.rounds {
            prepares.append([[], []])
            commits.append([[], []])
            if round > 0 {
                for seat in honest { cast(change(to: round, prepared[seat]), by: seat) }
            }
            var accepted: [Int: Int] = [:]
            for value in numbers.below(2) == 0 ? [0, 1] : [1, 0] {
                guard let justification = justify(value, in: round) else { continue }
                for seat in honest where accepted[seat] == nil && numbers.below(2) == 0 {
                    accepted[seat] = value
                    cast(.prepare(height: 1, round: round, block: hashes[value]), by: seat)
                    prepares[Int(round)][value].append(seat)
                    archive += justification.roundChanges + justification.prepares
                }
            }
            for seat in honest {
                guard let value = accepted[seat], isPrepared(round, value), numbers.below(10) < 7 else { continue }
                prepared[seat] = Prepared(round: round, value: value)
                cast(.commit(height: 1, round: round, block: hashes[value]), by: seat)
                commits[Int(round)][value].append(seat)
            }
        }
    }

    private func change(to round: UInt64, _ claim: Prepared?) -> Vote {
        .roundChange(height: 1, to: round, prepared: claim.map { (round: $0.round, block: hashes[$0.value]) })
    }

    /// Reasons to propose `value`, out of what honest validators ask for and whatever liars add; nil if none is found.
    private mutating func justify(_ value: Int, in round: UInt64) -> Justification? {
        guard round > 0 else { return Justification() }
        for _ in 0..<30 {
            var claims: [(seat: Int, claim: Prepared?)] = []
            for seat in stage.committee.members.indices.shuffled(using: &numbers).prefix(quorum) {
                claims.append((seat, seat < liars ? story(before: round) : prepared[seat]))
            }
            let highest = claims.compactMap(\.claim).map(\.round).max()
            // With two claims of the highest round the first counts: let it be the one that the liars want.
            claims = claims.filter { $0.claim?.value == value } + claims.filter { $0.claim?.value != value }
            let wanted = highest.map { Prepared(round: $0, value: value) }
            if let wanted, !claims.contains(where: { $0.claim == wanted }) { continue }
            if let wanted, !isPrepared(wanted.round, value) { continue }
            let justification = Justification(
                roundChanges: claims.map { stage.sign(change(to: round, $0.claim), by: $0.seat) },
                prepares: wanted.map { preparesOf($0) } ?? [])
            return isJustified(value, in: round, justification) ? justification : nil
        }
        return nil
    }

    /// What a liar says it has prepared: nothing, or anything for which there is a quorum of prepares.
    private mutating func story(before round: UInt64) -> Prepared? {
        let stories = (0..<round).flatMap { earlier in
            [0, 1].filter { isPrepared(earlier, $0) }.map { Prepared(round: earlier, value: $0) }
        }
        return numbers.below(2) == 0 || stories.isEmpty ? nil : stories[numbers.below(stories.count)]
    }

    private func preparesOf(_ claim: Prepared) -> [SignedVote] {
        let seats = Array(0..<liars) + prepares[Int(claim.round)][claim.value]
        return seats.prefix(quorum).map {
            stage.sign(.prepare(height: 1, round: claim.round, block: hashes[claim.value]), by: $0)
        }
    }

    private func isJustified(_ value: Int, in round: UInt64, _ justification: Justification) -> Bool {
        let context = VotingContext(height: 1, committee: stage.committee, chain: stage.genesis.identity)
        let vote = Vote.proposal(
            height: 1, round: round, block: hashes[value], content: hashes[value], justification: justification.hash)
        do throws(JustificationError) {
            try context.check(justification, of: vote, scheme: stage.scheme)
            return true
        } catch {
            Issue.record("a schedule of which an honest validator says: \(error)")
            return false
        }
    }

    // MARK: What comes of it

    /// A certificate for each block in each round in which enough committed; the seals are a random quorum.
    private mutating func certified(_ value: Int) -> [CertifiedHeader] {
        var found: [CertifiedHeader] = []
        for round in 0..<Self.rounds {
            let seats = Array(0..<liars) + commits[Int(round)][value]
            guard seats.count >= quorum else { continue }
            let commit = Vote.commit(height: 1, round: round, block: hashes[value])
            let seals = seats.shuffled(using: &numbers).prefix(quorum).map { stage.sign(commit, by: $0) }
            found.append(
                CertifiedHeader(
                    header: stage.headers[value],
                    certificate: CommitCertificate(height: 1, round: round, block: hashes[value], commits: seals)))
        }
        return found
    }

    /// The verdict on every pair of certificates for the two blocks.
    mutating func forks() throws -> [ProvenFault] {
        let others = certified(1)
        return try certified(0).flatMap { one in
            try others.map { other in
                let proof = try #require(proveFork(one, other, votes: archive))
                return try verify(proof, genesis: stage.genesis, scheme: stage.scheme)
            }
        }
    }

    var liarsAddresses: Set<Address> { Set(stage.committee.members.prefix(liars).map(\.address)) }
}

/// QBFT.md's claim, on a random model of one height: whoever forks it is convicted.
struct `A fork in any schedule` {
    struct Cast: Sendable, CustomTestStringConvertible {
        let validators, liars, schedules: Int
        var testDescription: String { "\(liars) liars of \(validators), \(schedules) schedules" }
    }

    static let withinTolerance = [
        Cast(validators: 4, liars: 1, schedules: 300), Cast(validators: 7, liars: 2, schedules: 150),
        Cast(validators: 10, liars: 3, schedules: 60),
    ]
    static let beyond = [
        Cast(validators: 4, liars: 2, schedules: 600), Cast(validators: 7, liars: 3, schedules: 300),
        Cast(validators: 7, liars: 4, schedules: 300), Cast(validators: 10, liars: 6, schedules: 120),
    ]

    @Test(arguments: withinTolerance)
    func `does not come about while no more than f lie`(cast: Cast) throws {
        let stage = try Stage(count: cast.validators)
        for seed in 0..<cast.schedules {
            var schedule = Schedule(stage: stage, liars: cast.liars, seed: UInt64(seed))
            schedule.run()
            #expect(try schedule.forks().isEmpty, "seed \(seed)")
        }
    }

    @Test(arguments: beyond)
    func `convicts at least 2q − n while fewer than q lie, and no honest one`(cast: Cast) throws {
        let stage = try Stage(count: cast.validators)
        let least = 2 * stage.committee.quorum - cast.validators
        var count = 0
        for seed in 0..<cast.schedules {
            var schedule = Schedule(stage: stage, liars: cast.liars, seed: UInt64(seed))
            schedule.run()
            for fault in try schedule.forks() {
                count += 1
                #expect(fault.guilty.count >= least, "seed \(seed): \(fault)")
                #expect(schedule.liarsAddresses.isSuperset(of: fault.guilty), "seed \(seed): \(fault)")
            }
        }
        #expect(count > cast.schedules / 20, "\(count) forks")
    }
}
