import Chain
import Crypto
import EVM
import Primitives
import SampleChain
import Testing
import Trie
import Validation

/// One transaction by itself, on what the block's access list says of the state before it (DESIGN D3).
struct `A transaction by itself` {
    private func cases(_ built: ValidatedBlock) -> [TransactionCase] {
        built.block.transactions.indices.map { position in
            TransactionCase(
                header: built.block.header, transaction: built.block.transactions[position],
                sender: built.senders[position], position: position,
                gasUsedBefore: position == 0 ? 0 : built.receipts[position - 1].cumulativeGasUsed)
        }
    }

    @Test(arguments: UInt64(0)..<8)
    func `does what it did in its block, from a witness of its own`(seed: UInt64) throws {
        let (chain, built) = try `A block with contracts`.example(seed)
        let list = built.accessList
        var sizes = 0
        for subject in cases(built) {
            let (result, witness) = try recordReplay(of: subject, after: chain.ledger, list, under: chain.rules)
            let again = try replay(
                subject, stateRoot: chain.ledger.stateRoot, accessListRoot: list.root, witness: witness,
                under: chain.rules)
            for replay in [result, again] {
                #expect(replay.difference == nil)
                #expect(replay.writes == list.entries.filter { $0.index == subject.accessIndex })
                let receipt = built.receipts[subject.position]
                let outcome = try replay.outcome.get()
                #expect(outcome.gasUsed == receipt.cumulativeGasUsed - subject.gasUsedBefore)
                #expect(outcome.succeeded == receipt.succeeded)
                #expect(outcome.effects.logs.map(\.data) == receipt.logs.map(\.data))
            }
            sizes += witness.preimages.count
        }
        #expect(sizes > 0)
    }

