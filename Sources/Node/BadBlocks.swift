public import Chain
public import Primitives

/// The last blocks that this node executed or looked at and found against the rules, each once.
public struct BadBlocks: Sendable {
    public struct Entry: Sendable {
        public let block: Block
        public let hash: Hash32
        /// What is wrong with it, in words.
        public let why: String
        /// Who proposed it; nil where it came sealed.
        public let proposer: Address?
        public let round: UInt64?

        init(_ block: Block, hash: Hash32, why: String, proposal: SignedVote? = nil) {
            (self.block, self.hash, self.why) = (block, hash, why)
            (proposer, round) = (proposal?.validator, proposal?.vote.round)
        }
    }

    public static let countMax = 16
    /// Of all blocks together. One that is larger alone is kept alone.
    public static let bytesMax = 16 << 20

    /// Oldest first.
    public private(set) var entries: [Entry] = []
    private var sizes: [Int] = []

    public init() {}

    mutating func keep(_ entry: Entry) {
        guard !entries.contains(where: { $0.hash == entry.hash }) else { return }
        entries.append(entry)
        sizes.append(entry.block.rlp.count)
        while entries.count > 1, entries.count > Self.countMax || sizes.reduce(0, +) > Self.bytesMax {
            entries.removeFirst()
            sizes.removeFirst()
        }
    }
}
