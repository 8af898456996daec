public import Primitives

/// An account and some of its slots that a transaction announces to touch (EIP-2930).
public struct AccessListEntry: Hashable, Sendable {
    public var address: Address
    public var storageKeys: [Hash32]

    public init(address: Address, storageKeys: [Hash32]) {
        self.address = address
        self.storageKeys = storageKeys
    }
}

extension AccessListEntry: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(address)
            list.append(list: storageKeys)
        }
    }

    /// The number of keys is bounded by the length of the transaction: each takes 33 bytes there and 32 here.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        address = try list.address()
        storageKeys = try list.array(of: Hash32.self, max: Transaction.envelopeBytesMax)
        try list.finish()
    }
}
