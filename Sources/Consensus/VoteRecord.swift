public import Chain
public import Primitives

/// One entry of the vote log: what must be on disk before a signature leaves this node.
public enum VoteRecord: Sendable, Hashable {
    /// The node is about to sign `vote`.
    case vote(Vote)
    /// The node is about to commit to this block, and must be able to prove so in a later round change.
    case prepared(height: Height, PreparedCertificate)

    public var height: Height {
        switch self {
        case .vote(let vote): vote.height
        case .prepared(let height, _): height
        }
    }
}

extension VoteRecord: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            switch self {
            case .vote(let vote):
                list.append(UInt64(0))
                list.append(vote)
            case .prepared(let height, let certificate):
                list.append(UInt64(1))
                list.append(height)
                list.append(certificate)
            }
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        var list = try decoder.list()
        switch try list.uint64() {
        case 0: self = .vote(try Vote(from: &list))
        case 1:
            let height = try list.uint64()
            self = .prepared(height: height, try PreparedCertificate(from: &list))
        case let kind: throw .invalidValue(at: start, "vote record \(kind)")
        }
        try list.finish()
    }
}
