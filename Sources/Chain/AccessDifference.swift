import Crypto
public import Primitives

/// The first thing in which a block's access list is not what executing the block leads to.
public struct AccessDifference: Hashable, Sendable {
    /// What the entry should be, or nil where there should be none.
    public let expected: BlockAccess?
    /// What the list has in its place.
    public let found: BlockAccess?

    /// - Precondition: At least one of the two is there; where both are, they are about the same field and index.
    public init(expected: BlockAccess?, found: BlockAccess?) {
        precondition(expected != nil || found != nil, "a difference has a side")
        self.expected = expected
        self.found = found
    }

    private var either: BlockAccess? { expected ?? found }

    public var address: Address { either?.address ?? .zero }

    /// The slot, where it is about storage.
    public var slot: UInt256? {
        switch either {
        case .storageWrite(_, let slot, _, _), .storageRead(_, let slot): slot
        default: nil
        }
    }

    /// When it was written; nil where it was only read.
    public var index: BlockAccessIndex? { either?.index }

    /// The first difference between two lists in the order of execution: what was only read comes last.
    public init?(expected: BlockAccessList, found: BlockAccessList) {
        func missing(from other: BlockAccessList, in list: BlockAccessList) -> BlockAccess? {
            let entries = Set(other.entries)
            let rest = list.entries.filter { !entries.contains($0) }
            return rest.min { ($0.index ?? .max, $0.key) < ($1.index ?? .max, $1.key) }
        }
        let lacking = missing(from: found, in: expected)
        let surplus = missing(from: expected, in: found)
        switch (lacking, surplus) {
        case (nil, nil): return nil
        case (let lacking?, let surplus?) where lacking.key == surplus.key:
            self.init(expected: lacking, found: surplus)
        case (let lacking?, let surplus?):
            let isLackingFirst = (lacking.index ?? .max, lacking.key) < (surplus.index ?? .max, surplus.key)
            self.init(expected: isLackingFirst ? lacking : nil, found: isLackingFirst ? nil : surplus)
        case (let lacking, let surplus): self.init(expected: lacking, found: surplus)
        }
    }
}

extension AccessDifference: CustomStringConvertible {
    /// One line: where, what, and both values.
    public var description: String {
        "\(place), \(field) of \(address): expected \(expectedText), found \(foundText)"
    }

    /// What it should be, in words; without what it is about.
    public var expectedText: String { expected.text }

    /// What the list has, in words.
    public var foundText: String { found.text }

    /// What it is about: "slot 0x…", "balance", "nonce" or "code".
    public var field: String {
        switch either {
        case .storageWrite, .storageRead: "slot \(slot?.hash.hex ?? "")"
        case .balance: "balance"
        case .nonce: "nonce"
        case .code: "code"
        case .touched, nil: "access"
        }
    }

    private var place: String {
        switch index {
        case nil: "in the block"
        case 0: "before the first transaction"
        // The rewards stand behind the last transaction; the list alone does not say how many there are.
        case let index?: "at access index \(index)"
        }
    }
}

extension BlockAccess? {
    fileprivate var text: String {
        switch self {
        case nil: "no entry"
        case .storageWrite(_, _, _, let value): "\(value.hash.hex)"
        case .storageRead: "a read"
        case .balance(_, _, let value): "\(value) peb"
        case .nonce(_, _, let value): "\(value)"
        case .code(_, _, let value):
            value.isEmpty ? "none" : "\(value.count) bytes with the hash \(keccak256(value))"
        case .touched: "a touch"
        }
    }
}
