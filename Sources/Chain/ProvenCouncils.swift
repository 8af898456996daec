public import Crypto
public import Primitives

/// Which council was in force at which height, as far as genesis and a checked history show it.
///
/// This is a light client that skips: a council that holds at some height vouches by its seals for the next one, so
/// only the headers that change it are needed. As in every such chain of trust, a quorum that lies can seal a change
/// that never took effect, so whoever convicts by a later council must see that the accused took it for theirs.
public struct ProvenCouncils: Hashable, Sendable {
    private struct Term: Hashable, Sendable {
        let first: Height
        let council: Council
    }

    /// In ascending order; the first is that of genesis.
    private let terms: [Term]

    /// Those of a chain whose council has never changed.
    public init(_ genesis: Genesis) {
        terms = [Term(first: 0, council: genesis.council)]
    }

    /// Checks `history` from genesis on: each step is sealed by a quorum of the council in force at its height, and
    /// names the next one.
    public init(
        _ genesis: Genesis, checking history: CouncilHistory, scheme: some SignatureScheme
    ) throws(CouncilHistoryError) {
        guard history.steps.count <= CouncilHistory.stepsMax else {
            throw .tooManySteps(limit: CouncilHistory.stepsMax, found: history.steps.count)
        }
        var terms = [Term(first: 0, council: genesis.council)]
        for step in history.steps {
            let council = terms[terms.count - 1].council
            try step.check(
                sealedBy: council, after: terms.count == 1 ? 0 : terms[terms.count - 1].first - 1, genesis, scheme)
            terms.append(Term(first: step.sealed.header.number + 1, council: step.council))
        }
        self.terms = terms
    }

    /// The council that seals `height`.
    public func council(at height: Height) -> Council {
        terms[position(of: height)].council
    }

    /// Whether genesis itself names the council that seals `height`.
    public func isFirst(at height: Height) -> Bool {
        position(of: height) == 0
    }

    private func position(of height: Height) -> Int {
        (terms.lastIndex { $0.first <= height }) ?? 0
    }
}

extension CouncilHistory.Step {
    /// What costs nothing first, signatures last.
    fileprivate func check(
        sealedBy current: Council, after earlier: Height, _ genesis: Genesis, _ scheme: some SignatureScheme
    ) throws(CouncilHistoryError) {
        let height = sealed.header.number
        guard height > earlier, height < .max else { throw .notAscending(height: height, after: earlier) }
        guard council != current else { throw .unchanged(height: height) }
        let found = `extension`.hash
        guard sealed.header.extraData == found.bytes else {
            throw .unboundExtension(height: height, expected: sealed.header.extraData, found: found)
        }
        guard `extension`.nextCouncilHash == council.hash else {
            throw .unboundCouncil(height: height, expected: `extension`.nextCouncilHash, found: council.hash)
        }
        let committee = current.committee(
            at: height, parent: sealed.header.parentHash, sizeMax: genesis.rules.committeeSizeMax)
        do throws(CertificateError) {
            try sealed.verifySeals(committee: committee, chain: genesis.identity, scheme: scheme)
        } catch {
            throw .certificate(height: height, error)
        }
    }
}
