public import Chain
public import Crypto
import Primitives
import Trie
import Validation

/// Checks a proof from the ground up: every signature, every hash, and the rule itself.
///
/// It convicts only on what the accused have signed themselves, so no honest validator is ever convicted, also after
/// a fork: a block is judged against the parent that it names, whichever side of the fork that is on.
///
/// - Parameter councils: Who was in the council at which height; that of genesis at all heights where nil.
public func verify(
    _ proof: FaultProof, genesis: Genesis, councils: ProvenCouncils? = nil, scheme: some SignatureScheme
) throws(ProofRejection) -> ProvenFault {
    let judge = Judge(genesis: genesis, councils: councils ?? ProvenCouncils(genesis), scheme: scheme)
    switch proof {
    case .pair(let first, let second): return try judge.judge(first, second)
    case .header(let evidence): return try judge.judge(evidence)
    case .body(let evidence): return try judge.judge(evidence)
    case .transaction(let evidence): return try judge.judge(evidence)
    case .execution(let evidence): return try judge.judge(evidence)
    case .justification(let evidence): return try judge.judge(evidence)
    case .fork(let evidence): return try judge.judge(evidence)
    }
}

/// What all kinds of proof are checked with.
struct Judge<Scheme: SignatureScheme> {
    let rulebook: Rulebook
    let scheme: Scheme

    init(genesis: Genesis, councils: ProvenCouncils, scheme: Scheme) {
        rulebook = Rulebook(genesis, councils: councils)
        self.scheme = scheme
    }

    var rules: ChainRules { rulebook.rules }

    /// Checks that the accused signed the hash of `header`, as members of the committee that it falls to.
    func check(_ accusation: Accusation, of header: Header, hash: Hash32) throws(ProofRejection) {
        guard accusation.block == hash else {
            throw .wrongAccusation(expected: "block \(hash)", found: "block \(accusation.block)")
        }
        let committee = rulebook.committee(at: accusation.height, parent: header.parentHash)
        switch accusation {
        case .sealed(let certificate):
            try check(certificate, by: committee)
        case .proposed(let proposal):
            guard proposal.vote.kind == .proposal else {
                throw .wrongAccusation(expected: "a proposal", found: "a \(proposal.vote.kind)")
            }
            do throws(VoteError) {
                _ = try Verified(
                    checking: proposal, committee: committee, chain: rulebook.genesis.identity, scheme: scheme)
            } catch {
                throw .vote(error)
            }
        }
    }

    func check(_ certificate: CommitCertificate, by committee: Committee) throws(ProofRejection) {
        do throws(CertificateError) {
            try certificate.verify(committee: committee, chain: rulebook.genesis.identity, scheme: scheme)
        } catch {
            throw .certificate(error)
        }
    }

    /// Checks that `accusation` is about the height that the header names. Where it is not, that is a HEADER fault.
    func check(_ accusation: Accusation, names height: Height) throws(ProofRejection) {
        guard accusation.height == height else {
            throw .wrongAccusation(expected: "height \(height)", found: "height \(accusation.height)")
        }
    }

    /// Checks that the header commits to this extension.
    func bind(_ blockExtension: BlockExtension, to header: Header, as part: String) throws(ProofRejection) {
        let hash = blockExtension.hash
        guard header.extraData == hash.bytes else {
            let named = (try? Hash32(checking: header.extraData)) ?? .zero
            throw .unbound(part: part, expected: named, found: hash)
        }
    }

    /// Checks that the accused took the council by which they are judged for their own: their block names it again.
    ///
    /// Genesis binds the first council. A later one stands in a history, and a quorum that lies can seal a change
    /// that never took effect: an honest proposer in its turn would then seem to be out of turn.
    func bindCouncil(at height: Height, to blockExtension: BlockExtension) throws(ProofRejection) {
        guard !rulebook.councils.isFirst(at: height) else { return }
        let council = rulebook.councils.council(at: height).hash
        guard blockExtension.nextCouncilHash == council else {
            throw .unbound(part: "the council", expected: council, found: blockExtension.nextCouncilHash)
        }
    }

    /// Checks that `parent` is the one that `header` names.
    func bind(_ parent: Header, toChild header: Header) throws(ProofRejection) {
        let hash = parent.hash
        guard header.parentHash == hash else {
            throw .unbound(part: "the parent", expected: header.parentHash, found: hash)
        }
    }

    func bindTransactions(of block: Block) throws(ProofRejection) {
        let root = Block.transactionsRoot(of: block.transactions)
        guard block.header.transactionsRoot == root else {
            throw .unbound(part: "the list of transactions", expected: block.header.transactionsRoot, found: root)
        }
    }

    func convict(
        _ accusation: Accusation, kind: FaultProof.Kind, fault: BlockFault
    ) -> ProvenFault {
        var isSealed = false
        if case .sealed = accusation { isSealed = true }
        return ProvenFault(
            kind: kind, rule: fault.rule.rawValue, height: accusation.height, round: accusation.round,
            block: accusation.block, guilty: accusation.accused, expected: fault.expected, found: fault.found,
            isSealed: isSealed, transactionIndex: fault.transactionIndex)
    }
}
