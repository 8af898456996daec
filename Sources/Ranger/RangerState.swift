public import Chain
public import Primitives

/// What a ranger has found out about one sealed block.
public enum Verdict: Sendable, Hashable {
    case valid
    /// Proven wrong; the hash names the fault proof.
    case invalid(fault: Hash32)
    /// It lies above a block that was proven wrong, so its state cannot be known.
    case unknown
}

/// How far a ranger trusts the chain: its own validated head, and the sealed headers it follows beyond it.
public struct RangerState: Sendable {
    /// Refused certificates that are remembered for people to see.
    public static let rejectionsMax = 64

    /// A block that was offered without the seals it needs: no fault of the chain, only of whoever sent it.
    public struct Rejection: Sendable, Hashable {
        public let height: Height
        public let block: Hash32
        public let reason: String
        /// The node that offered it.
        public let from: Address

        public init(height: Height, block: Hash32, reason: String, from: Address) {
            self.height = height
            self.block = block
            self.reason = reason
            self.from = from
        }
    }

    public var archive = VoteArchive()
    public var desk: FaultDesk
    /// The first sealed block proven wrong: the validated head stays below it.
    public private(set) var frozen: (height: Height, fault: Hash32)?
    /// The newest sealed block seen, validated or not.
    public private(set) var followed: CertifiedBlock?
    public private(set) var rejections: [Rejection] = []

    public init(desk: FaultDesk = FaultDesk()) {
        self.desk = desk
    }

    public mutating func freeze(at height: Height, because fault: Hash32) {
        guard frozen == nil else { return }
        frozen = (height, fault)
    }

    public mutating func follow(_ block: CertifiedBlock) {
        followed = block
    }

    public mutating func reject(_ rejection: Rejection) {
        rejections.append(rejection)
        if rejections.count > Self.rejectionsMax { rejections.removeFirst() }
    }

    public func verdict(of height: Height, validatedHead: Height) -> Verdict? {
        if height <= validatedHead { return .valid }
        guard let frozen, height >= frozen.height else { return nil }
        return height == frozen.height ? .invalid(fault: frozen.fault) : .unknown
    }
}
