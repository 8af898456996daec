/// Where a fault is put into the network (FAULTS.md).
public enum Level: String, Sendable, Hashable, CaseIterable {
    /// A bad proposal: honest peers refuse it, and nothing wrong is sealed.
    case proposal = "P"
    /// Sealed by a quorum that looks away.
    case sealed = "S"
    /// Two sealed blocks at one height.
    case fork = "F"
    /// Pushed to rangers only.
    case ranger = "G"
    /// In what somebody says or does not say, not in a block.
    case conduct = "C"
    /// In the links between nodes.
    case network = "N"
    /// In a process or its disk.
    case process = "D"
    /// By a client of JSON-RPC.
    case client = "R"
}

/// A fault of the catalogue that the lab provokes.
public struct CatalogueFault: Sendable, Hashable {
    /// Its name on the command line and in scenario files.
    public let name: String
    /// Its row in FAULTS.md.
    public let id: String
    /// Every level at which the lab must show it.
    public let levels: [Level]

    /// `levels` as their letters.
    init(_ name: String, _ id: String, _ levels: String) {
        self.name = name
        self.id = id
        self.levels = levels.compactMap { Level(rawValue: String($0)) }
    }
}

/// The thirty faults that FAULTS.md ships first.
public enum Catalogue {
    public static let faults: [CatalogueFault] = [
        CatalogueFault("wrong-state-root", "B1", "SP"),
        CatalogueFault("wrong-transactions-root", "B3", "P"),
        CatalogueFault("bad-transaction-signature", "B9", "SP"),
        CatalogueFault("nonce-replay", "B10", "SP"),
        CatalogueFault("overspend", "B11", "SP"),
        CatalogueFault("wrong-reward", "B14", "SP"),
        CatalogueFault("wrong-proposer", "B16", "P"),
        CatalogueFault("too-few-seals", "B18", "G"),
        CatalogueFault("fork", "B26", "F"),
        CatalogueFault("wrong-storage-write", "B27", "S"),
        CatalogueFault("equivocating-proposer", "C1", "C"),
        CatalogueFault("double-commit", "C3", "C"),
        CatalogueFault("amnesia", "C5", "C"),
        CatalogueFault("silent-validator", "C7", "C"),
        CatalogueFault("silent-proposer", "C8", "C"),
        CatalogueFault("unjustified-proposal", "C10", "C"),
        CatalogueFault("twin", "C17", "C"),
        CatalogueFault("cross-round-fork", "C22", "F"),
        CatalogueFault("lying-ranger", "C23", "C"),
        CatalogueFault("partition-majority", "N1", "N"),
        CatalogueFault("partition-halves", "N2", "N"),
        CatalogueFault("delay", "N4", "N"),
        CatalogueFault("garbage-frames", "N8", "N"),
        CatalogueFault("oversize-frame", "N9", "N"),
        CatalogueFault("kill", "D1", "D"),
        CatalogueFault("pause", "D2", "D"),
        CatalogueFault("torn-vote-log", "D4", "D"),
        CatalogueFault("kill-all", "D9", "D"),
        CatalogueFault("rpc-flood", "R1", "R"),
        CatalogueFault("huge-request", "R3", "R"),
    ]

    public static func fault(named name: String) -> CatalogueFault? {
        faults.first { $0.name == name }
    }
}
