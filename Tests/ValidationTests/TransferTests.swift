import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Validation

struct `A transfer` {
    @Test
    func `costs its sender the base fee, which is burned, and the tip, which the proposer gets`() throws {
        var chain = try SampleChain()
        let sender = chain.accountKeys[0].address
        let recipient = Address(Bytes(repeating: 0xaa, count: 20))
        var content = try chain.content(from: 0, to: recipient, value: 12_345)
        content.maxPriorityFeePerGas = 7
        let sealed = try chain.grow([chain.candidate(content, from: 0)])
        let header = sealed.block.header
        #expect(header.baseFeePerGas == 875_000_000)
        let price = header.baseFeePerGas + 7
        #expect(try chain.balance(sender) == 1_000 * SampleChain.klay - 12_345 - price * 21_000)
        #expect(try chain.balance(recipient) == 12_345)
        #expect(try chain.balance(header.beneficiary) == 3_264_000_000_000_000_000 + 7 * 21_000)
        #expect(try chain.ledger.account(sender)?.nonce == 1)
        #expect(
            sealed.validated.receipts == [
                Receipt(kind: .dynamicFee, succeeded: true, cumulativeGasUsed: 21_000, logs: [])
            ])
    }

    @Test
    func `tips no more than the fee cap leaves above the base fee`() throws {
        var chain = try SampleChain()
        var content = try chain.content(from: 0, to: .zero)
        content.maxFeePerGas = 875_000_003
        content.maxPriorityFeePerGas = 875_000_003
        let header = try chain.grow([chain.candidate(content, from: 0)]).block.header
        #expect(try chain.balance(header.beneficiary) == 3_264_000_000_000_000_000 + 3 * 21_000)
    }

    @Test(arguments: [
        (Bytes(), Gas(21_000)), (Bytes(repeating: 0, count: 10), Gas(21_100)),
        (Bytes(repeating: 1, count: 10), Gas(21_400)),
    ])
    func `with data uses the floor of EIP-7623, not its whole gas limit`(data: Bytes, used: Gas) throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: .zero)
        content.data = data
        content.gasLimit = 100_000
        #expect(try chain.build([chain.candidate(content, from: 0)]).block.header.gasUsed == used)
        // An access list is intrinsic gas only: 2,400 and 1,900 above the data's 4 or 16 a byte.
        content.accessList = [AccessListEntry(address: .zero, storageKeys: [.zero])]
        let intrinsic = 25_300 + Gas(data.count) * (data.first == 1 ? 16 : 4)
        let listed = try chain.build([chain.candidate(content, from: 0)])
        #expect(listed.block.header.gasUsed == max(intrinsic, used))
    }

    @Test
    func `of nothing to nobody makes no account`() throws {
        var chain = try SampleChain()
        let nobody = Address(Bytes(repeating: 0xee, count: 20))
        let sealed = try chain.grow([chain.transfer(from: 0, to: nobody, value: 0)])
        #expect(try chain.ledger.account(nobody) == nil)
        #expect(sealed.validated.accessList.entries.contains(.touched(nobody)))
    }

    @Test
    func `to oneself costs the fee only`() throws {
        var chain = try SampleChain()
        let sender = chain.accountKeys[0].address
        let header = try chain.grow([chain.transfer(from: 0, to: sender, value: 500)]).block.header
        let price = header.baseFeePerGas + 2_000_000_000
        #expect(try chain.balance(sender) == 1_000 * SampleChain.klay - price * 21_000)
    }

    @Test
    func `of all that is left empties the account and keeps its nonce`() throws {
        var chain = try SampleChain()
        let sender = chain.accountKeys[0].address
        var content = try chain.content(from: 0, to: .zero, kind: .legacy)
        content.maxFeePerGas = 1_000_000_000
        content.value = 1_000 * SampleChain.klay - 21_000 * content.maxFeePerGas
        try chain.grow([chain.candidate(content, from: 0)])
        #expect(try chain.ledger.account(sender) == Account(nonce: 1, balance: 0))
    }

    @Test
    func `needs the fee cap in the balance, though it costs less`() throws {
        let chain = try SampleChain()
        var content = try chain.content(from: 0, to: .zero)
        content.value = 1_000 * SampleChain.klay - 21_000 * content.maxFeePerGas
        #expect(try chain.build([chain.candidate(content, from: 0)]).block.transactions.count == 1)
        content.value += 1
        #expect(try chain.build([chain.candidate(content, from: 0)]).block.transactions.count == 0)
    }

    @Test
    func `that money came in for in the same block applies`() throws {
        let key = try AccountKey(keccak256([9]))
        let chain = try SampleChain()
        let first = try chain.transfer(from: 0, to: key.address, value: SampleChain.klay)
        let content = try chain.content(from: 1, to: .zero, nonce: 0)
        let second = BuildRequest.Candidate(.signed(content, by: key), from: key.address)
        #expect(try chain.build([first, second]).block.transactions.count == 2)
        #expect(try chain.build([second, first]).block.transactions.count == 1)
    }
}

