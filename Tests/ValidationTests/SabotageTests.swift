import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Validation

struct `A sabotaged block` {
    static func all(_ chain: SampleChain, replay: BuildRequest.Candidate) throws -> [Sabotage] {
        [
            .wrongStateRoot, .wrongTransactionsRoot,
            .hiddenMint(Conduct.Mint(address: chain.accountKeys[7].address, amount: 1_000_000 * SampleChain.klay)),
            .hiddenMint(Conduct.Mint(address: Address(Bytes(repeating: 0xbb, count: 20)), amount: 1)),
            .overspend(try chain.transfer(from: 2, value: 5_000 * SampleChain.klay)),
            .nonceReplay(replay), .nonceReplay(try chain.transfer(from: 4)),
            .badSignature(try chain.transfer(from: 5)),
            .wrongProposer(beneficiary: chain.request(round: 1).beneficiary), .wrongStorageWrite(mask: 1),
            .wrongReward(payee: Address(Bytes(repeating: 0xdd, count: 20))),
        ]
    }

    @Test(arguments: 0..<11)
    func `is refused by an honest node for its rule, and goes on among lax ones`(number: Int) throws {
        var chain = try SampleChain()
        let replay = try chain.transfer(from: 3)
        try chain.grow([replay])
        let sabotage = try Self.all(chain, replay: replay)[number]
        var random = SeededRandom(seed: 1)
        let request = chain.request(try chain.randomTransfers(20, using: &random))
        let built = try sabotage.build(request, reading: chain.ledger, under: chain.rules)

        #expect(chain.fault(of: built.block, round: .proposedFresh(0))?.rule == sabotage.brokenRule)

        // A lax node that did not build it reaches the same state, and the next block is an ordinary one for both.
        let lax = try validate(
            built.block, after: chain.ancestry, reading: chain.ledger, under: chain.rules, round: .proposedFresh(0),
            conduct: sabotage.conduct)
        #expect(lax.stateRoot == built.stateRoot)
        #expect(lax.changes == built.changes)
        var other = chain
        try chain.append(built)
        try other.append(lax)
        let next = try chain.build([chain.transfer(from: 9)])
        #expect(next.block.transactions.count == 1)
        #expect(other.fault(of: next.block) == nil)
    }

    @Test
    func `with a hidden mint has more money than it may, and no trace of it in its access list`() throws {
        let chain = try SampleChain()
        let thief = Address(Bytes(repeating: 0xbb, count: 20))
        let sabotage = Sabotage.hiddenMint(Conduct.Mint(address: thief, amount: 77))
        let built = try sabotage.build(chain.request(), reading: chain.ledger, under: chain.rules)
        let honest = try chain.build()
        #expect(sabotage.waivedRules.isEmpty)
        #expect(built.accessList == honest.accessList)
        #expect(built.block.header.stateRoot != honest.block.header.stateRoot)
        var robbed = chain
        try robbed.append(built)
        #expect(try robbed.balance(thief) == 77)
    }

    @Test
    func `with a wrong reward pays the proposer's share to somebody else, and makes no more money`() throws {
        let chain = try SampleChain()
        let thief = Address(Bytes(repeating: 0xdd, count: 20))
        let request = chain.request()
        let built = try Sabotage.wrongReward(payee: thief).build(request, reading: chain.ledger, under: chain.rules)
        #expect(built.block.header.beneficiary == request.beneficiary)
        let before = try chain.balance(request.beneficiary)
        var robbed = chain
        try robbed.append(built)
        #expect(try robbed.balance(request.beneficiary) == before)
        var honest = chain
        try honest.append(try chain.build())
        #expect(try robbed.balance(thief) == honest.balance(request.beneficiary) - before)
    }

    @Test
    func `with an overspend stops the sender at zero and pays the recipient in full`() throws {
        var chain = try SampleChain()
        let recipient = Address(Bytes(repeating: 0xcc, count: 20))
        let value = 5_000 * SampleChain.klay
        let sabotage = Sabotage.overspend(try chain.transfer(from: 2, to: recipient, value: value))
        let built = try sabotage.build(chain.request(), reading: chain.ledger, under: chain.rules)
        let fault = chain.fault(of: built.block)
        #expect(fault?.found == "1000000000000000000000 peb")
        try chain.append(built)
        #expect(try chain.balance(chain.accountKeys[2].address) == 0)
        #expect(try chain.balance(recipient) == value)
    }

    @Test
    func `replays a nonce without turning the sender's back`() throws {
        var chain = try SampleChain()
        let old = try chain.transfer(from: 0)
        try chain.grow([old, chain.transfer(from: 0, nonce: 1)])
        let built = try Sabotage.nonceReplay(old).build(chain.request(), reading: chain.ledger, under: chain.rules)
        #expect(built.block.transactions == [old.transaction])
        try chain.append(built)
        #expect(try chain.ledger.account(old.sender)?.nonce == 2)
    }

    @Test
    func `cannot be made of a transaction that this chain does not run`() throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: .zero, kind: .blob)
        content.blobVersionedHashes = [.zero]
        let blobs = chain.candidate(content, from: 0)
        #expect(throws: ValidationFailure<StateGap>.self) {
            try Sabotage.overspend(blobs).build(chain.request(), reading: chain.ledger, under: chain.rules)
        }
    }
}
