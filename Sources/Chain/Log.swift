public import Primitives

/// An event that a contract left in its receipt.
public struct Log: Hashable, Sendable {
    public var address: Address
    /// At most four: LOG0 to LOG4.
    public var topics: [Hash32]
    public var data: Bytes

    public static let topicsMax = 4

    public init(address: Address, topics: [Hash32], data: Bytes) {
        self.address = address
        self.topics = topics
        self.data = data
    }
}

extension Log: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(address)
            list.append(list: topics)
            list.append(data)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        address = try list.address()
        topics = try list.array(of: Hash32.self, max: Log.topicsMax)
        data = try list.bytes()
        try list.finish()
    }
}
