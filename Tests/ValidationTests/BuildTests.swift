import Chain
import Crypto
import Primitives
import SampleChain
import Testing
import Validation

struct `A proposer` {
    @Test
    func `leaves out what does not apply and goes on`() throws {
        let chain = try SampleChain()
        let poor = try chain.transfer(from: 2, value: 2_000 * SampleChain.klay)
        let built = try chain.build([
            chain.transfer(from: 0), poor, chain.transfer(from: 1), chain.transfer(from: 0, nonce: 1),
        ])
        #expect(built.senders == [0, 1, 0].map { chain.accountKeys[$0].address })
        #expect(chain.fault(of: built.block) == nil)
    }

    @Test
    func `stops a sender at a gap in the nonces`() throws {
        let chain = try SampleChain()
        let candidates = try [0, 2, 1, 3].map { try chain.transfer(from: 0, nonce: $0) }
        #expect(try chain.build(candidates).block.transactions == [candidates[0].transaction])
    }

    @Test
    func `passes over what the chain has already, and takes what follows`() throws {
        var chain = try SampleChain()
        let candidates = try (0..<4).map { try chain.transfer(from: 0, nonce: $0) }
        try chain.grow([candidates[0], candidates[1]])
        #expect(
            try chain.build(candidates).block.transactions == [candidates[2].transaction, candidates[3].transaction])
    }

    @Test
    func `takes a transaction once, however often it is offered`() throws {
        let chain = try SampleChain()
        let transfer = try chain.transfer(from: 0)
        #expect(try chain.build([transfer, transfer, transfer]).block.transactions == [transfer.transaction])
    }

    @Test
    func `fills the gas limit and no more`() throws {
        let chain = try SampleChain(gasLimit: 105_000)
        let candidates = try (0..<10).map { try chain.transfer(from: $0) }
        let built = try chain.build(candidates)
        #expect(built.block.transactions.count == 5)
        #expect(built.block.header.gasUsed == 105_000)
        #expect(chain.fault(of: built.block) == nil)
    }

    @Test(arguments: [UInt64(0), 1_699_999_999_999, 1_700_000_000_123])
    func `whose clock is behind its parent's block adds a millisecond to that`(clock: UInt64) throws {
        let chain = try SampleChain()
        var request = chain.request()
        request.timestampMilliseconds = clock
        let built = try build(request, reading: chain.ledger, under: chain.rules)
        #expect(built.block.extension.timestampMilliseconds == 1_700_000_000_124)
        #expect(chain.fault(of: built.block) == nil)
    }

    @Test
    func `in a later round builds a block that only that round allows`() throws {
        let chain = try SampleChain()
        let block = try chain.build(round: 3).block
        #expect(chain.fault(of: block, round: .proposedFresh(3)) == nil)
        #expect(chain.fault(of: block, round: .proposedFresh(0))?.rule == .proposer)
    }
}
