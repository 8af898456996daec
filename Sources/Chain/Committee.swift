public import Primitives

/// The council members that agree on one height, in ascending order of address. `Council.committee` makes it.
public struct Committee: Hashable, Sendable {
    public let members: [CouncilMember]

    /// - Precondition: `members` ascends by address, without repetition, and is not empty.
    init(sorted members: [CouncilMember]) {
        precondition(!members.isEmpty, "a committee has at least one member")
        self.members = members
    }

    public var count: Int { members.count }

    /// How many must commit: ⌈2n/3⌉, and all of fewer than four, whom one liar could otherwise fork (QBFT.md).
    public var quorum: Int {
        let count = members.count
        return count < 4 ? count : (2 * count + 2) / 3
    }

    /// How many liars it withstands: ⌊(n − 1)/3⌋.
    public var faultTolerance: Int { (members.count - 1) / 3 }

    /// Whose turn it is: round-robin by height plus round.
    public func proposer(height: Height, round: UInt64) -> CouncilMember {
        let count = UInt64(members.count)
        // Each term is reduced first: the sum of two 64-bit numbers may not fit.
        return members[Int((height % count + round % count) % count)]
    }

    public func member(_ address: Address) -> CouncilMember? {
        index(of: address).map { members[$0] }
    }

    /// The seat of `address`, 0..<count, or nil for one who has none.
    public func index(of address: Address) -> Int? {
        members.positionOfMember(address)
    }

    public func contains(_ address: Address) -> Bool {
        index(of: address) != nil
    }
}
