import Chain
import Crypto
import Primitives
import Testing

@Suite struct BlockTests {
    private func encode(_ block: Block, ommers: Int = 0, withdrawals: Int = 0) -> Bytes {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(block.header)
            list.append(list: block.transactions)
            list.list { for _ in 0..<ommers { $0.append(block.header) } }
            list.list { for _ in 0..<withdrawals { $0.list { _ in } } }
            list.append(block.extension)
        }
        return encoder.bytes
    }

    @Test func `ommers and withdrawals are refused`() throws {
        var random = SeededRandom(seed: 21)
        let block = try Sample.block(&random)
        #expect(encode(block) == block.rlp)
        #expect(throws: RLPError.self) { try Block(rlp: encode(block, ommers: 1)) }
        #expect(throws: RLPError.self) { try Block(rlp: encode(block, withdrawals: 1)) }
    }

    @Test func `blocks with one header and two bodies have one hash and are not equal`() throws {
        var random = SeededRandom(seed: 22)
        let block = try Sample.block(&random)
        let other = Block(
            header: block.header, transactions: Array(block.transactions.dropLast()), extension: block.extension)
        #expect(other.hash == block.hash)
        #expect(other != block)
        let third = Block(
            header: block.header, transactions: block.transactions, extension: Sample.blockExtension(&random))
        #expect(third != block)
    }

    @Test func `every field of a header is in its hash`() {
        var random = SeededRandom(seed: 23)
        let header = Sample.header(&random)
        let bytes = header.rlp
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            if let other = try? Header(rlp: changed) {
                #expect(other != header)
                #expect(other.hash != header.hash)
            }
        }
    }

    @Test func `extra data of more than 32 bytes is refused`() {
        var random = SeededRandom(seed: 24)
        var header = Sample.header(&random)
        header.extraData.append(0)
        let bytes = header.rlp
        #expect(throws: RLPError.self) { try Header(rlp: bytes) }
    }

    @Test func `the transactions root names order and content`() throws {
        var random = SeededRandom(seed: 25)
        let transactions = try Sample.transactions(&random)
        let root = Block.transactionsRoot(of: transactions)
        #expect(Block.transactionsRoot(of: transactions.reversed()) != root)
        #expect(Block.transactionsRoot(of: Array(transactions.dropLast())) != root)
        #expect(Block.transactionsRoot(of: []) == Header.emptyTrieRoot)
    }
}
