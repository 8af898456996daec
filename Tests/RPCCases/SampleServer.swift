import Chain
import Crypto
import EVM
import EthereumChain
import FaultProofs
import Primitives
import RPC
import SampleChain
import Synchronization
import Validation

/// A small chain of real blocks, as JSON-RPC reads it. The same each time.
struct SampleReader: ChainReader {
    let genesis: Genesis
    let blocks: [Block]
    let certificates: [CommitCertificate?]
    let receiptLists: [[Receipt]]
    let senderLists: [[Address]]
    /// After each block.
    let ledgers: [MemoryLedger]
    let accounts: [Address]

    /// Blocks beside genesis.
    private static let blockCount = 6

    init() throws {
        var chain = try SampleChain.withContracts()
        var random = SeededRandom(seed: 5)
        var (receipts, senders, ledgers) = ([[Receipt]()], [[Address]()], [chain.ledger])
        for index in 0..<Self.blockCount {
            let candidates =
                index.isMultiple(of: 2)
                ? try chain.randomCalls(6, using: &random) : try chain.randomTransfers(6, using: &random)
            let block = try chain.build(candidates)
            try chain.append(block)
            receipts.append(block.receipts)
            senders.append(block.senders)
            ledgers.append(chain.ledger)
        }
        (genesis, blocks, certificates) = (chain.genesis, chain.blocks, chain.certificates)
        (receiptLists, senderLists, self.ledgers) = (receipts, senders, ledgers)
        accounts = chain.accountKeys.map(\.address) + SampleContract.allCases.map(\.address)
    }

    private func at<Value>(_ height: Height, _ values: [Value]) -> Value? {
        height < values.count ? values[Int(height)] : nil
    }

    private func read<Answer>(
        at height: Height, _ body: (MemoryLedger) throws(StateGap) -> Answer
    ) throws(ChainReadError) -> Answer {
        guard let ledger = at(height, ledgers) else { throw .unreadable("no state at \(height)") }
        do {
            return try body(ledger)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    var headHeight: Height { Height(blocks.count - 1) }
    func block(at height: Height) -> EthereumBlock? { at(height, blocks).map { EthereumBlock($0) } }
    func header(at height: Height) -> EthereumHeader? { at(height, blocks).map { EthereumHeader($0.header) } }
    func hash(ofBlockAt height: Height) -> Hash32? { at(height, blocks)?.hash }
    func height(ofBlock hash: Hash32) -> Height? { blocks.firstIndex { $0.hash == hash }.map { Height($0) } }
    func certificate(at height: Height) -> CommitCertificate? { at(height, certificates) ?? nil }
    func receipts(at height: Height) -> [Receipt]? { at(height, receiptLists) }
    func senders(of block: EthereumBlock) -> [Address] { at(block.header.number, senderLists) ?? [] }

    func location(ofTransaction hash: Hash32) -> TransactionLocation? {
        for block in blocks {
            if let index = block.transactions.firstIndex(where: { $0.hash == hash }) {
                return TransactionLocation(height: block.number, index: index)
            }
        }
        return nil
    }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        try read(at: height) { ledger throws(StateGap) in try ledger.account(address) }
    }

    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256 {
        try read(at: height) { ledger throws(StateGap) in try ledger.storage(address, slot) }
    }

    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool {
        try read(at: height) { ledger throws(StateGap) in !ledger.allWords(of: address).isEmpty }
    }

    func code(_ hash: Hash32) throws(ChainReadError) -> Bytes {
        try read(at: headHeight) { ledger throws(StateGap) in try ledger.code(hash) }
    }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        throw .notRetained("this chain keeps no tries")
    }
}

/// A node beside the chain that takes any transaction and knows of nothing.
final class SampleNode: NodeService, TestnetService {
    private let council: Council
    private let pool = Mutex<[Hash32: SentTransaction]>([:])

    /// Transactions that it holds; more are refused.
    private static let poolMax = 64

    init(council: Council) {
        self.council = council
    }

    func submit(_ transactions: [SentTransaction]) async -> [Result<Hash32, TransactionRefusal>] {
        pool.withLock { pool in
            transactions.map { sent in
                guard pool.count < Self.poolMax else { return .failure(TransactionRefusal("txpool is full")) }
                pool[sent.transaction.hash] = sent
                return .success(sent.transaction.hash)
            }
        }
    }

    /// Forgets what was sent, so that the next case finds the same node.
    func reset() { pool.withLock { $0.removeAll() } }

    func pendingNonce(of sender: Address) async -> UInt64? { nil }
    func pendingTransaction(_ hash: Hash32) async -> SentTransaction? { pool.withLock { $0[hash] } }

    func poolCount() async -> PoolCount { PoolCount(pending: pool.withLock { $0.count }, queued: 0) }

    func poolContent(of sender: Address?) async -> [PoolSenderReport] {
        let waiting = pool.withLock { Array($0.values) }.filter { sender == nil || $0.sender == sender }
        return Dictionary(grouping: waiting, by: \.sender).sorted { $0.key < $1.key }.map { sender, sent in
            PoolSenderReport(
                sender: sender, pending: sent.map(\.transaction).sorted { $0.nonce < $1.nonce }, queued: [])
        }
    }

    func nextBlock(unlessAt known: UInt64?, candidatesMax: Int) async -> NextBlockReport { .none }
    func peers() async -> [PeerReport] { [] }
    func syncing() async -> SyncReport? { nil }

    func sealers(at height: Height) async -> Sealers? {
        guard height > 0 else { return nil }
        return Sealers(council: council, committee: council.committee(at: height, parent: .zero, sizeMax: 22))
    }

    func rounds(at height: Height) async -> RoundSummary? { nil }
    func faults(from start: Int, limit: Int) async -> [FaultRecord] { [] }
    func fault(_ id: Hash32) async -> ProvenRecord? { nil }

    func verdict(at height: Height) async -> VerdictReport {
        VerdictReport(height: height, outcome: .unknown, explanation: "not executed")
    }

    func explanation(of id: Hash32) async -> FaultExplanation? { nil }

    func watchReport() async -> WatchReport {
        WatchReport(
            headHeight: 0, stopped: nil, haltedBecause: nil, archivedVotes: 0, archivedHeights: 0, scores: [],
            keyClashes: [])
    }

    func rangerStatus() async -> RangerReport {
        RangerReport(validatedHeight: 0, followedHeight: 0, faultCount: 0, rejectedReports: 0, penalisedPeers: 0)
    }

    func faultCatalogue() async -> [FaultDescription] { [] }

    func inject(_ request: FaultRequest, onlyChecking: Bool) async -> Result<FaultRequest, FaultRefusal> {
        .failure(FaultRefusal("there is no fault \(request.fault)"))
    }

    func injections() async -> [FaultStatus] { [] }
    func setLinks(_ orders: [LinkOrder], seed: UInt64) async -> Result<Int, FaultRefusal> { .success(orders.count) }
}
