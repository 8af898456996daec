public import Primitives

/// Whoever can say what a block's access list holds: the list itself, or some entries of it with their proofs.
///
/// A reader answers or throws: nil means that the list has no such entry, a thrown gap that this is not known.
public protocol AccessListReader {
    /// How many entries have a key below `key`: the position of the first that has not.
    func count(below key: BlockAccess.Key) throws(AccessListGap) -> Int

    /// The entry at `position`, which is below what `count(below:)` has answered.
    func access(at position: Int) throws(AccessListGap) -> BlockAccess
}

extension AccessListReader {
    /// The last entry whose key is below `key`.
    public func last(below key: BlockAccess.Key) throws(AccessListGap) -> BlockAccess? {
        let count = try count(below: key)
        return count == 0 ? nil : try access(at: count - 1)
    }
}

/// Why a part of an access list could not answer.
public enum AccessListGap: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not both of the neighbouring entries are at hand between which the answer about this account lies.
    case unknown(Address)
    /// The entry at this position is not at hand.
    case notHeld(Int)

    public var description: String {
        switch self {
        case .notHeld(let position): "entry \(position) of the access list is not at hand"
        case .unknown(let address): "the entries at hand do not say what the access list holds of \(address)"
        }
    }
}

extension BlockAccessList: AccessListReader {
    public func access(at position: Int) -> BlockAccess { entries[position] }
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
