import Chain
import Consensus
import Crypto
import FaultProofs
import Primitives
import Ranger

/// Two blocks of one height that the committee has sealed.
struct Fork: Sendable {
    /// The side that this node took.
    let own: SealedHeader
    let other: SealedHeader
    let foundAt: Duration

    var height: Height { own.height }
}

/// Another side of the chain that a peer has spoken of, and is asked for.
struct RivalSearch: Sendable {
    let peer: PeerNumber
    let from: Height
    let through: Height
    let deadline: Duration
}

// Two certified blocks at one height, wherever they turn up: in an announcement, among blocks, in a proof.
extension Node {
    /// Forks that are remembered. The lowest is what matters; everything above it is a consequence.
    static var forksMax: Int { 4 }
    /// Peers that are asked about another side of the chain at the same time, each once.
    static var rivalSearchesMax: Int { 8 }

    /// Somebody announces that a block is sealed. Returns whether it is another than the one this node took.
    mutating func isRival(_ certificate: CommitCertificate, from number: PeerNumber) -> Bool {
        guard let own = ranger.seals[certificate.height], own.hash != certificate.block else { return false }
        guard !isKnownRival(certificate.block, at: certificate.height) else {
            // Other seals for the same block: they may convict more.
            archiveGenuine(certificate.votes)
            return true
        }
        // Where the committee is the whole council, the seals can be checked before the header is here.
        if genesis.council.members.count <= rules.committeeSizeMax {
            do {
                let committee = committee(at: certificate.height, parent: own.header.parentHash)
                try certificate.verify(committee: committee, chain: genesis.identity, scheme: scheme)
            } catch {
                penalise(number, because: "block \(certificate.height) announced without its seals: \(error)")
                return true
            }
        }
        search(through: certificate.height, at: number)
        return true
    }

    /// Whether a fork is known already that explains this block.
    private func isKnownRival(_ block: Hash32, at height: Height) -> Bool {
        forks.contains { $0.other.hash == block || $0.height < height }
    }

    /// Asks a peer for its side of the chain, up to `height`.
    private mutating func search(through height: Height, at number: PeerNumber) {
        guard let first = ranger.seals.headers.first?.height, first <= height else { return }
        searches.removeAll { $0.deadline <= now }
        guard searches.count < Self.rivalSearchesMax, !searches.contains(where: { $0.peer == number }) else { return }
        let reach = Height(Message.blocksMax) - 1
        let from = height - first > reach ? height - reach : first
        searches.append(
            RivalSearch(peer: number, from: from, through: height, deadline: now + SyncState.patience))
        send(.getBlocks(from: from, count: height - from + 1), to: [number])
    }

    /// Whether these blocks answer a search; what they show is taken up then.
    mutating func answersSearch(_ blocks: [CertifiedBlock], from number: PeerNumber) -> Bool {
        guard let index = searches.firstIndex(where: { $0.peer == number }),
            blocks.first.map({ $0.block.number == searches[index].from }) ?? true
        else { return false }
        searches.remove(at: index)
        compare(blocks, from: number)
        return true
    }

    /// Holds a peer's blocks against our own: the lowest that differs counts.
    mutating func compare(_ blocks: [CertifiedBlock], from number: PeerNumber) {
        for block in blocks {
            let height = block.block.number
            guard let own = ranger.seals[height] else { continue }
            let hash = block.block.hash
            guard own.hash != hash, !isKnownRival(hash, at: height) else { continue }
            if let error = sealError(of: block) { return rejectUnsealed(block, error, from: number) }
            return lookForFork(
                SealedHeader(block.block.header, hash: hash, certificate: block.certificate), from: number)
        }
    }

    /// A block builds on another parent than ours, with all its seals: the sides have parted further down.
    mutating func strayed(_ block: CertifiedBlock, from number: PeerNumber) {
        search(through: block.block.number - 1, at: number)
    }

    /// A header and its seals, which hold. If it is the other side of a block of ours, that is a fork.
    mutating func lookForFork(_ other: SealedHeader, from number: PeerNumber?) {
        guard let own = ranger.seals[other.height], own.hash != other.hash,
            !isKnownRival(other.hash, at: other.height)
        else { return }
        let isSibling = own.header.parentHash == other.header.parentHash
        // What lies below is out of sight: then this is the lowest that can be shown.
        guard isSibling || ranger.seals[other.height - 1] == nil else {
            if let number { search(through: other.height - 1, at: number) }
            return
        }
        let fork = Fork(own: own, other: other, foundAt: now)
        forks.append(fork)
        if forks.count > Self.forksMax { forks.removeFirst() }
        archiveGenuine(own.certificate.votes + other.certificate.votes)
        ranger.freeze(Standstill(cause: .fork, height: fork.height, block: min(own.hash, other.hash), rule: "fork"))
        stopIfFrozen()
        reviseFork(at: fork.height)
    }

    /// How long a fork waits for votes that convict somebody. After that it is shown as it is.
    static var forkPatience: Duration { .seconds(2) }

    /// Proves the fork with all votes of its height that are here by now. Who else is convicted by them is news.
    mutating func reviseFork(at height: Height) {
        for fork in forks where fork.height == height {
            let proof = proveFork(
                CertifiedHeader(header: fork.own.header, certificate: fork.own.certificate),
                CertifiedHeader(header: fork.other.header, certificate: fork.other.certificate),
                votes: ranger.archive.votes(at: height))
            guard case .fork(let evidence) = proof, let proof else { continue }
            let isLate = now - fork.foundAt >= Self.forkPatience
            if evidence.convictsSomebody || isLate { judgeOwn(proof) }
        }
    }

    /// Somebody has proven a fork. With what is known here it may convict more.
    mutating func learn(_ evidence: ForkEvidence) {
        let sides = [evidence.first, evidence.second].map {
            SealedHeader($0.header, hash: $0.certificate.block, certificate: $0.certificate)
        }
        let height = sides[0].height
        archiveGenuine(sides.flatMap(\.certificate.votes) + evidence.votes)
        guard !forks.contains(where: { $0.height == height }) else { return forkToRevise = height }
        let isOther = ranger.seals[height]?.hash == sides[1].hash
        forks.append(Fork(own: sides[isOther ? 1 : 0], other: sides[isOther ? 0 : 1], foundAt: now))
        if forks.count > Self.forksMax { forks.removeFirst() }
        forkToRevise = height
    }
}

extension ForkEvidence {
    /// Whether anybody sealed both blocks, or cast a vote that contradicts its seal.
    fileprivate var convictsSomebody: Bool {
        guard first.certificate.round == second.certificate.round else { return !votes.isEmpty }
        let others = second.certificate.signers
        return first.certificate.signers.contains { others.contains($0) }
    }
}

extension FaultProof {
    /// The header of the sealed block that is proven wrong, with its seals.
    var sealedHeader: SealedHeader? {
        switch self {
        case .header(let evidence): SealedHeader(evidence.header, sealedBy: evidence.accusation)
        case .body(let evidence): SealedHeader(evidence.block.header, sealedBy: evidence.accusation)
        case .execution(let evidence): SealedHeader(evidence.block.header, sealedBy: evidence.accusation)
        case .transaction(let evidence): SealedHeader(evidence.header, sealedBy: evidence.accusation)
        case .pair, .justification, .fork: nil
        }
    }
}

extension SealedHeader {
    fileprivate init?(_ header: Header, sealedBy accusation: Accusation) {
        guard case .sealed(let certificate) = accusation, certificate.height == header.number else { return nil }
        self.init(header, hash: certificate.block, certificate: certificate)
    }
}
