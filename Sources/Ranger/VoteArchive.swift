public import Chain
public import FaultProofs
public import Primitives

/// The signed votes of the latest heights: what convicts a validator that says two things (DESIGN §5).
///
/// Every genuine vote counts, wherever it was found: said to us, told on, or inside a justification or a certificate.
/// Whatever contradicts what its author said before becomes a PAIR proof, and all of one height go into a FORK proof.
///
/// Each validator has room of its own at each height, and low rounds go before high ones, in which nobody else is: so
/// none can fill the archive with votes for rounds to come, and then vote twice unseen. Where the archive as a whole
/// is full, whoever has most in it gives way: an honest validator says a few things a height, so it is never that one.
public struct VoteArchive: Sendable {
    /// Votes of heights further below the head than this are forgotten.
    public static let heightsMax: Height = 64
    /// Votes of heights further above the head than this are not kept: whoever lags so far behind has to sync.
    public static let heightsAheadMax: Height = 16
    /// Votes kept of one validator at one height: four kinds, and more rounds than a height has ever taken.
    public static let votesPerValidatorMax = 256
    /// Different statements kept of one kind in one round: the second convicts, the others complete a FORK proof.
    public static let statementsPerSlotMax = 4
    /// Votes kept in all. A hundred honest validators say some 24,000 things in 80 heights.
    public static let votesMax = 1 << 15
    /// So many votes of whoever has most go at once when the archive is full.
    static let evictedAtOnce = 256

    /// What became of a vote.
    public struct Addition: Sendable {
        /// Whether it is in the archive now and was not before: worth telling others.
        public let isKept: Bool
        /// One for each rule that it breaks together with an earlier vote of its author.
        public let proofs: [FaultProof]

        static let nothing = Addition(isKept: false, proofs: [])
    }

    private struct Slot: Hashable, Comparable, Sendable {
        let round: UInt64
        let kind: UInt8

        init(_ vote: Vote) {
            (round, kind) = (vote.round, vote.kind.rawValue)
        }

        static func < (left: Slot, right: Slot) -> Bool {
            (left.round, left.kind) < (right.round, right.kind)
        }
    }

    /// One validator's votes at one height: ascending by slot, within one in the order of arrival.
    private struct Shelf: Sendable {
        var votes: [SignedVote] = []

        /// How many votes more there are now, or nil if `signed` was not taken.
        mutating func keep(_ signed: SignedVote) -> Int? {
            let slot = Slot(signed.vote)
            guard votes.count(where: { Slot($0.vote) == slot }) < VoteArchive.statementsPerSlotMax else { return nil }
            var growth = 1
            if votes.count >= VoteArchive.votesPerValidatorMax {
                guard let last = votes.last, slot < Slot(last.vote) else { return nil }
                votes.removeLast()
                growth = 0
            }
            votes.insert(signed, at: votes.firstIndex { slot < Slot($0.vote) } ?? votes.count)
            return growth
        }
    }

    private var heights: [Height: [Address: Shelf]] = [:]
    /// How many votes each validator has at all heights together.
    private var totals: [Address: Int] = [:]
    private var newest: Height = 0
    /// Votes in the archive.
    public private(set) var count = 0

    public init() {}

    /// Heights of which it has votes.
    public var heightCount: Int { heights.count }

    /// Whether this very statement is known, so that its signature need not be checked again (QBFT.md 18).
    public func contains(_ signed: SignedVote) -> Bool {
        shelf(of: signed.validator, at: signed.vote.height).contains { $0.vote == signed.vote }
    }

    /// Whether a vote of `height` would be kept at all.
    public func covers(_ height: Height, head: Height) -> Bool {
        // Both come from outside: no sum of them may overflow.
        height >= head ? height - head <= Self.heightsAheadMax : head - height < Self.heightsMax
    }

