import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Synchronization
import Trie
import Validation

/// The rules and the people of the chain that the tests talk about.
enum World {
    static let chainID: UInt64 = 8_217
    static let chain = ChainIdentity(chainID: chainID, genesis: .zero)
    static let rules = ChainRules(
        chainID: chainID, pocFund: Address(Bytes(repeating: 0xaa, count: 20)),
        kirFund: Address(Bytes(repeating: 0xbb, count: 20)))
    static let stranger = Address(Bytes(repeating: 0x99, count: 20))
    static let contract = Address(Bytes(repeating: 0xcc, count: 20))
    static let contractCode: Bytes = [0x60, 0x2a, 0x60, 0x00, 0x52]
    /// Returns the word in the slot that it is asked for.
    static let reader = Address(Bytes(repeating: 0xdd, count: 20))
    /// calldataload(0), sload, return the word.
    static let readerCode: Bytes = [0x5f, 0x35, 0x54, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]
    static let genesisBalance = UInt256(1_000_000) * UInt256(1_000_000_000_000_000_000)

    static func account(_ index: UInt32) throws -> AccountKey {
        try HDWallet(mnemonic: "test test test test test test test test test test test junk").account(index)
    }

    static func validators() throws -> [NodeKey] {
        try (0..<4).map { index in try NodeKey(keccak256(Bytes("validator \(index)".utf8))) }
    }

    static func council() throws -> Council {
        try Council(
            validators().map { key in
                CouncilMember(
                    publicKey: key.publicKey, rewardAddress: Address(lastBytesOf: keccak256(key.publicKey.address)))
            }.sorted { $0.address < $1.address })
    }

    /// Whether `gas` is what eth_estimateGas may say of a call that needs `least`: enough, and little more.
    static func isEstimate(_ gas: Gas, of least: Gas) -> Bool {
        gas >= least && (gas - least) * 1_000 <= 15 * gas + 1_000
    }

    static func transfer(
        from key: AccountKey, nonce: UInt64, kind: Transaction.Kind = .dynamicFee, to: Address? = stranger,
        value: UInt256 = 1_000, tip: UInt256 = 1_000_000_000, data: Bytes = [], chainID: UInt64? = World.chainID,
        gasLimit: Gas? = nil, accessList: [AccessListEntry] = [], authorizations: [Authorization] = []
    ) -> Transaction {
        var content = Transaction.Content(
            kind: kind, chainID: chainID, nonce: nonce, maxPriorityFeePerGas: tip, maxFeePerGas: 10_000_000_000,
            to: to, value: value, data: data, accessList: accessList, authorizations: authorizations)
        content.gasLimit = gasLimit ?? max(content.intrinsicGas, content.floorGas)
        return Transaction.signed(content, by: key)
    }
}

/// Accounts, slots and code after one block, with the tries that prove them.
struct TestState: Sendable {
    var accounts: [Address: Account] = [:]
    var slots: [Address: [UInt256: UInt256]] = [:]
    /// By hash.
    var codes: [Hash32: Bytes] = [:]

    mutating func setCode(_ address: Address, _ code: Bytes) {
        accounts[address, default: Account(nonce: 1)].codeHash = keccak256(code)
        codes[keccak256(code)] = code
    }

    private func storage(of address: Address) -> TrieUpdate {
        MerkleTrie.build(
            (slots[address] ?? [:]).filter { !$0.value.isZero }
                .map { (keccak256($0.key.hash), RLPItem($0.value).rlp) }.sorted { $0.0 < $1.0 })
    }

    func leaf(_ address: Address) -> AccountLeaf? {
        accounts[address].map {
            AccountLeaf(
                nonce: $0.nonce, balance: $0.balance, storageRoot: storage(of: address).root, codeHash: $0.codeHash)
        }
    }

    func accountTrie() -> TrieUpdate {
        MerkleTrie.build(
            accounts.keys.compactMap { address in leaf(address).map { (keccak256(address), $0.rlp) } }
                .sorted { $0.0 < $1.0 })
    }

    func proof(of address: Address, slots: [UInt256]) throws -> AccountProof {
        let trie = accountTrie()
        let storage = storage(of: address)
        return AccountProof(
            leaf: leaf(address), nodes: try Self.proof(of: keccak256(address), in: trie),
            slots: try slots.map { slot in
                AccountProof.Slot(
                    value: self.slots[address]?[slot] ?? 0, proof: try Self.proof(of: keccak256(slot.hash), in: storage)
                )
            })
    }

    /// All of it, as tries have it.
    var witnessLedger: WitnessLedger {
        let trie = accountTrie()
        let storage = slots.keys.flatMap { self.storage(of: $0).nodes }
        return WitnessLedger(
            root: trie.root, witness: (trie.nodes + storage).compactMap(\.rlp) + codes.values)
    }

