import Chain
import Validation

extension BlockRule {
    /// What the rule demands, and what would come of it if nobody did.
    var meaning: String {
        switch self {
        case .parentHash: "every block names the sealed block below it, so that there is one history"
        case .number: "heights count up by one"
        case .timestamp: "every block is later than the one below it"
        case .gasLimit: "the room for transactions changes a little at a time, so that no proposer can flood the others"
        case .gasUsed: "the header says how much work the transactions took"
        case .baseFee: "the fee that is burned follows from how full the block below was, not from who proposes"
        case .extraData: "the header carries the hash of its extension, so that nobody can exchange it"
        case .fixedFields: "fields that this chain does not use hold what Ethereum prescribes for them"
        case .proposer: "validators take turns: the block pays the one whose turn it is, and that one proposes it"
        case .nextCouncil: "the block names those who seal the next one"
        case .blockSize: "a block has at most 8 MiB (EIP-7934)"
        case .transactionsRoot: "the header is about the very transactions that the block carries"
        case .transactionSignature: "only who holds the key of an account spends from it"
        case .chainID: "a transaction that was signed for another chain does nothing on this one (EIP-155)"
        case .transactionKind: "a block holds only transactions of kinds that this chain runs"
        case .transactionGasLimit: "one transaction does a bounded amount of work (EIP-7825)"
        case .intrinsicGas: "a transaction pays at least for being in the block"
        case .feeCap: "nobody pays less than the base fee, or more than they agreed to"
        case .initCode: "code that creates a contract is bounded (EIP-3860)"
        case .blobs: "this chain carries no blobs"
        case .authorizations: "a transaction that sets code names who has allowed it (EIP-7702)"
        case .nonce: "every account numbers its transactions: so each runs once, in its order"
        case .balance: "nobody spends more than they have"
        case .blockGas: "the transactions of a block fit in its gas limit"
        case .senderNotEOA: "only accounts without code of their own send transactions (EIP-3607)"
        case .stateRoot:
            "the header names what all accounts hold after the block: exactly what its transactions lead to"
        case .receiptsRoot: "the header names what came of each transaction"
        case .logsBloom: "the header says in brief which contracts left logs"
        case .accessListRoot: "the block says what each transaction wrote: exactly what its code writes"
        }
    }

    /// What is wrong with a block that breaks the rule, behind "block 7, ".
    var deed: String {
        switch self {
        case .parentHash: "which goes on from another block than the sealed one"
        case .number: "whose height does not follow"
        case .timestamp: "whose time does not follow"
        case .gasLimit: "whose gas limit jumps"
        case .gasUsed: "whose header states other work than its transactions took"
        case .baseFee: "whose base fee is not the one that follows"
        case .extraData: "whose header is about another extension"
        case .fixedFields: "whose fixed fields hold something else"
        case .proposer: "which was not this proposer's to make"
        case .nextCouncil: "which names another council"
        case .blockSize: "which is too large"
        case .transactionsRoot: "whose header names other transactions than it carries"
        case .transactionSignature: "with a transaction that nobody has signed properly"
        case .chainID: "with a transaction for another chain"
        case .transactionKind: "with a transaction that this chain does not run"
        case .transactionGasLimit: "with a transaction that asks for too much gas"
        case .intrinsicGas: "with a transaction that does not pay for itself"
        case .feeCap: "with a transaction that pays less than the base fee"
        case .initCode: "with a creation whose code is too long"
        case .blobs: "with a transaction that carries blobs"
        case .authorizations: "with a transaction that nobody has authorized"
        case .nonce: "with a transaction out of turn"
        case .balance: "with a transaction that its sender cannot pay for"
        case .blockGas: "with more transactions than fit in it"
        case .senderNotEOA: "with a transaction sent by a contract"
        case .stateRoot: "whose state nobody reaches who runs its transactions"
        case .receiptsRoot: "whose receipts are not what came of its transactions"
        case .logsBloom: "whose logs are not those of its transactions"
        case .accessListRoot: "which says that code wrote what it did not"
        }
    }

    /// What the two values are about, in one sentence.
    func sentence(expected: String, found: String, by sender: String) -> String {
        switch self {
        case .nonce:
            "The account \(sender) has reached number \(expected); the transaction has number \(found), so it was "
                + "run before or stands too early."
        case .balance: "It takes \(expected); \(sender) has \(found)."
        case .transactionSignature: "Its signature should be \(expected); it is \(found)."
        case .senderNotEOA: "The account \(sender) has \(found), and no key can speak for code."
        case .stateRoot:
            "Who runs these transactions on the state of the block below reaches the state root \(expected). "
                + "The header says \(found)."
        default: "The rules lead to \(expected). The block has \(found)."
        }
    }
}

extension Contradiction {
    /// Why nobody honest signs both.
    var meaning: String {
        switch self {
        case .doubleCommit:
            "a validator commits to one block a round: two quorums with different blocks would be a fork"
        case .doublePrepare: "a validator prepares one block a round, so that one block at most gathers a quorum"
        case .crossVote: "a validator commits to nothing but the block that it has prepared in that round"
        case .amnesia:
            "who has committed to a block says so in every later round: else the others could agree on another one "
                + "without knowing"
        case .doubleRoundChange: "a validator tells everybody the same about what it has prepared"
        case .doubleProposal: "whose turn it is makes one proposal a round: two would set the others against each other"
        }
    }

    /// What was done, behind "Validator 0x… ".
    var deed: String {
        switch self {
        case .doubleCommit: "committed to two blocks"
        case .doublePrepare: "prepared two blocks"
        case .crossVote: "prepared one block and committed to another"
        case .amnesia: "committed to a block and later denied it"
        case .doubleRoundChange: "told two stories of what it had prepared"
        case .doubleProposal: "made two proposals"
        }
    }
}
