import Chain
import Crypto
import EVM
import FaultProofs
import Foundation
import Primitives
import SampleChain
import Testnet
import Validation

/// A chain with a deep state, and blocks of it with one fault each.
struct ProofBench {
    private let chain: SampleChain
    private let senders: [AccountKey]
    private let holders: [Address]
    private let token: Address
    private let count: Int

    private static let klay = SampleChain.klay
    /// JUMPDEST PUSH0 JUMP: runs until the gas is gone.
    private static let loop = Address(lastBytesOf: keccak256(Bytes("loop".utf8)))

    init(transactions count: Int, accounts: Int) throws {
        self.count = count
        senders = try (0..<count).map { try AccountKey(keccak256(Bytes("sender \($0)".utf8))) }
        holders =
            senders.map(\.address)
            + (count..<accounts).map { Address(lastBytesOf: keccak256(Bytes("holder \($0)".utf8))) }
        let runtime = try Self.tokenCode()
        token = Address(lastBytesOf: keccak256(Bytes("token".utf8)))
        // Vyper: the words of a mapping stand at keccak(slot ‖ key); that of the balances is 5.
        let words = holders.map { holder in
            let slot = keccak256(UInt256(5).hash.bytes + UInt256(holder).hash.bytes)
            return GenesisAccount.StorageSlot(slot: UInt256(slot), value: 1_000)
        }
        let accounts = holders.map { GenesisAccount(address: $0, balance: Self.klay) }
        chain = try SampleChain(
            extraAccounts: accounts + [
                GenesisAccount(address: Self.loop, nonce: 1, code: [0x5b, 0x5f, 0x56]),
                GenesisAccount(
                    address: token, nonce: 1, code: runtime, storage: words.sorted { $0.slot < $1.slot }),
            ])
    }

    /// What the token's initcode leaves.
    private static func tokenCode() throws -> Bytes {
        let chain = try SampleChain()
        let built = try chain.build([chain.creation(try LoadToken.initCode(), from: 0)])
        guard let code = built.changes.code.first?.code else { throw SampleError.noKey(.zero) }
        return code
    }

    func run() throws {
        print("\(count) transactions a block, \(holders.count) accounts, \(chain.nodeKeys.count) validators")
        print(Self.row("fault", "proof", "bytes", "verify ms", "of which state", "access list", "branch"))
        let middle = count / 2
        var transfers = (0..<count).map { transfer($0) }
        let overspend = sign(middle) { $0.value = 5 * Self.klay }
        transfers[middle] = overspend
        try show("overspend, transfers", try chain.build(transfers, conduct: Conduct(waiving: [.balance])))
        transfers[middle] = transfer(middle - 1, nonce: 0)
        try show("nonce replay, transfers", try chain.build(transfers, conduct: Conduct(waiving: [.nonce])))
        transfers[middle] = sign(middle) { $0.chainID = 1 }
        try show("wrong chain id, transfers", try chain.build(transfers, conduct: Conduct(waiving: [.chainID])))
        let moves = (0..<count).map { move($0) }
        try showWrong("wrong write, token", try chain.build(moves), at: middle) { entry in
            guard case .storageWrite(token, let slot, let index, let value) = entry else { return nil }
            return .storageWrite(token, slot: slot, index: index, value: value + 1)
        }
        var dear = moves
        dear[middle] = overspend
        try show("overspend, token", try chain.build(dear, conduct: Conduct(waiving: [.balance])))
        let gasMax = chain.rules.transactionGasMax
        transfers[middle] = sign(middle) { ($0.to, $0.value, $0.gasLimit) = (Self.loop, 0, gasMax) }
        try showWrong("loop of \(gasMax) gas", try chain.build(transfers), at: middle) { entry in
            guard case .nonce(let account, let index, let value) = entry else { return nil }
            return .nonce(account, index: index, value: value + 1)
        }
        try showPair()
    }

    // MARK: Transactions

    private func sign(_ index: Int, _ change: (inout Transaction.Content) -> Void) -> BuildRequest.Candidate {
        var content = Transaction.Content(
            chainID: SampleChain.chainID, nonce: 0, maxPriorityFeePerGas: 2_000_000_000,
            maxFeePerGas: 30_000_000_000, to: receiver(of: index), value: 1)
        change(&content)
        return BuildRequest.Candidate(.signed(content, by: senders[index]), from: senders[index].address)
    }

