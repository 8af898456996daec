import Chain
import Consensus
import Crypto
import FaultProofs
import Node
import Primitives
import Ranger
import Testing
import Validation

@testable import Simulator

/// After a block that a quorum must not have sealed: nodes go no further, prove it, and say why.
@Suite struct StandstillTests {
    let good: Block
    let bad: CertifiedBlock

    init() throws {
        good = try Loner.proposal().block
        var header = good.header
        header.stateRoot = keccak256([1])
        let block = Block(header: header, transactions: good.transactions, extension: good.extension)
        bad = CertifiedBlock(block: block, certificate: Loner.certificate(block, by: [0, 1, 2]))
    }

    /// A node that has just executed the bad block, and asks those who have it what it touched.
    private func accuser(_ index: Int, having peers: [Int]) -> Loner {
        var node = Loner(index)
        for other in 0..<Loner.council where other != index { node.meet(other, head: peers.contains(other) ? 1 : 0) }
        node.hear(.blocks([bad]), from: peers[0])
        return node
    }

    private func asked(_ node: Loner) -> [PeerNumber] {
        node.sent.flatMap { entry -> [PeerNumber] in
            if case .getAccessList(1, bad.block.hash) = entry.message { entry.to } else { [] }
        }
    }

    private func expectStop(_ node: Loner) {
        #expect(node.node.standstill?.lastGood == 0 && node.node.standstill?.1.height == 1)
        #expect(node.node.standstill?.1.reason == "sealed block 1 breaks stateRoot")
        #expect(node.chain.isEmpty && node.node.halted == nil)
        #expect(node.notes.count { if case .stopped(0, _) = $0 { true } else { false } } == 1)
    }

    private func accessList() throws -> BlockAccessList {
        let genesis = Loner.genesis
        return try validate(
            good, after: Ancestry(after: genesis.block(), council: genesis.council, under: genesis.rules),
            reading: MemoryLedger(genesis), under: genesis.rules, round: .sealed(0)
        ).accessList
    }

    // MARK: The proof

    @Test(arguments: [Loner.council, 3])
    func `the access list is waited for a little, then the whole block is the proof`(index: Int) throws {
        var node = accuser(index, having: [1])
        expectStop(node)
        #expect(asked(node) == [1] && node.recorded.isEmpty)
        node.wait(.milliseconds(300), for: .accessList)
        let fault = try #require(node.recorded.first).fault
        #expect(fault.rule == "stateRoot" && fault.isSealed && fault.guilty == bad.certificate.signers)
        #expect(node.sent.contains { if case .fault = $0.message { true } else { false } })
        expectStop(node)
        // A timer or an answer that comes now changes nothing.
        node.wait(.milliseconds(300), for: .accessList)
        node.hear(.accessList(block: bad.block.hash, list: [1]), from: 1)
        #expect(node.recorded.count == 1 && node.node.peers.contains { $0.number == 1 })
    }

    @Test func `nobody is waited for who says that he does not have it`() {
        var node = accuser(Loner.council, having: [1, 2])
        #expect(asked(node) == [1, 2])
        node.hear(.accessList(block: bad.block.hash, list: []), from: 1)
        #expect(node.recorded.isEmpty)
        node.hear(.accessList(block: bad.block.hash, list: []), from: 2)
        #expect(node.recorded.count == 1)
    }

    @Test func `a wrong access list costs its sender the connection, and the right one is used`() throws {
        var node = accuser(Loner.council, having: [1, 2, 3])
        node.hear(.accessList(block: bad.block.hash, list: BlockAccessList.empty.rlp), from: 1)
        #expect(!node.node.peers.contains { $0.number == 1 } && node.recorded.isEmpty)
        // One that nobody asked for is not even looked at.
        node.hear(.accessList(block: bad.block.hash, list: try accessList().rlp), from: 0)
        #expect(node.recorded.isEmpty)
        node.hear(.accessList(block: bad.block.hash, list: try accessList().rlp), from: 2)
        #expect(node.recorded.count == 1 && node.node.peers.contains { $0.number == 2 })
    }

    @Test func `whoever has executed a block gives its access list, once to each peer`() throws {
        var node = Loner(0)
        for other in 1..<Loner.council { node.meet(other) }
        node.hear(.blocks([CertifiedBlock(block: good, certificate: Loner.certificate(good, by: [1, 2, 3]))]), from: 1)
        #expect(node.chain.count == 1)
        for _ in 0..<3 {
            for block in [good.hash, keccak256([9])] {
                node.hear(.getAccessList(height: 1, block: block), from: 2)
            }
        }
        let given = node.sent.compactMap { entry -> Bytes? in
            if case .accessList(_, let list) = entry.message { list } else { nil }
        }
        #expect(given == [try accessList().rlp, []])
    }

    // MARK: The stop

    @Test(arguments: [Loner.council, 3])
    func `a proof by somebody else stops a node that has not seen the block, also after a restart`(index: Int) throws {
        var first = accuser(Loner.council, having: [1])
        first.wait(.milliseconds(300), for: .accessList)
        let (proof, fault) = try #require(first.recorded.first)
        var node = Loner(index)
        for other in 0..<Loner.council where other != index { node.meet(other) }
        node.hear(.fault(proof), from: 0)
        expectStop(node)
        #expect(node.recorded.count == 1)
        // Whatever comes now finds it standing: it follows what is sealed above, and votes for nothing.
        node.hear(.proposal(try Loner.proposal()), from: Loner.proposer(0))
        node.hear(.blocks([bad]), from: 1)
        node.hear(.blocks([bad, bad]), from: 1)
        node.hear(.sealed(bad.certificate), from: 2)
        node.wait(.seconds(20), for: .round)
        node.wait(.seconds(20), for: .blockDue)
        node.wait(.seconds(20), for: .maintenance)
        #expect(node.followed == [bad] && node.votes.isEmpty && node.node.followedHead == 1)
        expectStop(node)
        let tail = ChainTail(block: Loner.genesis.block(), certificate: nil)
        let again = Loner(index, memory: NodeMemory(tail: tail, faults: [(proof.id, fault)]))
        expectStop(again)
        #expect(again.node.standstill?.1.fault == proof.id && again.node.standstill?.1.guilty == fault.guilty)
    }

    /// It looked away on purpose; a power cut took the block, not the proof.
    @Test func `a validator that is proven to have sealed the block goes on from it`() throws {
        var first = accuser(Loner.council, having: [1])
        first.wait(.milliseconds(300), for: .accessList)
        let (proof, fault) = try #require(first.recorded.first)
        let tail = ChainTail(block: Loner.genesis.block(), certificate: nil)
        let sealer = Loner(1, memory: NodeMemory(tail: tail, faults: [(proof.id, fault)]))
        #expect(sealer.node.standstill == nil)
    }

    @Test func `a node that has stopped takes no transactions, and says why`() throws {
        var node = accuser(Loner.council, having: [1])
        let key = try AccountKey(keccak256([5]))
        let transaction = Transaction.signed(
            Transaction.Content(
                chainID: Loner.genesis.rules.chainID, nonce: 0, maxPriorityFeePerGas: 1, maxFeePerGas: 1, to: .zero,
                value: 0), by: key)
        let entry = PoolEntry(transaction: transaction, sender: key.address, account: nil)
        node.handle(.admitted([entry], from: .client(ticket: 1)))
        #expect(
            node.replies == [.failure(.stopped("sealed block 1 breaks stateRoot; block 0 is the last good one"))])
    }
}