    private static func proof(of key: Hash32, in trie: TrieUpdate) throws -> [Bytes] {
        try MerkleTrie.proof(
            of: key, root: trie.root, owner: nil, source: WitnessSource(trie.nodes.compactMap(\.rlp)))
    }
}

private struct RLPItem: RLPEncodable {
    let value: UInt256
    init(_ value: UInt256) { self.value = value }
    func encode(into encoder: inout RLPEncoder) { encoder.append(value) }
}

/// A chain in memory. Transfers move value and pay fees; other effects are given with the block.
final class TestChain: ChainReader {
    private struct Contents {
        var blocks: [Block] = []
        var receipts: [[Receipt]] = []
        var certificates: [CommitCertificate?] = []
        var states: [TestState] = []
        var headHeight: Height = 0
    }

    private let contents: Mutex<Contents>
    let council: Council

    init() throws {
        council = try World.council()
        var state = TestState()
        for index in 0..<4 as Range<UInt32> {
            state.accounts[try World.account(index).address] = Account(balance: World.genesisBalance)
        }
        state.setCode(World.contract, World.contractCode)
        state.setCode(World.reader, World.readerCode)
        state.slots[World.contract] = [1: 0x2a, 7: UInt256.max]
        state.slots[World.reader] = [1: 0x2a]
        let blockExtension = BlockExtension(
            nextCouncilHash: council.hash, accessListRoot: .zero, timestampMilliseconds: 1_700_000_000_000)
        let header = Header(
            stateRoot: state.accountTrie().root, number: 0, gasLimit: 60_000_000, timestamp: 1_700_000_000,
            extraData: blockExtension.hash.bytes, baseFeePerGas: 1_000_000_000,
            parentBeaconBlockRoot: World.rules.hash)
        let genesis = Block(header: header, transactions: [], extension: blockExtension)
        contents = Mutex(
            Contents(blocks: [genesis], receipts: [[]], certificates: [nil], states: [state], headHeight: 0))
    }

    /// Appends a block of `transactions`; `logs` are those of the transaction at that index, `failed` the indexes
    /// of those that did nothing, and `write` is what code wrote.
    @discardableResult
    func append(
        _ transactions: [Transaction], logs: [Int: [Log]] = [:], failed: Set<Int> = [], gasUsed: Gas? = nil,
        announced: Bool = true, write: (inout TestState) -> Void = { _ in }
    ) throws -> Block {
        let (parent, before) = contents.withLock { ($0.blocks[$0.blocks.count - 1], $0.states[$0.states.count - 1]) }
        let height = parent.number + 1
        let baseFee = Self.baseFee(after: EthereumHeader(parent.header))
        let proposer = council.members[Int(height) % council.members.count]
        var state = before
        var receipts: [Receipt] = []
        var gas: Gas = 0
        for (index, transaction) in transactions.enumerated() {
            gas += try state.apply(transaction, baseFee: baseFee, beneficiary: proposer.rewardAddress)
            receipts.append(
                Receipt(
                    kind: transaction.kind, succeeded: !failed.contains(index), cumulativeGasUsed: gas,
                    logs: logs[index] ?? []))
        }
        write(&state)
        let milliseconds = parent.extension.timestampMilliseconds + 1_000
        let blockExtension = BlockExtension(
            nextCouncilHash: council.hash, accessListRoot: .zero, timestampMilliseconds: milliseconds)
        let header = Header(
            parentHash: parent.hash, beneficiary: proposer.rewardAddress, stateRoot: state.accountTrie().root,
            transactionsRoot: MerkleTrie.orderedRoot(transactions.map(\.envelope)),
            receiptsRoot: MerkleTrie.orderedRoot(receipts.map(\.envelope)), logsBloom: Receipt.bloom(of: receipts),
            number: height, gasLimit: 60_000_000, gasUsed: gasUsed ?? gas, timestamp: milliseconds / 1_000,
            extraData: blockExtension.hash.bytes, baseFeePerGas: baseFee)
        let block = Block(header: header, transactions: transactions, extension: blockExtension)
        let votes = try World.validators().prefix(3).map { key in
            SignedVote(.commit(height: height, round: 0, block: block.hash), by: key, chain: World.chain)
        }
        let (sealed, next) = (receipts, state)
        contents.withLock { contents in
            contents.blocks.append(block)
            contents.receipts.append(sealed)
            contents.certificates.append(CommitCertificate(height: height, round: 0, block: block.hash, commits: votes))
            contents.states.append(next)
            if announced { contents.headHeight = height }
        }
        return block
    }

