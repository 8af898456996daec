import Chain
import Crypto
import Primitives
import Testing

/// A type that comes from peers, with an encoding of it and what decoding makes of bytes.
struct WireType: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// The encoding of a random value.
    let sample: @Sendable (inout SeededRandom) throws -> Bytes
    /// Decodes, and encodes again.
    let recode: @Sendable (Bytes) throws -> Bytes

    init<Value: RLPEncodable & RLPDecodable & Sendable>(
        _ make: @escaping @Sendable (inout SeededRandom) throws -> Value
    ) {
        testDescription = "\(Value.self)"
        sample = { random in try make(&random).rlp }
        recode = { bytes in try Value(rlp: bytes).rlp }
    }

    init(
        _ name: String, sample: @escaping @Sendable (inout SeededRandom) throws -> Bytes,
        recode: @escaping @Sendable (Bytes) throws -> Bytes
    ) {
        testDescription = name
        self.sample = sample
        self.recode = recode
    }

    static let all: [WireType] = [
        WireType { try Sample.transaction(Transaction.Kind.allCases[$0.count(upTo: 4)], &$0) },
        WireType("Transaction envelope") {
            try Sample.transaction(Transaction.Kind.allCases[$0.count(upTo: 4)], &$0).envelope
        } recode: {
            try Transaction(envelope: $0).envelope
        },
        WireType { AccessListEntry(address: $0.address(), storageKeys: [$0.hash(), $0.hash()]) },
        WireType {
            Authorization(
                chainID: $0.word(), address: $0.address(), nonce: $0.next(), yParity: 1, r: $0.word(), s: $0.word())
        },
        WireType { Sample.header(&$0) },
        WireType { Sample.blockExtension(&$0) },
        WireType { try Sample.block(&$0) },
        WireType {
            let block = try Sample.block(&$0)
            return CertifiedBlock(
                block: block, certificate: try Sample.certificate(of: 0..<4, in: 4, block: block.hash))
        },
        WireType { Sample.log(&$0) },
        WireType { LogsBloom($0.bytes(LogsBloom.byteCount)) },
        WireType { Sample.receipt(&$0) },
        WireType("Receipt envelope") {
            Sample.receipt(&$0).envelope
        } recode: {
            try Receipt(envelope: $0).envelope
        },
        WireType { AccountLeaf(nonce: $0.next(), balance: $0.word(), storageRoot: $0.hash(), codeHash: $0.hash()) },
        WireType { random in try Sample.member(random.count(upTo: 9)) },
        WireType { random in try Sample.council(1 + random.count(upTo: 6)) },
        WireType { Sample.vote(VoteKind.allCases[$0.count(upTo: 3)], &$0) },
        WireType {
            SignedVote(
                Sample.vote(VoteKind.allCases[$0.count(upTo: 3)], &$0), by: try Sample.nodeKey($0.count(upTo: 9)),
                chain: Sample.chain)
        },
        WireType { try Sample.certificate(of: 0..<3, in: 4, block: $0.hash()) },
        WireType { try BlockAccessList(Sample.accesses(&$0)) },
        WireType { Sample.accesses(&$0).randomElement(using: &$0) ?? .touched(.zero) },
    ]
}

@Suite struct WireTests {
    @Test(arguments: WireType.all)
    func `decoding undoes encoding`(type: WireType) throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<20 {
            let bytes = try type.sample(&random)
            #expect(try type.recode(bytes) == bytes)
        }
    }

    @Test(arguments: WireType.all)
    func `a byte too few or too many is refused`(type: WireType) throws {
        var random = SeededRandom(seed: 2)
        let bytes = try type.sample(&random)
        #expect(throws: (any Error).self) { try type.recode(bytes + [0x80]) }
        #expect(throws: (any Error).self) { try type.recode(bytes.dropLast()) }
        #expect(throws: (any Error).self) { try type.recode([]) }
    }

    /// Whatever a peer sends, decoding throws or gives a value whose one encoding is what was sent.
    @Test(arguments: WireType.all)
    func `mutated bytes are refused or mean themselves`(type: WireType) throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<10 {
            let original = try type.sample(&random)
            for _ in 0..<200 {
                let bytes = mutate(original, &random)
                guard let recoded = try? type.recode(bytes) else { continue }
                #expect(recoded == bytes, "\(bytes.hex)")
            }
        }
    }

    @Test(arguments: WireType.all)
    func `random bytes do not trap`(type: WireType) {
        var random = SeededRandom(seed: 4)
        for _ in 0..<500 {
            let bytes = random.bytes(random.count(upTo: 60))
            guard let recoded = try? type.recode(bytes) else { continue }
            #expect(recoded == bytes, "\(bytes.hex)")
        }
    }

    /// One to three of: a bit flipped, a byte replaced, inserted, removed, the tail cut, a part repeated.
    private func mutate(_ original: Bytes, _ random: inout SeededRandom) -> Bytes {
        var bytes = original
        for _ in 0...random.count(upTo: 2) where !bytes.isEmpty {
            let position = random.count(upTo: bytes.count - 1)
            switch random.next() % 6 {
            case 0: bytes[position] ^= 1 << UInt8(random.next() % 8)
            case 1: bytes[position] = [0, 1, 0x7f, 0x80, 0xb7, 0xb8, 0xbf, 0xc0, 0xf7, 0xff][random.count(upTo: 9)]
            case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            case 3: bytes.remove(at: position)
            case 4: bytes.removeSubrange(position...)
            default:
                let end = min(bytes.count, position + random.count(upTo: 40))
                bytes.insert(contentsOf: bytes[position..<end], at: random.count(upTo: bytes.count))
            }
        }
        return bytes
    }
}
