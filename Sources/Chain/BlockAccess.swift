public import Primitives

/// When in a block something was written: 0 before the first transaction, i + 1 by transaction i, and n + 1 behind
/// the last of n, where rewards are paid (EIP-7928, `block_access_index`).
public typealias BlockAccessIndex = UInt32

/// One thing that a block read or wrote: an entry of its access list (EIP-7928).
public enum BlockAccess: Hashable, Sendable {
    /// `value` is what the slot holds from `index` on.
    case storageWrite(Address, slot: UInt256, index: BlockAccessIndex, value: UInt256)
    /// Read, and written by none in the block.
    case storageRead(Address, slot: UInt256)
    /// The balance from `index` on, in peb.
    case balance(Address, index: BlockAccessIndex, value: UInt256)
    /// The nonce from `index` on.
    case nonce(Address, index: BlockAccessIndex, value: UInt64)
    /// The code from `index` on.
    case code(Address, index: BlockAccessIndex, value: Bytes)
    /// Looked at, and nothing else in the list is about this account.
    case touched(Address)

    public var address: Address {
        switch self {
        case .storageWrite(let address, _, _, _), .storageRead(let address, _), .balance(let address, _, _),
            .nonce(let address, _, _), .code(let address, _, _), .touched(let address):
            address
        }
    }

    /// When it was written; nil for what was only read.
    public var index: BlockAccessIndex? {
        switch self {
        case .storageWrite(_, _, let index, _), .balance(_, let index, _), .nonce(_, let index, _),
            .code(_, let index, _):
            index
        case .storageRead, .touched: nil
        }
    }

    /// What the entry is about, without what it says: two entries of one list never share it.
    public var key: Key {
        switch self {
        case .storageWrite(let address, let slot, let index, _):
            Key(address: address, field: .storageWrite, slot: slot, index: index)
        case .storageRead(let address, let slot): Key(address: address, field: .storageRead, slot: slot, index: 0)
        case .balance(let address, let index, _): Key(address: address, field: .balance, slot: 0, index: index)
        case .nonce(let address, let index, _): Key(address: address, field: .nonce, slot: 0, index: index)
        case .code(let address, let index, _): Key(address: address, field: .code, slot: 0, index: index)
        case .touched(let address): Key(address: address, field: .touched, slot: 0, index: 0)
        }
    }

    /// The canonical order: by address, then field in EIP-7928's order, then slot, then index.
    public struct Key: Comparable, Hashable, Sendable {
        enum Field: UInt8 {
            case storageWrite = 0
            case storageRead = 1
            case balance = 2
            case nonce = 3
            case code = 4
            case touched = 5
        }

        public let address: Address
        let field: Field
        let slot: UInt256
        let index: BlockAccessIndex

        public static func < (left: Key, right: Key) -> Bool {
            if left.address != right.address { return left.address < right.address }
            if left.field != right.field { return left.field.rawValue < right.field.rawValue }
            if left.slot != right.slot { return left.slot < right.slot }
            return left.index < right.index
        }
    }
}

extension BlockAccess: RLPEncodable, RLPDecodable {
    /// [address, field, slot, index, value], without the parts that the field does not have.
    public func encode(into encoder: inout RLPEncoder) {
        let key = key
        encoder.list { list in
            list.append(key.address)
            list.append(UInt64(key.field.rawValue))
            switch self {
            case .storageWrite(_, let slot, let index, let value):
                list.append(slot)
                list.append(UInt64(index))
                list.append(value)
            case .storageRead(_, let slot):
                list.append(slot)
            case .balance(_, let index, let value):
                list.append(UInt64(index))
                list.append(value)
            case .nonce(_, let index, let value):
                list.append(UInt64(index))
                list.append(value)
            case .code(_, let index, let value):
                list.append(UInt64(index))
                list.append(value)
            case .touched:
                break
            }
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        let address = try list.address()
        let position = list.position
        let number = try list.uint64()
        guard let field = UInt8(exactly: number).flatMap(Key.Field.init(rawValue:)) else {
            throw .invalidValue(at: position, "access field \(number)")
        }
        switch field {
        case .storageWrite:
            self = .storageWrite(
                address, slot: try list.uint256(), index: try list.accessIndex(), value: try list.uint256())
        case .storageRead: self = .storageRead(address, slot: try list.uint256())
        case .balance: self = .balance(address, index: try list.accessIndex(), value: try list.uint256())
        case .nonce: self = .nonce(address, index: try list.accessIndex(), value: try list.uint64())
        case .code: self = .code(address, index: try list.accessIndex(), value: try list.bytes())
        case .touched: self = .touched(address)
        }
        try list.finish()
    }
}

extension RLPDecoder {
    fileprivate mutating func accessIndex() throws(RLPError) -> BlockAccessIndex {
        let position = position
        let number = try uint64()
        guard let index = BlockAccessIndex(exactly: number) else {
            throw .invalidValue(at: position, "access index \(number)")
        }
        return index
    }
}