    /// Keeps `verified`, and proves what it contradicts.
    ///
    /// - Parameter head: The newest sealed height; what lies too far from it is not kept.
    public mutating func add(_ verified: Verified<SignedVote>, head: Height) -> Addition {
        let signed = verified.value
        let (height, validator) = (signed.vote.height, signed.validator)
        guard covers(height, head: head) else { return .nothing }
        forget(head: head)
        var shelf = heights[height]?[validator] ?? Shelf()
        guard !shelf.votes.contains(where: { $0.vote == signed.vote }) else { return .nothing }
        let proofs = contradictions(of: signed, on: shelf)
        guard let growth = shelf.keep(signed) else { return Addition(isKept: false, proofs: proofs) }
        heights[height, default: [:]][validator] = shelf
        count += growth
        totals[validator, default: 0] += growth
        if count > Self.votesMax { evict() }
        return Addition(isKept: true, proofs: proofs)
    }

    /// The pairs that `signed` makes with earlier votes: the first of each rule and round.
    private func contradictions(of signed: SignedVote, on shelf: Shelf) -> [FaultProof] {
        var found: [(proof: FaultProof, deed: PairDeed)] = []
        for earlier in shelf.votes {
            // Of two rounds only a commit and a later round change are at odds.
            let isRoundChange = earlier.vote.kind == .roundChange || signed.vote.kind == .roundChange
            guard earlier.vote.round == signed.vote.round || isRoundChange else { continue }
            guard let proof = proveContradiction(earlier, signed), case .pair(let first, let second) = proof else {
                continue
            }
            let deed = PairDeed(first, second)
            if !found.contains(where: { $0.deed == deed }) { found.append((proof, deed)) }
        }
        // Two commits in one round say it all: that one of them also contradicts the prepare before is no news.
        let isDouble = found.contains { $0.deed.isOfOneKind }
        return found.filter { !isDouble || $0.deed.isOfOneKind || $0.deed.round != signed.vote.round }.map(\.proof)
    }

    /// All votes of `height`, ascending by validator, round and kind.
    public func votes(at height: Height) -> [SignedVote] {
        (heights[height] ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value.votes)
    }

    /// The first kept vote of `height`, in the order of validators: any genuine statement will do.
    public func anyVote(at height: Height) -> SignedVote? {
        heights[height]?.min { $0.key < $1.key }?.value.votes.first
    }

    /// Whether `validator` has committed to `block` at `height`, in any round; nil where nothing of the height is here.
    public func hasCommit(by validator: Address, to block: Hash32, at height: Height) -> Bool? {
        guard heights[height] != nil else { return nil }
        return shelf(of: validator, at: height).contains { $0.vote.kind == .commit && $0.vote.block == block }
    }

    private func shelf(of validator: Address, at height: Height) -> [SignedVote] {
        heights[height]?[validator]?.votes ?? []
    }

    // MARK: Bounds

    private mutating func forget(head: Height) {
        guard head > newest else { return }
        newest = head
        for height in heights.keys.sorted() where height < head && head - height >= Self.heightsMax {
            for (validator, shelf) in (heights.removeValue(forKey: height) ?? [:]).sorted(by: { $0.key < $1.key }) {
                take(shelf.votes.count, from: validator)
            }
        }
    }

    /// Removes the highest rounds of whoever has most.
    private mutating func evict() {
        guard let validator = totals.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return }
        var places: [(slot: Slot, height: Height)] = []
        for height in heights.keys.sorted() {
            places += shelf(of: validator, at: height).map { (Slot($0.vote), height) }
        }
        places.sort { ($0.slot, $0.height) < ($1.slot, $1.height) }
        for place in places.suffix(Self.evictedAtOnce) {
            // The last of its shelf: slots ascend there, and the highest go first.
            heights[place.height]?[validator]?.votes.removeLast()
            take(1, from: validator)
        }
    }

    private mutating func take(_ number: Int, from validator: Address) {
        count -= number
        totals[validator, default: number] -= number
        if totals[validator] == 0 { totals[validator] = nil }
    }
}

/// One contradiction, however many pairs of votes show it.
struct PairDeed: Hashable, Sendable {
    let validator: Address
    let height: Height
    let round: UInt64
    let kinds: [VoteKind]

    /// - Parameter first: Of the pair in its order: its round is where the contradiction lies.
    init(_ first: SignedVote, _ second: SignedVote) {
        validator = first.validator
        height = first.vote.height
        round = first.vote.round
        kinds = [first.vote.kind, second.vote.kind]
    }

    var isOfOneKind: Bool { kinds[0] == kinds[1] }
}
