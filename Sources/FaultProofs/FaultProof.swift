public import Chain
import Crypto
public import Primitives
import Validation

/// The proof of a fault, as plain data. `verify` needs this, the genesis, and nothing else.
///
/// Every byte of a proof is bound by a signature or a hash, and there is one order for what could be ordered in two
/// ways. So no byte can be changed in a proof that holds, and one fault by one set of votes has one `id`.
public enum FaultProof: Hashable, Sendable {
    /// PAIR: two votes by one validator that no honest one casts both of. In ascending order.
    case pair(SignedVote, SignedVote)
    /// HEADER: a header that breaks a rule by itself or against its parent.
    case header(HeaderEvidence)
    /// BODY: a body that is not the header's, or is too large.
    case body(BodyEvidence)
    /// BODY, or EXEC: one transaction that breaks a rule by itself, or against the state that it found.
    case transaction(TransactionEvidence)
    /// EXEC: a block that breaks a rule against its parent's state, with the parts of that state that show it.
    case execution(ExecutionEvidence)
    /// JUSTIFICATION: a proposal of a round above 0 that its proposer had no right to make.
    case justification(JustificationEvidence)
    /// FORK: two sealed blocks at one height, with the votes that show who lied.
    case fork(ForkEvidence)

    /// keccak(rlp(proof)): what proofs are told apart by.
    public var id: Hash32 { keccak256(rlp) }

    /// What people call it.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case pair = "PAIR"
        case header = "HEADER"
        case body = "BODY"
        case execution = "EXEC"
        case justification = "JUSTIFICATION"
        case fork = "FORK"

        public var name: String { rawValue }
    }

    public var kind: Kind {
        switch self {
        case .pair: .pair
        case .header: .header
        case .body: .body
        case .transaction(let evidence): evidence.execution == nil ? .body : .execution
        case .execution: .execution
        case .justification: .justification
        case .fork: .fork
        }
    }

    /// The number in the encoding that says which evidence follows. One kind may have several forms.
    enum Form: UInt64 {
        case pair = 0
        case header = 1
        case body = 2
        case execution = 3
        case justification = 4
        case fork = 5
        case transaction = 6
    }

    var form: Form {
        switch self {
        case .pair: .pair
        case .header: .header
        case .body: .body
        case .transaction: .transaction
        case .execution: .execution
        case .justification: .justification
        case .fork: .fork
        }
    }

    /// The meaning of the bytes. A proof of another version is refused.
    public static let version: UInt64 = 2
    /// The longest proof that is made or decoded: it fits a network frame of 16 MiB with room to spare.
    ///
    /// A full block of 2,857 transfers takes some 6 MiB with its witness. Of what does not fit, nobody is convicted.
    public static let encodedBytesMax = (16 << 20) - (64 << 10)
}

/// Who is accused, by their own signatures over the block's hash.
public enum Accusation: Hashable, Sendable {
    /// All who sealed the block. A quorum did.
    case sealed(CommitCertificate)
    /// The one who proposed it.
    case proposed(SignedVote)

    /// The height that was signed for. An honest block has the same.
    public var height: Height {
        switch self {
        case .sealed(let certificate): certificate.height
        case .proposed(let proposal): proposal.vote.height
        }
    }

    public var round: UInt64 {
        switch self {
        case .sealed(let certificate): certificate.round
        case .proposed(let proposal): proposal.vote.round
        }
    }

    /// The hash that was signed.
    public var block: Hash32 {
        switch self {
        case .sealed(let certificate): certificate.block
        case .proposed(let proposal): proposal.vote.block
        }
    }

    /// In ascending order.
    public var accused: [Address] {
        switch self {
        case .sealed(let certificate): certificate.signers
        case .proposed(let proposal): [proposal.validator]
        }
    }

    /// What the signatures say of the round in which the block was first proposed.
    var roundBound: RoundBound {
        switch self {
        case .sealed(let certificate): .sealed(certificate.round)
        case .proposed(let proposal): .reproposed(proposal.vote.round)
        }
    }
}

/// A header, and what it takes to see the rule that it breaks.
public struct HeaderEvidence: Hashable, Sendable {
    public var header: Header
    /// The one whose hash the header carries.
    public var `extension`: BlockExtension
    public var accusation: Accusation
    public var relation: Relation

    public enum Relation: Hashable, Sendable {
        /// The header is at fault by itself.
        case alone
        /// The header is at fault against the parent that it names.
        case child(of: Header, BlockExtension)
    }

    public init(header: Header, extension: BlockExtension, accusation: Accusation, relation: Relation) {
        self.header = header
        self.extension = `extension`
        self.accusation = accusation
        self.relation = relation
    }
}

/// A block whose body as a whole breaks a rule that needs no state.
public struct BodyEvidence: Hashable, Sendable {
    public var block: Block
    public var accusation: Accusation

    public init(block: Block, accusation: Accusation) {
        self.block = block
        self.accusation = accusation
    }
}

/// A block, its parent, and every part of the parent's state that it takes to execute the block up to its fault.
public struct ExecutionEvidence: Hashable, Sendable {
    public var parent: Header
    public var parentExtension: BlockExtension
    public var block: Block
    public var accusation: Accusation
    /// Preimages of trie nodes and code, in the order of first use, each once, none unused.
    public var witness: [Bytes]

    /// A block of 60,000,000 gas has at most 2,857 transfers, so some 5,700 accounts, at a depth of 4 to 6 nodes.
    public static let witnessNodesMax = 1 << 16
    /// All preimages together.
    public static let witnessBytesMax = 12 << 20
    /// The gas limit up to which a block is executed: no proof keeps its reader busy for long.
    public static let blockGasMax: Gas = 1 << 28
    /// One preimage: a branch of 17 items takes 532 bytes, code up to 24,576 (EIP-170).
    public static let preimageBytesMax = 24_576

    public init(
        parent: Header, parentExtension: BlockExtension, block: Block, accusation: Accusation, witness: [Bytes]
    ) {
        self.parent = parent
        self.parentExtension = parentExtension
        self.block = block
        self.accusation = accusation
        self.witness = witness
    }
}
