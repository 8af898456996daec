import Chain
import EVM
import Primitives
import Validation

/// Finds the rule that evidence shows to be broken. Signatures and hashes are checked elsewhere.
///
/// Prover and verifier both ask here, so that what is published is what convinces.
struct Rulebook {
    let genesis: Genesis
    let councils: ProvenCouncils

    init(_ genesis: Genesis, councils: ProvenCouncils) {
        self.genesis = genesis
        self.councils = councils
    }

    var rules: ChainRules { genesis.rules }

    /// Those who agree on the child of `parent` at `height`.
    func committee(at height: Height, parent: Hash32) -> Committee {
        councils.council(at: height).committee(at: height, parent: parent, sizeMax: rules.committeeSizeMax)
    }

    /// What a header breaks by itself, given what its signers say of it.
    func fault(of header: Header, _ blockExtension: BlockExtension, accusation: Accusation) -> BlockFault? {
        guard header.number == accusation.height else {
            return BlockFault(
                rule: .number, expected: "\(accusation.height), which was signed for", found: "\(header.number)")
        }
        if header.number == 1, header.parentHash != genesis.hash {
            return BlockFault(rule: .parentHash, expected: "genesis \(genesis.hash)", found: "\(header.parentHash)")
        }
        let committee = committee(at: header.number, parent: header.parentHash)
        if case .proposed(let proposal) = accusation {
            let proposer = committee.proposer(height: header.number, round: proposal.vote.round).address
            guard proposal.validator == proposer else {
                return BlockFault(
                    rule: .proposer, expected: "a proposal by \(proposer)", found: "one by \(proposal.validator)")
            }
        }
        return caught { () throws(BlockFault) in
            try checkHeader(
                header, blockExtension, committee: committee, council: councils.council(at: header.number),
                round: accusation.roundBound)
        }
    }

    /// What a header breaks against the parent that it names.
    func fault(
        of header: Header, _ blockExtension: BlockExtension, childOf parent: Header, _ parentExtension: BlockExtension
    ) -> BlockFault? {
        caught { () throws(BlockFault) in
            try checkHeader(
                header, blockExtension, after: parent, parentExtension, parentHash: header.parentHash, under: rules)
        }
    }

    /// What the body of a block breaks as a whole. Its transactions by themselves are another matter.
    func faultOfBody(_ block: Block) -> BlockFault? {
        let extensionHash = block.extension.hash
        guard block.header.extraData == extensionHash.bytes else {
            return BlockFault(rule: .extraData, expected: "\(extensionHash)", found: block.header.extraData.hex)
        }
        return caught { () throws(BlockFault) in try checkBodyAsWhole(block) }
    }

    /// The senders of the transactions of a block with `header`, or the first rule that one breaks by itself.
    func senders(of transactions: [Transaction], in header: Header) -> Result<[Address], BlockFault> {
        do throws(BlockFault) {
            return .success(try transactionRules(in: header).checkAll(transactions))
        } catch {
            return .failure(error)
        }
    }

    /// The sender of the transaction at `position` of a block with `header`, or the rule that it breaks by itself.
    func sender(
        of transaction: Transaction, at position: Int, in header: Header
    ) -> Result<Address, BlockFault> {
        let check = transactionRules(in: header)
        do throws(BlockFault) {
            try check.checkFields(of: transaction, at: position)
            return .success(try check.sender(of: transaction, at: position))
        } catch {
            return .failure(error)
        }
    }

    private func transactionRules(in header: Header) -> TransactionRules {
        TransactionRules(in: BlockEnvironment(header, under: rules), policy: TransactionPolicy(rules))
    }

    /// What a transaction breaks on the state that its witness shows.
    func fault(
        of subject: TransactionCase, committedTo blockExtension: BlockExtension,
        _ execution: TransactionEvidence.Execution
    ) throws(ReplayFailure) -> BlockFault? {
        try replay(
            subject, stateRoot: execution.parent.stateRoot, accessListRoot: blockExtension.accessListRoot,
            witness: execution.witness, under: rules
        ).fault
    }

    /// What a block breaks against the state, having kept all other rules.
    func fault<Ledger: LedgerReader>(
        of block: Block, after parent: Header, _ parentExtension: BlockExtension, accusation: Accusation,
        senders: [Address], reading ledger: Ledger
    ) throws(Ledger.Failure) -> BlockFault? {
        let known = Dictionary(zip(block.transactions.map(\.hash), senders), uniquingKeysWith: { first, _ in first })
        let ancestry = Ancestry(
            parent: parent, parentExtension: parentExtension, council: councils.council(at: block.number),
            committee: committee(at: block.number, parent: block.header.parentHash))
        do throws(ValidationFailure<Ledger.Failure>) {
            _ = try validate(
                block, after: ancestry, reading: ledger, under: rules, round: accusation.roundBound, senders: known)
            return nil
        } catch {
            switch error {
            case .invalid(let fault): return fault
            case .unreadable(let failure): throw failure
            }
        }
    }

    private func caught(_ check: () throws(BlockFault) -> Void) -> BlockFault? {
        do throws(BlockFault) {
            try check()
            return nil
        } catch {
            return error
        }
    }
}
