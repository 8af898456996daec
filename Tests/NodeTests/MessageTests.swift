import Chain
import Consensus
import Crypto
import FaultProofs
import Node
import Primitives
import Testing

@Suite struct MessageTests {
    static let signature = NodeSignature(r: keccak256([1]), s: keccak256([2]))
    static let vote = SignedVote(
        vote: .commit(height: 3, round: 1, block: keccak256([3])), validator: Address(lastBytesOf: keccak256([4])),
        signature: signature)
    static let certificate = CommitCertificate(
        height: 3, round: 1, block: keccak256([3]), seals: [Seal(validator: vote.validator, signature: signature)])

    static var messages: [Message] {
        let block = Block(
            header: Header(), transactions: [],
            extension: BlockExtension(nextCouncilHash: .zero, accessListRoot: .zero, timestampMilliseconds: 5))
        return [
            .hello(Hello(name: "cn1", isRanger: false, head: 7, headHash: keccak256([5]), listen: "127.0.0.1:30303")),
            .transactions([[1, 2, 3], []]),
            .proposal(Proposal(vote: vote, block: block)),
            .vote(vote),
            .roundChange(RoundChange(vote: vote, prepared: nil)),
            .sealed(certificate),
            .getBlocks(from: 5, count: 64),
            .blocks([CertifiedBlock(block: block, certificate: certificate)]),
            .getPeers,
            .peers(["127.0.0.1:1", "[::1]:2"]),
            .votes([vote, vote]),
            .getAccessList(height: 5, block: keccak256([6])),
            .accessList(block: keccak256([6]), list: [1, 2, 3]),
            .accessList(block: keccak256([6]), list: []),
        ]
    }

    @Test(arguments: messages.indices)
    func `every message survives its encoding`(index: Int) throws {
        let message = Self.messages[index]
        #expect(try Message(decoding: message.encoded) == message)
    }

    @Test func `blocks that lie encoded on disk make the same message`() throws {
        guard case .blocks(let blocks) = Self.messages[7] else { return }
        #expect(Message.encodedBlocks(blocks.map(\.rlp)) == Message.blocks(blocks).encoded)
    }

    @Test(arguments: 0..<300)
    func `no frame makes the decoder trap`(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        var bytes = Self.messages[Int(seed) % Self.messages.count].encoded
        for _ in 0..<3 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
        }
        do {
            // What decodes is a message like any other: it encodes again.
            #expect(!(try Message(decoding: bytes)).encoded.isEmpty)
        } catch {
            #expect(!"\(error)".isEmpty)
        }
    }

    @Test func `an unknown kind, trailing bytes and control characters are refused`() {
        #expect(throws: MessageError.unknownKind(99)) { try Message(decoding: [0xc1, 99]) }
        #expect(throws: MessageError.self) { try Message(decoding: Message.getPeers.encoded + [0]) }
        let bell = Hello(name: "cn1\u{7}", isRanger: false, head: 0, headHash: .zero, listen: "")
        #expect(throws: MessageError.badText) { try Message(decoding: Message.hello(bell).encoded) }
    }

    @Test func `each list has a limit`() {
        let many = Message.transactions(Array(repeating: [1], count: Message.transactionsMax + 1))
        #expect(throws: MessageError.self) { try Message(decoding: many.encoded) }
        let large = Message.transactions([Bytes(repeating: 1, count: Message.transactionBytesMax + 1)])
        #expect(throws: MessageError.self) { try Message(decoding: large.encoded) }
        let peers = Message.peers(Array(repeating: "a:1", count: Message.peersMax + 1))
        #expect(throws: MessageError.self) { try Message(decoding: peers.encoded) }
        let votes = Message.votes(Array(repeating: Self.vote, count: Message.votesMax + 1))
        #expect(throws: MessageError.self) { try Message(decoding: votes.encoded) }
        let list = Message.accessList(block: .zero, list: Bytes(repeating: 1, count: Message.accessListBytesMax + 1))
        #expect(throws: MessageError.self) { try Message(decoding: list.encoded) }
        let name = String(repeating: "n", count: Hello.nameBytesMax + 1)
        let hello = Hello(name: name, isRanger: false, head: 0, headHash: .zero, listen: "")
        #expect(throws: MessageError.self) { try Message(decoding: Message.hello(hello).encoded) }
    }
}
