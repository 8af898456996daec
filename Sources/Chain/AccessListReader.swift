public import Primitives

/// Whoever can say what a block's access list holds: the list itself, or some entries of it with their proofs.
///
/// A reader answers or throws: nil means that the list has no such entry, a thrown gap that this is not known.
public protocol AccessListReader {
    /// The last entry whose key is below `key`.
    func last(below key: BlockAccess.Key) throws(AccessListGap) -> BlockAccess?
}

/// Why a part of an access list could not answer.
public enum AccessListGap: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not both of the neighbouring entries are at hand between which the answer about this account lies.
    case unknown(Address)

    public var description: String {
        switch self {
        case .unknown(let address): "the entries at hand do not say what the access list holds of \(address)"
        }
    }
}

extension BlockAccessList: AccessListReader {
    public func last(below key: BlockAccess.Key) throws(AccessListGap) -> BlockAccess? {
        let count = count(below: key)
        return count == 0 ? nil : entries[count - 1]
    }
}

/// What a field holds before an index, or nil if the parent's state says it: that of the last entry below the index.
extension AccessListReader {
    public func balance(
        of address: Address, before index: BlockAccessIndex
    ) throws(AccessListGap) -> UInt256? {
        let key = BlockAccess.Key(address: address, field: .balance, slot: 0, index: index)
        guard case .balance(address, _, let value) = try last(below: key) else { return nil }
        return value
    }

    public func nonce(of address: Address, before index: BlockAccessIndex) throws(AccessListGap) -> UInt64? {
        let key = BlockAccess.Key(address: address, field: .nonce, slot: 0, index: index)
        guard case .nonce(address, _, let value) = try last(below: key) else { return nil }
        return value
    }

    public func code(of address: Address, before index: BlockAccessIndex) throws(AccessListGap) -> Bytes? {
        let key = BlockAccess.Key(address: address, field: .code, slot: 0, index: index)
        guard case .code(address, _, let value) = try last(below: key) else { return nil }
        return value
    }

    public func storage(
        of address: Address, slot: UInt256, before index: BlockAccessIndex
    ) throws(AccessListGap) -> UInt256? {
        let key = BlockAccess.Key(address: address, field: .storageWrite, slot: slot, index: index)
        guard case .storageWrite(address, slot, _, let value) = try last(below: key) else { return nil }
        return value
    }

    /// The entry about the same field at the same index as `entry`, if there is one.
    ///
    /// - Precondition: `entry` is a write.
    public func entry(like entry: BlockAccess) throws(AccessListGap) -> BlockAccess? {
        guard let index = entry.index else { preconditionFailure("only writes have an index") }
        let key = entry.key
        let next = BlockAccess.Key(address: key.address, field: key.field, slot: key.slot, index: index + 1)
        guard let last = try last(below: next), last.key == key else { return nil }
        return last
    }
}
