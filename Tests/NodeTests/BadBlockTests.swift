import Chain
import Primitives
import Testing

@testable import Node

@Suite struct BadBlockTests {
    private func block(_ number: Height, bytes: Int = 0) -> Block {
        let header = Header(
            number: number, gasLimit: 1, timestamp: number, extraData: Bytes(repeating: 1, count: bytes),
            baseFeePerGas: 1)
        return Block(
            header: header, transactions: [],
            extension: BlockExtension(nextCouncilHash: .zero, accessListRoot: .zero, timestampMilliseconds: 0))
    }

    private func keep(_ block: Block, in blocks: inout BadBlocks) {
        blocks.keep(.init(block, hash: block.hash, why: "because of \(block.number)"))
    }

    @Test func `the oldest give way, and each is kept once`() {
        var blocks = BadBlocks()
        for number in [1, 1, 2] as [Height] { keep(block(number), in: &blocks) }
        #expect(blocks.entries.map(\.block.number) == [1, 2])
        for number in 3..<40 as Range<Height> { keep(block(number), in: &blocks) }
        #expect(blocks.entries.map(\.block.number) == Array(40 - Height(BadBlocks.countMax)..<40))
        #expect(blocks.entries.last?.why == "because of 39")
    }

    @Test func `large ones take the room of many`() {
        var blocks = BadBlocks()
        for number in 1...3 as ClosedRange<Height> { keep(block(number, bytes: BadBlocks.bytesMax / 3), in: &blocks) }
        #expect(blocks.entries.map(\.block.number) == [2, 3])
        keep(block(4, bytes: BadBlocks.bytesMax + 1), in: &blocks)
        #expect(blocks.entries.map(\.block.number) == [4])
        keep(block(5), in: &blocks)
        #expect(blocks.entries.map(\.block.number) == [5])
    }
}