struct `The block reward` {
    @Test
    func `is 9.6 KLAY in parts of 34, 54 and 12`() throws {
        var chain = try SampleChain()
        let beneficiary = chain.request().beneficiary
        try chain.grow()
        #expect(try chain.balance(beneficiary) == 3_264_000_000_000_000_000)
        #expect(try chain.balance(chain.rules.pocFund) == 5_184_000_000_000_000_000)
        #expect(try chain.balance(chain.rules.kirFund) == 1_152_000_000_000_000_000)
    }

    @Test(arguments: [UInt256(0), 1, 7, 99, 101, .max >> 1])
    func `leaves no peb undivided: what rounding leaves is the proposer's`(reward: UInt256) throws {
        var chain = try SampleChain { $0.blockReward = reward }
        let beneficiary = chain.request().beneficiary
        try chain.grow()
        let poc = reward / 100 * 54 + reward % 100 * 54 / 100
        let kir = reward / 100 * 12 + reward % 100 * 12 / 100
        #expect(try chain.balance(chain.rules.pocFund) == poc)
        #expect(try chain.balance(chain.rules.kirFund) == kir)
        #expect(try chain.balance(beneficiary) == reward - poc - kir)
        #expect(try chain.ledger.account(beneficiary) == (reward.isZero ? nil : Account(balance: reward - poc - kir)))
    }

    @Test
    func `cannot be spent by transactions of its own block`() throws {
        // The proposer pays itself a fund's share and tries to spend it at once.
        let key = try AccountKey(keccak256([5]))
        var chain = try SampleChain { $0.pocFund = key.address }
        let content = try chain.content(from: 0, to: .zero, nonce: 0)
        let spend = BuildRequest.Candidate(.signed(content, by: key), from: key.address)
        #expect(try chain.build([spend]).block.transactions.isEmpty)
        try chain.grow()
        #expect(try chain.build([spend]).block.transactions.count == 1)
    }
}

struct `The access list` {
    @Test
    func `says who had what after which transaction`() throws {
        let chain = try SampleChain()
        let new = Address(Bytes(repeating: 0xaa, count: 20))
        let built = try chain.build([
            chain.transfer(from: 0, to: new, value: 5), chain.transfer(from: 0, to: new, value: 6, nonce: 1),
        ])
        let list = built.accessList
        let sender = chain.accountKeys[0].address
        #expect(try list.balance(of: new, before: 1) == nil)
        #expect(try list.balance(of: new, before: 2) == 5)
        #expect(try list.balance(of: new, before: 3) == 11)
        #expect(try list.nonce(of: sender, before: 2) == 1)
        #expect(try list.nonce(of: sender, before: 3) == 2)
        // Rewards come behind the last transaction.
        #expect(try list.balance(of: chain.rules.pocFund, before: 3) == nil)
        #expect(try list.balance(of: chain.rules.pocFund, before: 4) == 5_184_000_000_000_000_000)
        #expect(built.block.extension.accessListRoot == list.root)
    }

    @Test
    func `holds nothing of candidates that were left out`() throws {
        let chain = try SampleChain()
        let candidates = [try chain.transfer(from: 0), try chain.transfer(from: 1, nonce: 4)]
        let built = try chain.build(candidates)
        let only = try chain.build([candidates[0]])
        #expect(built.block == only.block)
        #expect(built.accessList == only.accessList)
    }
}
