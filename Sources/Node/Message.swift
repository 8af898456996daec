public import Chain
public import Consensus
public import FaultProofs
public import Primitives

/// Everything nodes say to each other; one message a frame, RLP, its kind first.
public indirect enum Message: Sendable, Hashable {
    case hello(Hello)
    /// Transactions in their EIP-2718 envelopes, undecoded: recovery costs more than the rest together.
    case transactions([Bytes])
    case proposal(Proposal)
    case vote(SignedVote)
    case roundChange(RoundChange)
    /// "This block is sealed; ask me for it."
    case sealed(CommitCertificate)
    case getBlocks(from: Height, count: UInt64)
    case blocks([CertifiedBlock])
    case fault(FaultProof)
    case getPeers
    /// Where other nodes listen, as host:port.
    case peers([String])
    /// Genuine votes that others may not have heard: for archives, not for the vote itself.
    case votes([SignedVote])
    /// "What did the transactions of this sealed block touch?"
    case getAccessList(height: Height, block: Hash32)
    /// A `BlockAccessList`, encoded; empty where it is not here. Undecoded: only who asked for it looks inside.
    case accessList(block: Hash32, list: Bytes)

    public static let transactionsMax = 4_096
    public static let transactionBytesMax = 131_072
    public static let blocksMax = 64
    public static let peersMax = 64
    public static let endpointBytesMax = 64
    /// The justification of one proposal is two votes a member of the council.
    public static let votesMax = 2 * Council.memberMax
    /// A list that is longer is not sent, and a longer one is refused.
    public static let accessListBytesMax = 8 << 20
}

/// The first thing a node says on a connection.
public struct Hello: Sendable, Hashable {
    public static let version: UInt64 = 1
    public static let nameBytesMax = 64

    public var version = Self.version
    public let name: String
    public let isRanger: Bool
    public let head: Height
    public let headHash: Hash32
    /// Where others can reach it, as host:port.
    public let listen: String

    public init(name: String, isRanger: Bool, head: Height, headHash: Hash32, listen: String) {
        self.name = name
        self.isRanger = isRanger
        self.head = head
        self.headHash = headHash
        self.listen = listen
    }
}

/// Why a frame is not a message.
public enum MessageError: Error, Equatable, Sendable {
    case malformed(RLPError)
    case unknownKind(UInt64)
    case badText
    case transactionTooLarge(limit: Int, found: Int)
}

extension Message {
    private var kind: UInt64 {
        switch self {
        case .hello: 0
        case .transactions: 1
        case .proposal: 2
        case .vote: 3
        case .roundChange: 4
        case .sealed: 5
        case .getBlocks: 6
        case .blocks: 7
        case .fault: 8
        case .getPeers: 9
        case .peers: 10
        case .votes: 11
        case .getAccessList: 12
        case .accessList: 13
        }
    }

    public var encoded: Bytes {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(kind)
            encodeContent(into: &list)
        }
        return encoder.bytes
    }

    private func encodeContent(into list: inout RLPEncoder) {
        switch self {
        case .hello(let hello): list.append(hello)
        case .transactions(let envelopes):
            list.list { inner in for envelope in envelopes { inner.append(envelope) } }
        case .proposal(let proposal): list.append(proposal)
        case .vote(let vote): list.append(vote)
        case .roundChange(let change): list.append(change)
        case .sealed(let certificate): list.append(certificate)
        case .getBlocks(let from, let count):
            list.append(from)
            list.append(count)
        case .blocks(let blocks): list.append(list: blocks)
        case .fault(let proof): list.append(proof)
        case .getPeers: break
        case .peers(let endpoints):
            list.list { inner in for endpoint in endpoints { inner.append(Bytes(endpoint.utf8)) } }
        case .votes(let votes): list.append(list: votes)
        case .getAccessList(let height, let block):
            list.append(height)
            list.append(block)
        case .accessList(let block, let encoded):
            list.append(block)
            list.append(encoded)
        }
    }

    /// `.blocks` from blocks that are encoded already, as a disk has them.
    public static func encodedBlocks(_ blocks: [Bytes]) -> Bytes {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(UInt64(7))
            list.list { inner in for block in blocks { inner.appendRaw(block) } }
        }
        return encoder.bytes
    }

    public init(decoding frame: Bytes) throws(MessageError) {
        do {
            var decoder = RLPDecoder(frame)
            var list = try decoder.list()
            let kind = try list.uint64()
            guard let message = try Self.content(of: kind, from: &list) else { throw MessageError.unknownKind(kind) }
            try list.finish()
            try decoder.finish()
            self = message
        } catch let error as RLPError {
            throw .malformed(error)
        } catch let error as MessageError {
            throw error
        } catch {
            throw .badText
        }
    }

    private static func content(of kind: UInt64, from list: inout RLPDecoder) throws -> Message? {
        switch kind {
        case 0: .hello(try Hello(from: &list))
        case 1: .transactions(try envelopes(from: &list))
        case 2: .proposal(try Proposal(from: &list))
        case 3: .vote(try SignedVote(from: &list))
        case 4: .roundChange(try RoundChange(from: &list))
        case 5: .sealed(try CommitCertificate(from: &list))
        case 6: .getBlocks(from: try list.uint64(), count: try list.uint64())
        case 7: .blocks(try list.array(of: CertifiedBlock.self, max: blocksMax))
        case 8: .fault(try FaultProof(from: &list))
        case 9: .getPeers
        case 10: .peers(try endpoints(from: &list))
        case 11: .votes(try list.array(of: SignedVote.self, max: votesMax))
        case 12: .getAccessList(height: try list.uint64(), block: try list.hash())
        case 13: .accessList(block: try list.hash(), list: try list.bytes(max: accessListBytesMax))
        default: nil
        }
    }

    private static func envelopes(from list: inout RLPDecoder) throws -> [Bytes] {
        var inner = try list.list()
        var envelopes: [Bytes] = []
        while !inner.isAtEnd, envelopes.count < transactionsMax {
            envelopes.append(try inner.bytes(max: transactionBytesMax))
        }
        try inner.finish()
        return envelopes
    }

    private static func endpoints(from list: inout RLPDecoder) throws -> [String] {
        var inner = try list.list()
        var endpoints: [String] = []
        while !inner.isAtEnd, endpoints.count < peersMax {
            endpoints.append(try Hello.text(from: &inner, max: endpointBytesMax))
        }
        try inner.finish()
        return endpoints
    }
}

extension Hello: RLPEncodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(version)
            list.append(Bytes(name.utf8))
            list.append(isRanger)
            list.append(head)
            list.append(headHash)
            list.append(Bytes(listen.utf8))
        }
    }

    init(from decoder: inout RLPDecoder) throws {
        var list = try decoder.list()
        version = try list.uint64()
        name = try Self.text(from: &list, max: Self.nameBytesMax)
        isRanger = try list.bool()
        head = try list.uint64()
        headHash = try list.hash()
        listen = try Self.text(from: &list, max: Message.endpointBytesMax)
        try list.finish()
    }

    /// Printable ASCII only: names and endpoints end up in logs and terminals.
    static func text(from list: inout RLPDecoder, max: Int) throws -> String {
        let bytes = try list.bytes(max: max)
        guard bytes.allSatisfy({ $0 >= 0x21 && $0 < 0x7f }) else { throw MessageError.badText }
        return String(decoding: bytes, as: UTF8.self)
    }
}
