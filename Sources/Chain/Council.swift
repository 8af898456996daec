public import Crypto
public import Primitives

/// One seat of the council: the key that votes, and the account that is paid for blocks.
public struct CouncilMember: Hashable, Sendable {
    public let publicKey: NodePublicKey
    public let rewardAddress: Address

    public init(publicKey: NodePublicKey, rewardAddress: Address) {
        self.publicKey = publicKey
        self.rewardAddress = rewardAddress
    }

    /// The name of the validator: the last twenty bytes of the hash of its public key.
    public var address: Address { publicKey.address }
}

extension CouncilMember: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(publicKey)
            list.append(rewardAddress)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        let publicKey = try NodePublicKey(from: &list)
        let rewardAddress = try list.address()
        try list.finish()
        self.init(publicKey: publicKey, rewardAddress: rewardAddress)
    }
}

/// Why a list of members is no council.
public enum CouncilError: Error, Hashable, Sendable, CustomStringConvertible {
    case noMembers
    case tooManyMembers(limit: Int, found: Int)
    case duplicateMember(Address)

    public var description: String {
        switch self {
        case .noMembers: "a council needs at least one member"
        case .tooManyMembers(let limit, let found): "a council has at most \(limit) members, found \(found)"
        case .duplicateMember(let address): "\(address) is in the council twice"
        }
    }
}

/// The nodes that are permitted to agree on blocks, in ascending order of address, each of them once.
public struct Council: Hashable, Sendable {
    public let members: [CouncilMember]
    /// keccak(rlp(members)): what the extension of the block before names.
    public let hash: Hash32

    /// The most seats a council can have. It bounds certificates and every message that carries votes.
    public static let memberMax = 100

    /// A council of `members`, given in any order.
    public init(_ members: [CouncilMember]) throws(CouncilError) {
        guard !members.isEmpty else { throw .noMembers }
        guard members.count <= Council.memberMax else {
            throw .tooManyMembers(limit: Council.memberMax, found: members.count)
        }
        let sorted = members.sorted { $0.address < $1.address }
        for (member, next) in zip(sorted, sorted.dropFirst()) where member.address == next.address {
            throw .duplicateMember(member.address)
        }
        self.members = sorted
        var encoder = RLPEncoder()
        encoder.append(list: sorted)
        hash = keccak256(encoder.bytes)
    }

    public func member(_ address: Address) -> CouncilMember? {
        members.positionOfMember(address).map { members[$0] }
    }

    /// Who agrees on the block at `height`: everybody, or `sizeMax` members drawn by lot if there are more.
    ///
    /// The draw is a pure function of the sealed parent, so no round and no proposer can move it (DESIGN D5).
    ///
    /// - Parameters:
    ///   - parent: The hash of the block at `height` − 1.
    ///   - sizeMax: At least 1; `ChainRules.committeeSizeMax`.
    public func committee(at height: Height, parent: Hash32, sizeMax: Int) -> Committee {
        precondition(sizeMax >= 1, "a committee has at least one member")
        guard members.count > sizeMax else { return Committee(sorted: members) }
        var seats = members
        var lots = Lots(
            seed: keccak256(parent.bytes + (0..<8).map { UInt8(truncatingIfNeeded: height >> (56 - 8 * $0)) }))
        // The first `sizeMax` steps of a Fisher-Yates shuffle draw without replacement.
        for position in 0..<sizeMax {
            seats.swapAt(position, position + lots.next(below: seats.count - position))
        }
        return Committee(sorted: seats[..<sizeMax].sorted { $0.address < $1.address })
    }
}

/// Numbers drawn from the hash chain seed, keccak(seed), keccak(keccak(seed)), …
private struct Lots {
    private var word: Hash32

    init(seed: Hash32) {
        word = seed
    }

    /// A number in 0..<bound. With at most 100 members the remainder of 64 bits favours none by more than 2⁻⁵⁷.
    mutating func next(below bound: Int) -> Int {
        let lot = Int(word.word0 % UInt64(bound))
        word = keccak256(word)
        return lot
    }
}

extension Array<CouncilMember> {
    /// The position of a member in an array that ascends by address.
    func positionOfMember(_ address: Address) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].address < address { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].address == address ? low : nil
    }
}

extension Council: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(list: members)
    }

    /// Refuses members out of order: a council has one encoding.
    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        let start = decoder.position
        let members = try decoder.array(of: CouncilMember.self, max: Council.memberMax)
        do throws(CouncilError) {
            try self.init(members)
        } catch {
            throw .invalidValue(at: start, error.description)
        }
        guard self.members == members else { throw .invalidValue(at: start, "council members out of order") }
    }
}
