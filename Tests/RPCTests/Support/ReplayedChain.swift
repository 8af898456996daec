import Chain
import EVM
import EthereumChain
import Fixtures
import Foundation
import Primitives
import RPC
import Testing
import Validation

/// The longer of the recorded chains, executed from a snapshot of its state on: `rpc/all-forks-2026-07`.
struct ReplayedChain: ChainReader {
    private let blocks: [EthereumBlock]
    /// After each block from `firstState` on.
    private let states: [TestState]
    /// The same with their tries.
    private let ledgers: [MemoryLedger]
    /// The block whose state the snapshot holds.
    private static let firstState: Height = 47

    /// From genesis.json: the times at which forks begin.
    static let rules = EthereumRules(
        chainID: RecordedChain.chainID,
        phases: [
            EthereumRules.Phase(activation: 0, fork: .cancun, blobs: .cancun),
            EthereumRules.Phase(activation: 450, fork: .prague, blobs: .prague),
            EthereumRules.Phase(activation: 480, fork: .osaka, blobs: .prague),
            EthereumRules.Phase(activation: 510, fork: .osaka, blobs: .firstBlobFork),
            EthereumRules.Phase(activation: 540, fork: .osaka, blobs: .secondBlobFork),
        ])

    init() throws {
        let folder = "rpc/all-forks-2026-07"
        var decoder = RLPDecoder(Bytes(try Fixtures.data("\(folder)/chain.rlp")))
        var blocks: [EthereumBlock] = []
        while !decoder.isAtEnd { blocks.append(try EthereumBlock(from: &decoder)) }
        self.blocks = blocks
        var state = try TestState(snapshot: Fixtures.data("\(folder)/state_after_block_\(Self.firstState).json.gz"))
        var states = [state]
        for block in blocks where block.header.number > Self.firstState {
            let parent = blocks[Int(block.header.number) - 2].header
            let result = try validate(block, after: parent, reading: state.ledger, under: Self.rules)
            state.apply(result.changes)
            states.append(state)
        }
        self.states = states
        ledgers = states.map(\.ledger)
    }

    var headHeight: Height { Height(blocks.count) }

    func block(at height: Height) -> EthereumBlock? {
        height >= 1 && height <= headHeight ? blocks[Int(height) - 1] : nil
    }
    func header(at height: Height) -> EthereumHeader? { block(at: height)?.header }
    func hash(ofBlockAt height: Height) -> Hash32? { block(at: height)?.hash }
    func height(ofBlock hash: Hash32) -> Height? { blocks.first { $0.hash == hash }?.header.number }

    private func state(at height: Height) throws(ChainReadError) -> TestState {
        guard height >= Self.firstState, height <= headHeight else {
            throw .notRetained("the state at block \(height) is not there")
        }
        return states[Int(height - Self.firstState)]
    }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        try state(at: height).accounts[address]
    }
    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256 {
        try state(at: height).slots[address]?[slot] ?? 0
    }
    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool {
        try state(at: height).slots[address]?.contains { !$0.value.isZero } ?? false
    }
    func code(_ hash: Hash32) -> Bytes { states[states.count - 1].codes[hash] ?? [] }

    func stateRoot(
        at height: Height, after changes: StateChanges, clearing cleared: Set<Address>
    ) throws(ChainReadError) -> Hash32 {
        _ = try state(at: height)
        return try ledgers[Int(height - Self.firstState)].root(after: changes, clearing: cleared)
    }

    func proof(of address: Address, slots: [UInt256], at height: Height) throws(ChainReadError) -> AccountProof {
        do { return try state(at: height).proof(of: address, slots: slots) } catch { throw .unreadable("\(error)") }
    }

    func certificate(at height: Height) -> CommitCertificate? { nil }
    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]? { throw .notRetained("no receipts") }
    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation? {
        throw .notRetained("no transactions")
    }
}