    @Test
    func `is unreadable with any one preimage or entry gone, and refused with any one node gone`() throws {
        let (chain, built) = try `A block with contracts`.example(3)
        let list = built.accessList
        for subject in cases(built).suffix(5) {
            let (_, whole) = try recordReplay(of: subject, after: chain.ledger, list, under: chain.rules)
            func failure(_ witness: TransactionWitness) -> ReplayFailure? {
                do throws(ReplayFailure) {
                    _ = try replay(
                        subject, stateRoot: chain.ledger.stateRoot, accessListRoot: list.root, witness: witness,
                        under: chain.rules)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(failure(whole) == nil)
            for index in whole.preimages.indices {
                var witness = whole
                let gap = keccak256(witness.preimages.remove(at: index))
                #expect(failure(witness) == .unreadable(.state(.missing(gap))))
            }
            for index in whole.accessList.nodes.indices {
                var witness = whole
                witness.accessList.nodes.remove(at: index)
                guard case .accessList(.unproven) = failure(witness) else {
                    Issue.record("a list without node \(index) is taken")
                    continue
                }
            }
            for gone in whole.accessList.positions {
                // Made anew with its own nodes, so that only the entry lacks.
                var witness = whole
                witness.accessList = try proof(of: list, at: whole.accessList.positions.filter { $0 != gone })
                guard case .unreadable(.list) = failure(witness) else {
                    Issue.record("entry \(gone) is not missed")
                    continue
                }
            }
            for extra in 0...list.entries.count where !whole.accessList.positions.contains(extra) {
                var witness = whole
                let positions = (whole.accessList.positions + [extra]).sorted()
                witness.accessList = try proof(of: list, at: positions)
                #expect(
                    failure(witness) == .surplusEntries(used: positions.count - 1, found: positions.count))
            }
            var witness = whole
            witness.preimages.append([1])
            let count = whole.preimages.count
            #expect(failure(witness) == .surplusPreimages(used: count, found: count + 1))
        }
    }

    /// The entries at these positions, with the nodes that prove them.
    private func proof(of list: BlockAccessList, at positions: [Int]) throws -> AccessListWitness {
        let recording = RecordingAccessList(list)
        for position in positions { recording.touch(position) }
        return recording.witness
    }

    @Test(arguments: [UInt256(1), UInt256(1) << 255])
    func `shows where a lax council wrote something else than the code`(mask: UInt256) throws {
        var random = SeededRandom(seed: 1)
        let chain = try SampleChain.withContracts()
        let slot = UInt256(random.next())
        let calls = try [
            chain.transfer(from: 0), chain.call(.keeper, [slot, 40], from: 1), chain.call(.counter, from: 2),
        ]
        let sabotage = Sabotage.wrongStorageWrite(mask: mask)
        let built = try sabotage.build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let honest = try chain.build(calls)
        let expected = AccessDifference(
            expected: .storageWrite(SampleContract.keeper.address, slot: slot, index: 2, value: 40),
            found: .storageWrite(SampleContract.keeper.address, slot: slot, index: 2, value: 40 ^ mask))
        #expect(AccessDifference(expected: honest.accessList, found: built.accessList) == expected)
        let differences = try cases(built).map { subject in
            let (result, witness) = try recordReplay(
                of: subject, after: chain.ledger, built.accessList, under: chain.rules)
            let again = try replay(
                subject, stateRoot: chain.ledger.stateRoot, accessListRoot: built.accessList.root,
                witness: witness, under: chain.rules)
            #expect(again.difference == result.difference)
            return result.difference
        }
        #expect(differences == [nil, expected, nil])
        #expect(expected.description.contains(slot.hash.hex) && expected.description.contains("access index 2"))
    }

    @Test
    func `shows an entry of the list that it did not write`() throws {
        let chain = try SampleChain.withContracts()
        let built = try chain.build([chain.call(.counter, from: 0), chain.call(.counter, from: 1)])
        let extra = BlockAccess.storageWrite(SampleContract.counter.address, slot: 5, index: 2, value: 1)
        let list = try BlockAccessList(built.accessList.entries + [extra])
        let subject = cases(built)[1]
        let (result, witness) = try recordReplay(of: subject, after: chain.ledger, list, under: chain.rules)
        #expect(result.difference == AccessDifference(expected: nil, found: extra))
        let again = try replay(
            subject, stateRoot: chain.ledger.stateRoot, accessListRoot: list.root, witness: witness,
            under: chain.rules)
        #expect(again.difference == result.difference)
    }

    @Test
    func `takes no list whose entries are moved, changed or cut short`() throws {
        let chain = try SampleChain.withContracts()
        let built = try chain.build([chain.call(.counter, from: 0)])
        let list = built.accessList
        let (_, witness) = try recordReplay(of: cases(built)[0], after: chain.ledger, list, under: chain.rules)
        let whole = witness.accessList
        func refusal(_ change: (inout AccessListWitness) -> Void) -> AccessListWitnessError? {
            var changed = whole
            change(&changed)
            do throws(AccessListWitnessError) {
                _ = try ProvenAccessList(changed, root: list.root)
                return nil
            } catch {
                return error
            }
        }
        let first = whole.positions[0]
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.positions.swapAt(0, 1) } != nil)
        #expect(refusal { $0.positions.append(first) } == .disorder(position: first))
        #expect(refusal { $0.positions[0] = -1 } == .disorder(position: -1))
        #expect(
            refusal { $0.nodes.append([1]) } == .surplusNodes(used: whole.nodes.count, found: whole.nodes.count + 1))
        #expect(refusal { $0.nodes.reverse() } != nil || whole.nodes.count == 1)
        // Where the list ends, no other entry follows.
        let end = list.entries.count
        let recording = RecordingAccessList(list)
        recording.touch(end)
        var beyond = recording.witness
        beyond.positions.append(end + 1)
        #expect(refusal { $0 = beyond } == .disorder(position: end + 1))
    }

    @Test
    func `takes nothing for an entry that is none`() throws {
        let items: [Bytes] = [BlockAccess.touched(.zero).rlp, [0xc1, 0x07]]
        let trie = ListTrie(items)
        let source = RecordingSource(trie)
        for position in items.indices { _ = try MerkleTrie.item(at: position, root: trie.root, source: source) }
        let witness = AccessListWitness(positions: [0, 1], nodes: source.nodes)
        #expect(throws: AccessListWitnessError.malformedEntry(position: 1)) {
            try ProvenAccessList(witness, root: trie.root)
        }
    }
}
