public import Chain
public import Primitives

/// What a ranger has found out about one sealed block.
public enum Verdict: Sendable, Hashable {
    case valid
    /// Proven wrong; the hash names the fault proof.
    case invalid(fault: Hash32)
    /// The council has sealed two blocks here or below: neither is final. The hash names the fault proof.
    case forked(fault: Hash32)
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
    public var seals: RecentSeals
    public var desk: FaultDesk
    /// The lowest height at which the chain was proven wrong: nothing is trusted from there on.
    public private(set) var frozen: Standstill?
    /// The newest sealed block seen, validated or not.
    public private(set) var followed: CertifiedBlock?
    public private(set) var rejections: [Rejection] = []

    public init(desk: FaultDesk = FaultDesk(), seals: RecentSeals = RecentSeals()) {
        self.desk = desk
        self.seals = seals
    }

    /// Trusts nothing from the height of `standstill` on. The lowest height counts; at one height, the best proof.
    public mutating func freeze(_ standstill: Standstill) {
        if let frozen {
            guard standstill.height <= frozen.height else { return }
            if standstill.height == frozen.height {
                let isBetter = frozen.fault == .zero || standstill.guilty.count > frozen.guilty.count
                guard isBetter, standstill.fault != .zero else { return }
            }
        }
        frozen = standstill
    }

    /// A block is the head now. A standstill at its height was one that this node has looked away from.
    public mutating func sealed(_ block: SealedHeader) {
        seals.add(block)
        if let frozen, frozen.cause == .invalidBlock, frozen.height <= block.height { self.frozen = nil }
    }

    /// A sealed block above the standstill, which nobody here has executed.
    public mutating func follow(_ block: CertifiedBlock) {
        followed = block
        seals.add(SealedHeader(block.block.header, hash: block.block.hash, certificate: block.certificate))
    }

    public mutating func reject(_ rejection: Rejection) {
        rejections.append(rejection)
        if rejections.count > Self.rejectionsMax { rejections.removeFirst() }
    }

    public func verdict(of height: Height, validatedHead: Height) -> Verdict? {
        guard let frozen, height >= frozen.height else { return height <= validatedHead ? .valid : nil }
        // Whoever sealed a wrong block itself, lax as it was, has validated it all the same.
        if frozen.cause == .invalidBlock, height <= validatedHead { return .valid }
        if frozen.cause == .fork { return .forked(fault: frozen.fault) }
        return height == frozen.height ? .invalid(fault: frozen.fault) : .unknown
    }
}