    /// EIP-1559, written down a second time.
    static func baseFee(after parent: EthereumHeader) -> UInt256 {
        let target = Int(parent.gasLimit / 2)
        let fee = parent.baseFee.asInt ?? 0
        let change = fee * abs(Int(parent.gasUsed) - target) / target / 8
        return UInt256(UInt64(Int(parent.gasUsed) > target ? fee + max(change, 1) : fee - change))
    }

    // MARK: ChainReader

    var headHeight: Height { contents.withLock { $0.headHeight } }

    private func at<Value>(_ height: Height, _ list: (borrowing Contents) -> [Value]) -> Value? {
        contents.withLock { contents in
            let list = list(contents)
            return height < list.count ? list[Int(height)] : nil
        }
    }

    func block(at height: Height) -> EthereumBlock? { at(height) { $0.blocks }.map { EthereumBlock($0) } }
    func header(at height: Height) -> EthereumHeader? { block(at: height)?.header }
    func hash(ofBlockAt height: Height) -> Hash32? { block(at: height)?.hash }
    func height(ofBlock hash: Hash32) -> Height? {
        contents.withLock { $0.blocks.firstIndex { $0.hash == hash }.map(Height.init) }
    }
    func certificate(at height: Height) -> CommitCertificate? { at(height) { $0.certificates } ?? nil }
    func receipts(at height: Height) -> [Receipt]? { at(height) { $0.receipts } }
    func state(at height: Height) -> TestState? { at(height) { $0.states } }

    func location(ofTransaction hash: Hash32) -> TransactionLocation? {
        contents.withLock { contents in
            for block in contents.blocks {
                if let index = block.transactions.firstIndex(where: { $0.hash == hash }) {
                    return TransactionLocation(height: block.number, index: index)
                }
            }
            return nil
        }
    }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        if address == TestChain.unreadable { throw .unreadable("page 7 is torn") }
        return state(at: height)?.accounts[address]
    }

    func storage(_ address: Address, _ slot: UInt256, at height: Height) -> UInt256 {
        state(at: height)?.slots[address]?[slot] ?? 0
    }

    func hasStorage(_ address: Address, at height: Height) -> Bool {
        state(at: height)?.slots[address]?.contains { !$0.value.isZero } ?? false
    }

    func slots(of address: Address, at height: Height, countMax: Int) throws(ChainReadError) -> [UInt256] {
        let slots = (state(at: height)?.slots[address] ?? [:]).keys
        guard slots.count <= countMax else {
            throw .notRetained("that needs more than \(countMax) slots of \(address)")
        }
        return Array(slots)
    }

    func code(_ hash: Hash32) -> Bytes { contents.withLock { $0.states[$0.states.count - 1].codes[hash] } ?? [] }

    func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32 {
        guard let state = state(at: height) else { throw .unreadable("no state at \(height)") }
        return try state.ledger.root(after: changes, clearing: cleared)
    }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        guard height + 2 >= headHeight else { throw .notRetained("proofs are kept for the last 2 blocks") }
        do {
            guard let proof = try state(at: height)?.proof(of: address, slots: slots) else {
                throw ChainReadError.unreadable("no state at \(height)")
            }
            return proof
        } catch {
            throw .unreadable("\(error)")
        }
    }

    func witness(ofBlockAt height: Height) throws(ChainReadError) -> ExecutionWitness? {
        guard height > 0, let block = at(height, { $0.blocks }), let before = state(at: height - 1) else { return nil }
        let recorder = WitnessRecorder(before.witnessLedger)
        do {
            _ = try execute(block, reading: recorder, under: World.rules)
            return recorder.witness
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// The block at that height, extension and all.
    func ownBlock(at height: Height) -> Block? { at(height) { $0.blocks } }

    /// The account that the disk cannot read.
    static let unreadable = Address(Bytes(repeating: 0xee, count: 20))
}

extension TestState {
    /// Moves value and fees; returns the gas used.
    fileprivate mutating func apply(
        _ transaction: Transaction, baseFee: UInt256, beneficiary: Address
    ) throws -> Gas {
        let sender = try transaction.recoverSender()
        let gas = max(transaction.intrinsicGas, transaction.floorGas)
        let price = transaction.effectiveGasPrice(baseFee: baseFee) ?? transaction.maxFeePerGas
        var payer = accounts[sender] ?? Account()
        payer.nonce += 1
        // Foreign transactions come from accounts that own nothing here.
        payer.balance = payer.balance &- transaction.value &- price &* UInt256(gas)
        accounts[sender] = payer
        credit(beneficiary, (price &- baseFee) &* UInt256(gas))
        credit(transaction.to ?? createAddress(sender: sender, nonce: transaction.nonce), transaction.value)
        return gas
    }

    private mutating func credit(_ address: Address, _ amount: UInt256) {
        var account = accounts[address] ?? Account()
        account.balance = account.balance &+ amount
        accounts[address] = account
    }
}