    /// Some other holder, all over the state.
    private func receiver(of index: Int) -> Address { holders[(index * 7_919 + 1) % holders.count] }

    private func transfer(_ index: Int, nonce: UInt64 = 0) -> BuildRequest.Candidate {
        sign(index) { $0.nonce = nonce }
    }

    private func move(_ index: Int) -> BuildRequest.Candidate {
        sign(index) { content in
            content.data = LoadToken.transfer(to: receiver(of: index))
            content.to = token
            content.value = 0
            content.gasLimit = LoadToken.transferGas
        }
    }

    // MARK: Proofs

    private func show(_ name: String, _ built: ValidatedBlock) throws {
        try show(name, built.block, list: built.accessList)
    }

    /// As if the council had written something else in this transaction: the first entry that `spoil` takes.
    private func showWrong(
        _ name: String, _ built: ValidatedBlock, at position: Int, _ spoil: (BlockAccess) -> BlockAccess?
    ) throws {
        var entries = built.accessList.entries
        for place in entries.indices where entries[place].index == BlockAccessIndex(position + 1) {
            guard let entry = spoil(entries[place]) else { continue }
            entries[place] = entry
            break
        }
        let list = try BlockAccessList(entries)
        var (header, blockExtension) = (built.block.header, built.block.extension)
        blockExtension.accessListRoot = list.root
        header.extraData = blockExtension.hash.bytes
        try show(
            name, Block(header: header, transactions: built.block.transactions, extension: blockExtension), list: list)
    }

    private func show(_ name: String, _ block: Block, list: BlockAccessList) throws {
        precondition(block.transactions.count == count, "every transaction got into the block")
        let accusation = Accusation.sealed(try chain.certificate(of: block))
        for (list, kind) in [(list, "one transaction"), (nil, "whole block")] {
            let proof = proveInvalid(
                block, by: accusation, after: chain.ancestry, reading: chain.ledger, genesis: chain.genesis,
                accessList: list)
            guard let proof else { throw SampleError.noKey(.zero) }
            if list == nil, case .transaction = proof { continue }
            try show(name, proof, kind)
        }
    }

    private func showPair() throws {
        let votes = [UInt8(1), 2].map { number in
            SignedVote(
                .commit(height: 9, round: 0, block: keccak256([number])), by: chain.nodeKeys[0],
                chain: chain.genesis.identity)
        }
        guard let proof = proveContradiction(votes[0], votes[1]) else { throw SampleError.noKey(.zero) }
        try show("double commit", proof, "pair")
    }

    private func show(_ name: String, _ proof: FaultProof, _ kind: String) throws {
        let bytes = proof.rlp
        var parts = ["", "", ""]
        if case .transaction(let evidence) = proof {
            func size(_ nodes: [Bytes]) -> String { "\(nodes.reduce(0) { $0 + $1.count })" }
            if let witness = evidence.execution?.witness {
                parts = [size(witness.preimages), size(witness.accessList.nodes), ""]
            }
            parts[2] = size(evidence.branch)
        }
        var least = Double.infinity
        var rounds = 0
        let start = Self.processorSeconds()
        repeat {
            let before = Self.processorSeconds()
            _ = try verify(FaultProof(checking: bytes), genesis: chain.genesis, scheme: P256())
            least = min(least, Self.processorSeconds() - before)
            rounds += 1
        } while rounds < 5 || Self.processorSeconds() - start < 0.3
        print(
            Self.row(
                name, "\(proof.kind.name), \(kind)", "\(bytes.count)", String(format: "%.2f", least * 1_000), parts[0],
                parts[1], parts[2]))
    }

    private static func row(_ name: String, _ kind: String, _ cells: String...) -> String {
        let head = name.padding(toLength: 28, withPad: " ", startingAt: 0)
        let form = kind.padding(toLength: 24, withPad: " ", startingAt: 0)
        return head + form + cells.map { String(repeating: " ", count: max(1, 15 - $0.count)) + $0 }.joined()
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
