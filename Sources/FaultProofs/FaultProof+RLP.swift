import Chain
public import Primitives

extension FaultProof: RLPEncodable, RLPDecodable {
    /// [version, form, evidence…].
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(FaultProof.version)
            list.append(form.rawValue)
            switch self {
            case .pair(let first, let second):
                list.append(first)
                list.append(second)
            case .header(let evidence): list.append(evidence)
            case .body(let evidence): list.append(evidence)
            case .transaction(let evidence): list.append(evidence)
            case .execution(let evidence): list.append(evidence)
            case .justification(let evidence): list.append(evidence)
            case .fork(let evidence): list.append(evidence)
            }
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        let version = try list.uint64()
        guard version == FaultProof.version else {
            throw .invalidValue(at: start, "fault proof version \(version), expected \(FaultProof.version)")
        }
        let number = try list.uint64()
        guard let form = Form(rawValue: number) else { throw .invalidValue(at: start, "fault proof form \(number)") }
        switch form {
        case .pair: self = .pair(try SignedVote(from: &list), try SignedVote(from: &list))
        case .header: self = .header(try HeaderEvidence(from: &list))
        case .body: self = .body(try BodyEvidence(from: &list))
        case .transaction: self = .transaction(try TransactionEvidence(from: &list))
        case .execution: self = .execution(try ExecutionEvidence(from: &list))
        case .justification: self = .justification(try JustificationEvidence(from: &list))
        case .fork: self = .fork(try ForkEvidence(from: &list))
        }
        try list.finish()
    }

    /// Decodes a whole proof of at most `encodedBytesMax` bytes.
    public init(checking bytes: Bytes) throws(ProofRejection) {
        guard bytes.count <= FaultProof.encodedBytesMax else {
            throw .tooLarge(limit: FaultProof.encodedBytesMax, found: bytes.count)
        }
        do throws(RLPError) {
            try self.init(rlp: bytes)
        } catch {
            throw .malformed(error)
        }
    }
}

extension Accusation: RLPEncodable, RLPDecodable {
    /// [0, certificate] or [1, signed vote].
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            switch self {
            case .sealed(let certificate):
                list.append(UInt64(0))
                list.append(certificate)
            case .proposed(let proposal):
                list.append(UInt64(1))
                list.append(proposal)
            }
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        switch try list.uint64() {
        case 0: self = .sealed(try CommitCertificate(from: &list))
        case 1: self = .proposed(try SignedVote(from: &list))
        case let other: throw .invalidValue(at: start, "accusation kind \(other)")
        }
        try list.finish()
    }
}

extension HeaderEvidence: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(header)
            list.append(`extension`)
            list.append(accusation)
            list.append(relation)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        header = try Header(from: &list)
        `extension` = try BlockExtension(from: &list)
        accusation = try Accusation(from: &list)
        relation = try Relation(from: &list)
        try list.finish()
    }
}

extension HeaderEvidence.Relation: RLPEncodable, RLPDecodable {
    /// [0] or [1, parent, its extension].
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            switch self {
            case .alone:
                list.append(UInt64(0))
            case .child(let parent, let parentExtension):
                list.append(UInt64(1))
                list.append(parent)
                list.append(parentExtension)
            }
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        switch try list.uint64() {
        case 0: self = .alone
        case 1: self = .child(of: try Header(from: &list), try BlockExtension(from: &list))
        case let other: throw .invalidValue(at: start, "header relation \(other)")
        }
        try list.finish()
    }
}

extension BodyEvidence: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(block)
            list.append(accusation)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        block = try Block(from: &list)
        accusation = try Accusation(from: &list)
        try list.finish()
    }
}

extension ExecutionEvidence: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(parent)
            list.append(parentExtension)
            list.append(block)
            list.append(accusation)
            list.append(list: witness)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        parent = try Header(from: &list)
        parentExtension = try BlockExtension(from: &list)
        block = try Block(from: &list)
        accusation = try Accusation(from: &list)
        witness = try list.byteStrings(
            max: Self.witnessNodesMax, eachMax: Self.preimageBytesMax, bytesMax: Self.witnessBytesMax)
        try list.finish()
    }
}
