public import Primitives

/// A node key that is in use at two addresses (FAULTS.md C17): two processes hold it, or somebody has moved.
///
/// It accuses nobody by itself. What twins say may contradict each other; that convicts them then.
public struct KeyClash: Sendable, Hashable {
    public let address: Address
    /// Where the key was seen first, and where last, as host:port.
    public let first, second: String
    /// How often it was noticed.
    public internal(set) var count = 1
    var notedAt: Duration
}

/// Where each key listens, and the keys that were seen at two places.
struct KeyBook: Sendable {
    /// Keys that are remembered; the oldest go first.
    static let homesMax = 256
    static let clashesMax = 64
    /// A clash that goes on is noted so often at most.
    static let notePeriod = Duration.seconds(10)
    /// A second connection this soon after the first is two nodes that dial each other at the same time.
    static let settlingTime = Duration.seconds(3)

    private var homes: [(address: Address, listen: String)] = []
    private(set) var clashes: [KeyClash] = []

    /// Notes where a key listens. Returns where it did before, if that is another place.
    mutating func moved(_ address: Address, to listen: String) -> String? {
        guard let index = homes.firstIndex(where: { $0.address == address }) else {
            homes.append((address, listen))
            if homes.count > Self.homesMax { homes.removeFirst() }
            return nil
        }
        let before = homes[index].listen
        homes[index].listen = listen
        return before == listen ? nil : before
    }

    func home(of address: Address) -> String? {
        homes.first { $0.address == address }?.listen
    }

    /// Counts a clash. Returns whether it is worth a word.
    mutating func clash(of address: Address, _ first: String, _ second: String, at now: Duration) -> Bool {
        guard let index = clashes.firstIndex(where: { $0.address == address }) else {
            clashes.append(KeyClash(address: address, first: first, second: second, notedAt: now))
            if clashes.count > Self.clashesMax { clashes.removeFirst() }
            return true
        }
        clashes[index].count += 1
        guard now - clashes[index].notedAt >= Self.notePeriod else { return false }
        clashes[index].notedAt = now
        return true
    }
}
