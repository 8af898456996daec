public import Chain
public import Primitives

/// A header and the seals that make it final.
public struct SealedHeader: Sendable, Hashable {
    public let header: Header
    public let hash: Hash32
    public let certificate: CommitCertificate

    public init(_ header: Header, hash: Hash32, certificate: CommitCertificate) {
        self.header = header
        self.hash = hash
        self.certificate = certificate
    }

    public var height: Height { header.number }
}

/// The latest sealed headers, as this node has taken them: what another certificate for one of their heights is held
/// against, and what the scores of validators are counted from.
public struct RecentSeals: Sendable {
    /// A fork further below the head than this is not noticed from an announcement, and scores go back so far.
    public static let heightsMax = 256

    /// Ascending by height, without gaps.
    public private(set) var headers: [SealedHeader] = []

    /// - Parameter headers: In ascending order; of those with gaps between them the last run counts.
    public init(_ headers: [SealedHeader] = []) {
        for header in headers { add(header) }
    }

    public subscript(height: Height) -> SealedHeader? {
        guard let first = headers.first?.height, height >= first, height - first < UInt64(headers.count) else {
            return nil
        }
        return headers[Int(height - first)]
    }

    /// Adds the next header. One that does not follow on the last begins anew.
    public mutating func add(_ header: SealedHeader) {
        if let last = headers.last, header.height != last.height + 1 { headers = [] }
        headers.append(header)
        if headers.count > Self.heightsMax { headers.removeFirst() }
    }
}

/// How one validator has done its work lately. Silence is never provable, so it is counted, not accused (QBFT.md).
public struct ValidatorScore: Sendable, Hashable {
    public let validator: Address
    /// Sealed heights that were looked at, and whose committee the validator was in.
    public let heights: Int
    /// Certificates without its seal. A certificate needs a quorum only, so whoever is last misses some.
    public let sealsMissed: Int
    /// Heights at which no commit of it was heard at all, in time or late, of `heightsHeard`.
    public let unheard: Int
    /// Heights whose votes this node has heard itself, apart from the newest, whose votes may still come.
    public let heightsHeard: Int
    /// The newest height at which it was not heard.
    public let lastUnheard: Height?
    /// Rounds that it should have led and that led to nothing.
    public let proposalsMissed: Int
    /// The newest height at which that was so.
    public let lastProposalMissed: Height?
    /// Contradictions that it was convicted of.
    public let equivocations: Int
}

extension RangerState {
    /// The scores of `members` over the recent heights, in their order.
    ///
    /// - Parameter committee: Who agrees on the child of a parent at a height.
    public func scores(
        of members: [Address], committee: (_ height: Height, _ parent: Hash32) -> Committee
    ) -> [ValidatorScore] {
        let sealed = seals.headers.map { (header: $0, committee: committee($0.height, $0.header.parentHash)) }
        return members.map { score(of: $0, sealed) }
    }

    private func score(
        of validator: Address, _ sealed: [(header: SealedHeader, committee: Committee)]
    ) -> ValidatorScore {
        var (heights, sealsMissed, unheard, heightsHeard, proposalsMissed) = (0, 0, 0, 0, 0)
        var lastUnheard: Height?
        var lastProposalMissed: Height?
        let newest = sealed.last?.header.height
        for (header, committee) in sealed where committee.member(validator) != nil {
            heights += 1
            let certificate = header.certificate
            let hasSealed = certificate.signers.contains(validator)
            if !hasSealed { sealsMissed += 1 }
            if header.height != newest,
                let isHeard = archive.hasCommit(by: validator, to: header.hash, at: header.height)
            {
                heightsHeard += 1
                if !hasSealed, !isHeard { (unheard, lastUnheard) = (unheard + 1, header.height) }
            }
            // After so many rounds everybody has missed one: the rest says nothing more.
            for round in 0..<min(certificate.round, UInt64(committee.members.count))
            where committee.proposer(height: header.height, round: round).address == validator {
                (proposalsMissed, lastProposalMissed) = (proposalsMissed + 1, header.height)
            }
        }
        let first = sealed.first?.header.height ?? 0
        return ValidatorScore(
            validator: validator, heights: heights, sealsMissed: sealsMissed, unheard: unheard,
            heightsHeard: heightsHeard, lastUnheard: lastUnheard, proposalsMissed: proposalsMissed,
            lastProposalMissed: lastProposalMissed, equivocations: desk.equivocations(of: validator, from: first))
    }
}
