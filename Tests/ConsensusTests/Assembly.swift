import Chain
import Consensus
import Crypto
import Primitives
import Testing

/// A few validators in one room: hand-driven `QBFT` values, with signatures that cost one hash.
struct Assembly {
    struct CheapScheme: SignatureScheme {
        func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool {
            signature == sign(digest, by: key)
        }

        func sign(_ digest: Hash32, by key: NodePublicKey) -> NodeSignature {
            NodeSignature(r: keccak256(key.bytes + digest.bytes), s: .zero)
        }
    }

    static let chain = ChainIdentity(chainID: 7, genesis: .zero)
    static let timeouts = TimeoutPolicy(base: .milliseconds(500))
    static let scheme = CheapScheme()

    let committee: Committee
    var validators: [QBFT]
    /// Everything each validator has said, oldest first.
    var said: [[ConsensusMessage]]
    var logs: [[VoteRecord]]
    var timers: [(round: UInt64, after: Duration)?]
    var certificates: [CommitCertificate?]
    var conflicts: [[Conflict]]
    var builds: [[UInt64]]
    /// Blocks that every validator finds wrong.
    var wrong: Set<Hash32> = []

    init(count: Int, suspendedThrough: Height? = nil) throws {
        let members = try (0..<count).map { index in
            CouncilMember(publicKey: try NodeKey(keccak256([UInt8(index)])).publicKey, rewardAddress: .zero)
        }
        let council = try Council(members)
        committee = council.committee(at: 1, parent: .zero, sizeMax: 100)
        said = members.map { _ in [] }
        logs = members.map { _ in [] }
        timers = members.map { _ in nil }
        certificates = members.map { _ in nil }
        conflicts = members.map { _ in [] }
        builds = members.map { _ in [] }
        validators = []
        for member in committee.members {
            validators.append(
                QBFT(
                    identity: member.address, committee: committee, chain: Self.chain, timeouts: Self.timeouts,
                    suspendedThrough: suspendedThrough))
        }
    }

    var quorum: Int { committee.quorum }
    var context: VotingContext { VotingContext(height: 1, committee: committee, chain: Self.chain) }

    /// The index of the proposer of `round` at height 1.
    func proposer(_ round: UInt64) -> Int {
        let address = committee.proposer(height: 1, round: round).address
        return committee.members.firstIndex { $0.address == address } ?? 0
    }

    static func block(_ label: String, height: Height = 1) -> Block {
        let time = UInt64(label.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }) + 1
        let content = BlockExtension(nextCouncilHash: .zero, accessListRoot: .zero, timestampMilliseconds: time)
        var header = Header()
        header.number = height
        header.extraData = content.hash.bytes
        header.transactionsRoot = Block.transactionsRoot(of: [])
        return Block(header: header, transactions: [], extension: content)
    }

    func sign(_ vote: Vote, by index: Int) -> SignedVote {
        let key = committee.members[index].publicKey
        return SignedVote(
            vote: vote, validator: key.address,
            signature: Self.scheme.sign(vote.digest(chain: Self.chain), by: key))
    }

    func verified(_ vote: Vote, by index: Int) throws -> Verified<SignedVote> {
        try context.verified(sign(vote, by: index), as: vote.kind, scheme: Self.scheme)
    }

    // MARK: Driving

    mutating func begin(height: Height = 1) {
        for index in validators.indices {
            carryOut(validators[index].begin(height, committee: committee, patience: .zero), of: index)
        }
    }

    /// A block is due: the proposer of round 0 proposes `block`.
    mutating func propose(_ block: Block) {
        for index in validators.indices { carryOut(validators[index].blockIsDue(restartTimer: false), of: index) }
        built(block, by: proposer(0), round: 0)
    }

    mutating func built(_ block: Block, by index: Int, round: UInt64) {
        carryOut(validators[index].built(block, round: round), of: index)
    }

    mutating func timeout(_ index: Int) {
        carryOut(validators[index].timeout(round: validators[index].round, height: 1), of: index)
    }

    /// Does what a host does, at once: logs, signs, executes.
    mutating func carryOut(_ actions: [QBFT.Action], of index: Int) {
        for action in actions {
            switch action {
            case .build(let round): builds[index].append(round)
            case .validate(let candidate):
                let isValid = !wrong.contains(candidate.hash)
                carryOut(validators[index].validated(candidate.hash, isValid: isValid), of: index)
            case .persist(let records):
                logs[index] += records
                carryOut(validators[index].durable(records), of: index)
            case .sign(let vote):
                guard let own = try? verified(vote, by: index) else {
                    Issue.record("asked to sign a vote that does not verify: \(vote)")
                    return
                }
                carryOut(validators[index].signed(own), of: index)
            case .send(let message): said[index].append(message)
            case .startTimer(let round, let after): timers[index] = (round, after)
            case .decide(let certificate): certificates[index] = certificate
            case .report(let conflict): conflicts[index].append(conflict)
            }
        }
    }

    /// Brings `message` to validator `index`, through the same checks as a node's edge.
    mutating func deliver(_ message: ConsensusMessage, to index: Int) throws {
        switch message {
        case .proposal(let proposal):
            let verified = try VerifiedProposal(checking: proposal, in: context, scheme: Self.scheme)
            carryOut(validators[index].receive(verified), of: index)
        case .vote(let vote):
            let verified = try context.verified(vote, as: vote.vote.kind, scheme: Self.scheme)
            carryOut(validators[index].receive(verified), of: index)
        case .roundChange(let change):
            let verified = try VerifiedRoundChange(checking: change, in: context, scheme: Self.scheme)
            carryOut(validators[index].receive(verified), of: index)
        }
    }

    /// Delivers what `from` has said that `isWanted`, to each of `to` but itself.
    mutating func pass(
        from: Int, to: [Int], where isWanted: (ConsensusMessage) -> Bool = { _ in true }
    ) throws {
        for message in said[from] where isWanted(message) {
            for index in to where index != from { try deliver(message, to: index) }
        }
    }

    /// Everybody tells everybody everything that `isWanted`, until nothing new is said.
    mutating func talk(
        among members: [Int]? = nil, where isWanted: (ConsensusMessage) -> Bool = { _ in true }
    ) throws {
        let members = members ?? Array(validators.indices)
        var heard = validators.map { _ in 0 }
        var isNews = true
        while isNews {
            isNews = false
            for index in members where heard[index] < said[index].count {
                let message = said[index][heard[index]]
                heard[index] += 1
                isNews = true
                for other in members where other != index && isWanted(message) { try deliver(message, to: other) }
            }
        }
    }
}

extension ConsensusMessage {
    func `is`(_ kind: VoteKind, round: UInt64? = nil) -> Bool {
        signedVote.vote.kind == kind && (round == nil || signedVote.vote.round == round)
    }
}
