import Primitives

/// Which block a caller means.
enum BlockReference: Equatable {
    /// latest, safe and finalized are one: a sealed block is final.
    case latest
    case pending
    case height(Height)
    case hash(Hash32)
}

extension Arguments {
    /// A number or a tag; latest where the argument was left out.
    func block(_ index: Int) throws(RPCError) -> BlockReference {
        try readOptional(index, blockNumberArgument) ?? .latest
    }

    /// A number, a tag, a block hash or an EIP-1898 object; latest where the argument was left out.
    func blockOrHash(_ index: Int) throws(RPCError) -> BlockReference {
        try readOptional(index, blockReferenceArgument) ?? .latest
    }
}

func blockNumberArgument(_ value: JSONValue) throws(ArgumentError) -> BlockReference {
    switch value {
    case .string("latest"), .string("safe"), .string("finalized"): .latest
    case .string("pending"): .pending
    case .string("earliest"): .height(0)
    default: .height(try quantityArgument(value))
    }
}

private func blockReferenceArgument(_ value: JSONValue) throws(ArgumentError) -> BlockReference {
    if let text = value.string {
        return text.utf8.count == 66 ? .hash(try hashArgument(value)) : try blockNumberArgument(value)
    }
    guard let object = value.object else { throw ArgumentError("expected a block, found \(value.kind)") }
    switch (object["blockNumber"], object["blockHash"]) {
    case (.some(let number), nil): return try blockNumberArgument(number)
    case (nil, .some(let hash)):
        if let canonical = object["requireCanonical"], canonical.bool == nil {
            throw ArgumentError("requireCanonical must be true or false")
        }
        return .hash(try hashArgument(hash))
    case (.some, .some): throw ArgumentError("cannot specify both BlockHash and BlockNumber, choose one or the other")
    case (nil, nil): throw ArgumentError("a block object needs blockNumber or blockHash")
    }
}

extension RPCContext {
    /// The height of the block that is meant, or nil where there is none. `pending` is the head here.
    func height(of reference: BlockReference) throws(RPCError) -> Height? {
        switch reference {
        case .latest, .pending: return chain.headHeight
        case .height(let height): return visible(height)
        case .hash(let hash):
            return try visible(reading { () throws(ChainReadError) in try chain.height(ofBlock: hash) })
        }
    }

    /// `height` unless it is above the head: what is on disk already but not yet the head does not
    /// exist, or a client would see a receipt whose block it cannot read.
    func visible(_ height: Height?) -> Height? {
        height.flatMap { $0 <= chain.headHeight ? $0 : nil }
    }

    /// The block that is meant, or nil where there is none.
    func block(_ reference: BlockReference) throws(RPCError) -> LoadedBlock? {
        guard let height = try height(of: reference) else { return nil }
        return try blocks.block(at: height)
    }

    /// The height whose state is meant.
    func stateHeight(_ reference: BlockReference) throws(RPCError) -> Height {
        if let height = try height(of: reference) { return height }
        if case .hash = reference { throw .headerForHashNotFound }
        throw .headerNotFound
    }

    /// The head, which always exists.
    func head() throws(RPCError) -> LoadedBlock {
        guard let head = try blocks.block(at: chain.headHeight) else { throw .internalError("the head is not there") }
        return head
    }
}
