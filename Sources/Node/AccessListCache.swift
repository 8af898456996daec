import Chain
import Primitives

/// The access lists of the latest sealed blocks that this node has executed: for whoever has to prove one wrong.
struct AccessListCache: Sendable {
    static let blocksMax = 16
    /// In all lists together; a block of 60 M gas has at most some 30,000 entries.
    static let entriesMax = 1 << 17

    private(set) var lists: [(block: Hash32, list: BlockAccessList)] = []
    private(set) var entryCount = 0

    /// Keeps the newest list; the oldest ones make room. One that is too large by itself is not kept.
    mutating func keep(_ list: BlockAccessList, of block: Hash32) {
        guard list.entries.count <= Self.entriesMax, self[block] == nil else { return }
        lists.append((block, list))
        entryCount += list.entries.count
        while lists.count > Self.blocksMax || entryCount > Self.entriesMax {
            entryCount -= lists.removeFirst().list.entries.count
        }
    }

    subscript(block: Hash32) -> BlockAccessList? {
        lists.first { $0.block == block }?.list
    }
}
