// What is to be said of each fault: to people who order one, and to the lab.
extension Injection.Fault {
    /// Its row in FAULTS.md.
    public var catalogueID: String {
        switch self {
        case .wrongStateRoot: "B1"
        case .wrongTransactionsRoot: "B3"
        case .badTransactionSignature: "B9"
        case .nonceReplay: "B10"
        case .overspend: "B11"
        case .wrongReward: "B14"
        case .hiddenMint: "B15"
        case .wrongProposer: "B16"
        case .tooFewSeals: "B18"
        case .fork: "B26"
        case .wrongStorageWrite: "B27"
        case .equivocatingProposer: "C1"
        case .doubleCommit: "C3"
        case .amnesia: "C5"
        case .silentValidator: "C7"
        case .silentProposer: "C8"
        case .unjustifiedProposal: "C10"
        case .crossRoundFork: "C22"
        case .lyingRanger: "C23"
        }
    }

    /// The levels at which the fault can be injected, the usual one first.
    public var levels: [Injection.Level] {
        switch self {
        case .wrongStateRoot, .badTransactionSignature, .nonceReplay, .overspend, .wrongReward, .hiddenMint,
            .wrongStorageWrite:
            [.sealed, .proposal]
        case .wrongTransactionsRoot, .wrongProposer: [.proposal]
        case .tooFewSeals: [.ranger]
        case .fork, .crossRoundFork: [.fork]
        case .equivocatingProposer, .doubleCommit, .amnesia, .silentValidator, .silentProposer, .unjustifiedProposal,
            .lyingRanger:
            [.conduct]
        }
    }

    /// The rounds in which it can be committed, the usual one first.
    public var rounds: ClosedRange<UInt64> {
        switch self {
        // Neither belongs to a round: the one lasts as long as its height, the other is no part of consensus.
        case .silentValidator, .lyingRanger: 0...0
        // In round 0 there is nothing to justify.
        case .unjustifiedProposal: 1...Injection.roundMax
        default: 0...Injection.roundMax
        }
    }

    /// Whose deed it is.
    public enum Deed: String, Sendable, Hashable, CaseIterable {
        /// The proposer of its height and round. At level S a quorum seals it with its eyes shut.
        case proposer
        /// Any one validator; the proposer of the next round, if nobody is named.
        case validator
        /// More validators than the council withstands, and fewer than a quorum.
        case liars
        case ranger
    }

    public var deed: Deed {
        switch self {
        case .silentValidator, .doubleCommit, .amnesia, .tooFewSeals, .wrongProposer: .validator
        case .fork, .crossRoundFork: .liars
        case .lyingRanger: .ranger
        default: .proposer
        }
    }

    /// Whether it is committed by whoever proposes a block, or first by them.
    public var isByProposer: Bool { deed == .proposer || deed == .liars }

    /// Whether the round it belongs to must really be reached, or it is said out of the blue.
    var needsItsRound: Bool { self != .unjustifiedProposal && self != .wrongProposer }

    /// One line for people.
    public var summary: String {
        switch self {
        case .wrongStateRoot: "the block's state root is not what its transactions lead to"
        case .wrongTransactionsRoot: "the header's transactions root is not the body's"
        case .badTransactionSignature: "a transaction's signature is malleated (high s)"
        case .nonceReplay: "a transaction is included a second time"
        case .overspend: "a transaction spends more than its sender has"
        case .wrongReward: "the proposer's share of the reward is paid to somebody else"
        case .hiddenMint: "the block credits an account out of nothing"
        case .wrongProposer: "a validator proposes when it is not its turn"
        case .tooFewSeals: "a block without a quorum of seals is pushed to rangers"
        case .fork: "liars prepare and commit two blocks in one round, each to one half of the honest"
        case .wrongStorageWrite: "a storage slot holds something else than the contract wrote"
        case .equivocatingProposer: "the proposer signs two blocks in one round"
        case .doubleCommit: "a validator commits to two blocks in one round"
        case .amnesia: "a validator that has committed asks for the next round as if it had prepared nothing"
        case .silentValidator: "a validator says nothing for one height"
        case .silentProposer: "the proposer does not propose in its round"
        case .unjustifiedProposal: "a proposer of a later round proposes without the round changes that allow it"
        case .crossRoundFork:
            "liars seal a block with one half of the honest, forget it, and seal another with the other half"
        case .lyingRanger: "a ranger accuses honest validators with false proofs"
        }
    }

    /// What is to be seen when it happens.
    public var observable: String {
        switch self {
        case .wrongStateRoot, .hiddenMint: "EXEC, rule stateRoot"
        case .wrongTransactionsRoot: "BODY, rule transactionsRoot, against the proposer; the next round seals"
        case .badTransactionSignature: "BODY, rule transactionSignature"
        case .nonceReplay: "EXEC, rule nonce"
        case .overspend: "EXEC, rule balance"
        case .wrongReward, .wrongStorageWrite: "EXEC, rule accessListRoot"
        case .wrongProposer: "HEADER, rule proposer, against whoever signed; the round is not lost"
        case .tooFewSeals: "each ranger counts the seals and drops the sender; nobody is accused"
        case .fork: "FORK with E1 pairs against the liars, and two certificates for one height"
        case .equivocatingProposer: "PAIR E6 against the proposer; a round lost at most"
        case .doubleCommit: "PAIR E1; the round is not lost"
        case .amnesia: "PAIR E4; the round is not lost"
        case .silentValidator: "a seal is missing in the block's certificate, and in the validator's score"
        case .silentProposer: "the block is sealed a round later, and the proposer's score says it missed"
        case .unjustifiedProposal: "JUSTIFICATION against the proposer; the round is not lost"
        case .crossRoundFork: "FORK with E4 pairs against the liars, and certificates of two rounds"
        case .lyingRanger: "every node rejects the report and drops the ranger; nobody is accused"
        }
    }
}
