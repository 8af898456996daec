import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

struct `The bytes of a proof` {
    enum Sample: CaseIterable, Sendable {
        case pair, header, body, content, transaction, execution

        func proof(_ chain: SampleChain) throws -> FaultProof {
            switch self {
            case .pair:
                let votes = [UInt8(1), 2].map {
                    SignedVote(
                        .commit(height: 1, round: 0, block: keccak256([$0])), by: chain.nodeKeys[0],
                        chain: chain.genesis.identity)
                }
                return try #require(proveContradiction(votes[0], votes[1]))
            case .header:
                let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
                return try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
            case .body:
                let block = try Sabotage.badSignature(chain.transfer(from: 1)).build(
                    chain.request(), reading: chain.ledger, under: chain.rules
                ).block
                return try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
            case .content:
                let block = try Sabotage.wrongTransactionsRoot.build(
                    chain.request([chain.transfer(from: 1)]), reading: chain.ledger, under: chain.rules
                ).block
                return try #require(chain.prove(block, by: chain.accusation(.proposed, of: block)))
            case .transaction:
                let dear = try chain.transfer(from: 2, value: 5_000 * SampleChain.klay)
                let built = try Sabotage.overspend(dear).build(
                    chain.request([chain.transfer(from: 1)]), reading: chain.ledger, under: chain.rules)
                let accusation = try chain.accusation(.sealed, of: built.block)
                return try #require(chain.prove(built.block, by: accusation, list: built.accessList))
            case .execution:
                let block = try Sabotage.wrongStateRoot.build(
                    chain.request([chain.transfer(from: 1)]), reading: chain.ledger, under: chain.rules
                ).block
                return try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
            }
        }
    }

    private func holds(_ bytes: Bytes, _ chain: SampleChain) -> Bool {
        do throws(ProofRejection) {
            _ = try verify(FaultProof(checking: bytes), genesis: chain.genesis, scheme: P256())
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: Sample.allCases)
    func `cannot be changed in any one place`(sample: Sample) throws {
        let chain = try SampleChain.grown()
        let proof = try sample.proof(chain)
        let bytes = proof.rlp
        #expect(holds(bytes, chain))
        for position in bytes.indices {
            for mask: UInt8 in [0x01, 0x80, 0xff] {
                var changed = bytes
                changed[position] ^= mask
                #expect(!holds(changed, chain), "byte \(position) of \(bytes.count), mask \(mask)")
            }
        }
    }

    @Test(arguments: Sample.allCases)
    func `cannot be cut, lengthened or said in another way`(sample: Sample) throws {
        let chain = try SampleChain.grown()
        let bytes = try sample.proof(chain).rlp
        #expect(!holds(bytes + [0], chain))
        #expect(!holds([], chain))
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(!holds(Bytes(bytes.prefix(count)), chain))
        }
        for position in stride(from: 0, to: bytes.count, by: 11) {
            var shorter = bytes
            shorter.remove(at: position)
            #expect(!holds(shorter, chain))
            var longer = bytes
            longer.insert(0, at: position)
            #expect(!holds(longer, chain))
        }
    }

    @Test(arguments: Sample.allCases)
    func `hold for the chain that they were made on only`(sample: Sample) throws {
        let chain = try SampleChain.grown()
        let bytes = try sample.proof(chain).rlp
        #expect(!holds(bytes, try SampleChain { $0.chainID = 99 }))
    }

    @Test(arguments: [Sample.header, .body, .transaction, .execution])
    func `of sealers hold for the council that had to seal only`(sample: Sample) throws {
        let chain = try SampleChain.grown()
        #expect(!holds(try sample.proof(chain).rlp, try SampleChain(members: 7)))
    }

    @Test
    func `are named by their hash`() throws {
        let chain = try SampleChain.grown()
        let proof = try Sample.pair.proof(chain)
        #expect(proof.id == keccak256(proof.rlp))
    }

    // MARK: Limits

    private func oversized(_ witness: [Bytes]) throws -> Bytes {
        let chain = try SampleChain.grown()
        guard case .execution(var evidence) = try Sample.execution.proof(chain) else { return [] }
        evidence.witness = witness
        return FaultProof.execution(evidence).rlp
    }

    @Test
    func `are bounded in preimages, in the size of each, and in all`() throws {
        let bounds: [(witness: [Bytes], limit: Int)] = [
            (Array(repeating: [1], count: ExecutionEvidence.witnessNodesMax + 1), ExecutionEvidence.witnessNodesMax),
            ([Bytes(repeating: 1, count: ExecutionEvidence.preimageBytesMax + 1)], ExecutionEvidence.preimageBytesMax),
            (
                Array(repeating: Bytes(repeating: 1, count: ExecutionEvidence.preimageBytesMax), count: 513),
                ExecutionEvidence.witnessBytesMax
            ),
        ]
        for (witness, limit) in bounds {
            let bytes = try oversized(witness)
            guard case .malformed(.tooLarge(_, limit, _)) = rejection(bytes) else {
                Issue.record("\(String(describing: rejection(bytes)))")
                continue
            }
        }
        let limit = FaultProof.encodedBytesMax
        #expect(rejection(Bytes(repeating: 0, count: limit + 1)) == .tooLarge(limit: limit, found: limit + 1))
    }

    @Test(arguments: UInt64(0)..<8)
    func `of no meaning are refused without a trap`(seed: UInt64) throws {
        let chain = try SampleChain.grown()
        var random = SeededRandom(seed: seed)
        let proofs = try Sample.allCases.map { try $0.proof(chain).rlp }
        for _ in 0..<100 {
            var bytes = random.bytes(random.below(300))
            #expect(!holds(bytes, chain))
            // A piece of one proof over a piece of another.
            bytes = proofs[random.below(proofs.count)]
            let other = proofs[random.below(proofs.count)]
            let start = random.below(min(bytes.count, other.count) - 40)
            let end = start + 1 + random.below(39)
            let piece = other[start..<end]
            if !bytes[start..<end].elementsEqual(piece) {
                bytes.replaceSubrange(start..<end, with: piece)
                #expect(!holds(bytes, chain))
            }
        }
    }

    private func rejection(_ bytes: Bytes) -> ProofRejection? {
        do throws(ProofRejection) {
            _ = try FaultProof(checking: bytes)
            return nil
        } catch {
            return error
        }
    }
}
