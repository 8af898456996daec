import Chain
import Consensus
import Crypto
import Primitives
import Ranger

// The forensic archive: every genuine vote is kept, wherever it was found, and told to rangers once.
extension Node {
    /// Whoever takes no part sees consensus from outside: it keeps the votes, and looks at refused proposals.
    mutating func observe(_ message: ConsensusMessage, from number: PeerNumber?) {
        let signed = message.signedVote
        guard ranger.archive.covers(signed.vote.height, head: followedHeight), hear([signed], from: number) else {
            return
        }
        archiveGenuine(message.carriedVotes)
        if case .proposal(let proposal) = message, isRanger { suspect(proposal) }
    }

    /// Votes that a peer passes on. It has checked them itself, so one that does not hold costs the connection.
    ///
    /// - Returns: Whether all of them hold.
    @discardableResult
    mutating func hear(_ votes: [SignedVote], from number: PeerNumber?) -> Bool {
        for signed in votes where isUnheard(signed) {
            do {
                archive(try verifiedByCouncil(signed))
            } catch {
                if let number { penalise(number, because: "a vote does not verify: \(error)") }
                return false
            }
        }
        return true
    }

    /// Votes inside something else: the genuine ones count. What the others make of it is judged where it is judged.
    mutating func archiveGenuine(_ votes: [SignedVote]) {
        for signed in votes where isUnheard(signed) {
            if let verified = try? verifiedByCouncil(signed) { archive(verified) }
        }
    }

    func isUnheard(_ signed: SignedVote) -> Bool {
        ranger.archive.covers(signed.vote.height, head: followedHeight) && !ranger.archive.contains(signed)
    }

    /// Checked against the whole council: which part of it is the committee depends on blocks yet to come.
    func verifiedByCouncil(_ signed: SignedVote) throws(VoteError) -> Verified<SignedVote> {
        try Verified(
            checking: signed,
            committee: genesis.council.committee(at: 0, parent: .zero, sizeMax: Council.memberMax),
            chain: genesis.identity, scheme: scheme)
    }

    /// Keeps a vote, and proves what it contradicts.
    ///
    /// - Parameter isOwn: What this node says itself it tells everybody anyway, or withholds on purpose.
    mutating func archive(_ verified: Verified<SignedVote>, isOwn: Bool = false) {
        let addition = ranger.archive.add(verified, head: followedHeight)
        if addition.isKept {
            fresh.append((verified.value, isOwn))
            let height = verified.value.vote.height
            if forks.contains(where: { $0.height == height }) { forkToRevise = height }
        }
        for proof in addition.proofs { judgeOwn(proof) }
    }

    /// Writes new votes to disk, some at a time: each time costs a sync. What they prove is written at once.
    mutating func storeVotes() {
        guard !unstored.isEmpty else { return }
        out.append(.archive(unstored))
        unstored = []
    }

    /// What this event has brought: rangers are told, whoever said it, and a ranger will store it.
    ///
    /// Two statements that contradict each other may have gone to different validators, and a ranger may know a part
    /// of the council only. What is in an archive already is not told again, so this ends.
    mutating func handOnVotes(except source: PeerNumber?) {
        if let height = forkToRevise { reviseFork(at: height) }
        forkToRevise = nil
        guard !fresh.isEmpty else { return }
        let votes = fresh
        fresh = []
        if isRanger { unstored += votes.map(\.vote) }
        if unstored.count >= Self.unstoredMax { storeVotes() }
        let told = votes.filter { !$0.isOwn }.map(\.vote)
        let rangers = table.rangerNumbers.filter { $0 != source }
        for start in stride(from: 0, to: told.count, by: Message.votesMax) {
            send(.votes(Array(told[start..<min(start + Message.votesMax, told.count)])), to: rangers)
        }
    }
}

extension ConsensusMessage {
    /// The votes that it brings along as reasons.
    var carriedVotes: [SignedVote] {
        switch self {
        case .proposal(let proposal): proposal.roundChanges + proposal.prepares
        case .vote: []
        case .roundChange(let change): change.prepared?.prepares ?? []
        }
    }
}
