public import Chain
public import Primitives
public import Validation

/// One transaction of a block, shown to be in it by the trie under the header's transactions root, and where that
/// takes the state, as much of it as the transaction uses (DESIGN D3).
///
/// Without `execution` it shows a transaction that breaks a rule by itself; with it, one that cannot run on what the
/// block's access list says it found, or that did not write what the list says it wrote.
public struct TransactionEvidence: Hashable, Sendable {
    public var header: Header
    /// The one whose hash the header carries.
    public var `extension`: BlockExtension
    public var accusation: Accusation
    /// Where in the block the transaction stands.
    public var position: Int
    /// The nodes from the transactions root to the transaction, which is in the last of them.
    public var branch: [Bytes]
    public var execution: Execution?

    /// What it takes to run the transaction.
    public struct Execution: Hashable, Sendable {
        public var parent: Header
        public var parentExtension: BlockExtension
        public var witness: TransactionWitness

        public init(parent: Header, parentExtension: BlockExtension, witness: TransactionWitness) {
            self.parent = parent
            self.parentExtension = parentExtension
            self.witness = witness
        }
    }

    public init(
        header: Header, extension: BlockExtension, accusation: Accusation, position: Int, branch: [Bytes],
        execution: Execution?
    ) {
        self.header = header
        self.extension = `extension`
        self.accusation = accusation
        self.position = position
        self.branch = branch
        self.execution = execution
    }

    // What it costs to check: every byte is hashed once, and read in time that grows with its number; one transaction
    // runs, with no more gas than the chain's rules grant one (EIP-7825: 2^24); the seals of one committee are
    // checked, of at most 22 by default, and one signature of an account. Memory is a few times the bytes, and what
    // that much gas can claim.

    /// Nodes on the way to one transaction: three bytes of a position are six nibbles.
    public static let branchNodesMax = 8
    /// One of these nodes: a branch takes 532 bytes, the leaf as much as the longest transaction.
    public static let branchNodeBytesMax = Transaction.envelopeBytesMax + 64
    /// Preimages of the state. 2^24 gas are enough for some 8,000 first looks at slots (2,100 gas each, EIP-2929).
    public static let preimagesMax = 1 << 16
    /// All of them together.
    public static let preimageBytesMax = 12 << 20
    /// Entries of the access list: three fields and both neighbours of each, and each slot's.
    public static let accessPositionsMax = 1 << 16
    /// Nodes of the access list's trie, most of them leaves.
    public static let accessNodesMax = 1 << 17
    /// One of them: a leaf may hold code (EIP-170), beside an address and an index.
    public static let accessNodeBytesMax = ExecutionEvidence.preimageBytesMax + 128
    /// All of them together.
    public static let accessBytesMax = 4 << 20
}

extension TransactionEvidence: RLPEncodable, RLPDecodable {
    /// [header, extension, accusation, position, branch] and where it runs
    /// [parent, its extension, preimages, positions in the access list, nodes of its trie].
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(header)
            list.append(`extension`)
            list.append(accusation)
            list.append(UInt64(position))
            list.append(list: branch)
            guard let execution else { return }
            list.append(execution.parent)
            list.append(execution.parentExtension)
            list.append(list: execution.witness.preimages)
            list.append(list: execution.witness.accessList.positions.map { UInt64($0) })
            list.append(list: execution.witness.accessList.nodes)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        header = try Header(from: &list)
        `extension` = try BlockExtension(from: &list)
        accusation = try Accusation(from: &list)
        position = try list.boundedNumber(max: Block.transactionsMax)
        branch = try list.byteStrings(
            max: Self.branchNodesMax, eachMax: Self.branchNodeBytesMax,
            bytesMax: Self.branchNodesMax * Self.branchNodeBytesMax)
        if !list.isAtEnd {
            let parent = try Header(from: &list)
            let parentExtension = try BlockExtension(from: &list)
            let preimages = try list.byteStrings(
                max: Self.preimagesMax, eachMax: ExecutionEvidence.preimageBytesMax, bytesMax: Self.preimageBytesMax)
            let positions = try list.boundedNumbers(
                max: Self.accessPositionsMax, eachMax: BlockAccessList.entriesMax)
            let nodes = try list.byteStrings(
                max: Self.accessNodesMax, eachMax: Self.accessNodeBytesMax, bytesMax: Self.accessBytesMax)
            execution = Execution(
                parent: parent, parentExtension: parentExtension,
                witness: TransactionWitness(
                    preimages: preimages, accessList: AccessListWitness(positions: positions, nodes: nodes)))
        }
        try list.finish()
    }
}

extension RLPDecoder {
    /// A list of byte strings, bounded in number, in the length of each, and in all.
    mutating func byteStrings(max countMax: Int, eachMax: Int, bytesMax: Int) throws(RLPError) -> [Bytes] {
        let start = position
        var items = try list()
        var strings: [Bytes] = []
        var byteCount = 0
        while !items.isAtEnd {
            guard strings.count < countMax else {
                throw .tooLarge(at: start, limit: countMax, found: strings.count + 1)
            }
            let string = try items.bytes(max: eachMax)
            byteCount += string.count
            guard byteCount <= bytesMax else { throw .tooLarge(at: start, limit: bytesMax, found: byteCount) }
            strings.append(string)
        }
        return strings
    }

    fileprivate mutating func boundedNumber(max: Int) throws(RLPError) -> Int {
        let start = position
        let number = try uint64()
        guard number <= UInt64(max) else {
            throw .tooLarge(at: start, limit: max, found: Int(clamping: number))
        }
        return Int(number)
    }

    fileprivate mutating func boundedNumbers(max countMax: Int, eachMax: Int) throws(RLPError) -> [Int] {
        let start = position
        var items = try list()
        var positions: [Int] = []
        while !items.isAtEnd {
            guard positions.count < countMax else {
                throw .tooLarge(at: start, limit: countMax, found: positions.count + 1)
            }
            positions.append(try items.boundedNumber(max: eachMax))
        }
        return positions
    }
}
