import Chain
import Consensus
import Node
import Primitives

/// Every genuine vote that reached a group of machines, also those inside justifications and certificates.
///
/// From these alone it can be said whom a fork convicts (QBFT.md, "Accountability"), whatever rangers make of them.
struct VoteBook: Sendable {
    /// Votes of one validator at one height that are kept: a liar may sign without end.
    static let votesMax = 512

    private struct Entry: Hashable, Sendable {
        let validator: Address
        let vote: Vote
    }

    private struct Page: Sendable {
        var known: Set<Entry> = []
        var votes: [Address: [Vote]] = [:]
    }

    private let genesis: Genesis
    private let committee: Committee
    private var pages: [Height: Page] = [:]

    init(_ genesis: Genesis) {
        self.genesis = genesis
        committee = genesis.council.committee(at: 0, parent: .zero, sizeMax: Council.memberMax)
    }

    /// Notes the votes that `message` carries, as far as their signatures hold.
    mutating func note(_ message: Message) {
        message.forEachVote { note($0) }
    }

    private mutating func note(_ signed: SignedVote) {
        let entry = Entry(validator: signed.validator, vote: signed.vote)
        if pages[signed.vote.height]?.known.contains(entry) == true { return }
        let checked = try? Verified(
            checking: signed, committee: committee, chain: genesis.identity, scheme: SimulatedScheme())
        guard checked != nil else { return }
        var page = pages.removeValue(forKey: signed.vote.height) ?? Page()
        page.known.insert(entry)
        var votes = page.votes.removeValue(forKey: signed.validator) ?? []
        if votes.count < Self.votesMax { votes.append(signed.vote) }
        page.votes[signed.validator] = votes
        pages[signed.vote.height] = page
    }

    /// The heights that it has votes of, ascending.
    var heights: [Height] { pages.keys.sorted() }

    /// The validators that contradict themselves at `height`, ascending, with the first rule they break.
    func convicted(at height: Height) -> [(validator: Address, rule: String)] {
        guard let page = pages[height] else { return [] }
        return committee.members.compactMap { member in
            let votes = page.votes[member.address] ?? []
            for (index, vote) in votes.enumerated() {
                for other in votes[..<index] {
                    if let rule = Self.contradiction(vote, other) { return (member.address, rule) }
                }
            }
            return nil
        }
    }

    /// E1 to E6, as QBFT.md states them: written apart from the judge of proofs, so that each checks the other.
    static func contradiction(_ one: Vote, _ other: Vote) -> String? {
        guard one.height == other.height else { return nil }
        if one.kind == other.kind {
            guard one.round == other.round, one != other else { return nil }
            switch one.kind {
            case .commit: return "E1"
            case .prepare: return "E2"
            case .roundChange: return "E5"
            case .proposal: return "E6"
            }
        }
        let votes = [one, other]
        guard let commit = votes.first(where: { $0.kind == .commit }) else { return nil }
        if let prepare = votes.first(where: { $0.kind == .prepare }) {
            return prepare.round == commit.round && prepare.block != commit.block ? "E3" : nil
        }
        guard let change = votes.first(where: { $0.kind == .roundChange }), change.round > commit.round else {
            return nil
        }
        guard let prepared = change.preparedRound else { return "E4" }
        let isForgetful = prepared < commit.round || (prepared == commit.round && change.block != commit.block)
        return isForgetful ? "E4" : nil
    }
}

extension Message {
    /// Calls `body` for every signed vote in this message.
    func forEachVote(_ body: (SignedVote) -> Void) {
        switch self {
        case .proposal(let proposal):
            body(proposal.vote)
            proposal.roundChanges.forEach(body)
            proposal.prepares.forEach(body)
        case .vote(let signed): body(signed)
        case .votes(let votes): votes.forEach(body)
        case .roundChange(let change):
            body(change.vote)
            change.prepared?.prepares.forEach(body)
        case .sealed(let certificate): certificate.votes.forEach(body)
        case .blocks(let blocks): for block in blocks { block.certificate.votes.forEach(body) }
        default: break
        }
    }

    var hasVotes: Bool {
        switch self {
        case .proposal, .vote, .votes, .roundChange, .sealed, .blocks: true
        default: false
        }
    }
}
