import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// What it may cost to check a proof is bounded, whoever made it.
struct `A proof by one transaction is bounded` {
    struct Excess: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let limit: Int
        let change: @Sendable (inout TransactionEvidence) -> Void

        init(_ name: String, _ limit: Int, _ change: @escaping @Sendable (inout TransactionEvidence) -> Void) {
            (testDescription, self.limit, self.change) = (name, limit, change)
        }

        private typealias Evidence = TransactionEvidence

        /// Strings of `size` bytes that are `excess` bytes too many for `total`.
        private static func bytes(over total: Int, each size: Int) -> [Bytes] {
            Array(repeating: Bytes(repeating: 1, count: size), count: total / size + 1)
        }

        static let all = [
            Excess("position", Block.transactionsMax) { $0.position = Block.transactionsMax + 1 },
            Excess("branch nodes", Evidence.branchNodesMax) {
                $0.branch = Array(repeating: [1], count: Evidence.branchNodesMax + 1)
            },
            Excess("a branch node", Evidence.branchNodeBytesMax) {
                $0.branch = [Bytes(repeating: 1, count: Evidence.branchNodeBytesMax + 1)]
            },
            Excess("preimages", Evidence.preimagesMax) {
                $0.execution?.witness.preimages = Array(repeating: [1], count: Evidence.preimagesMax + 1)
            },
            Excess("a preimage", ExecutionEvidence.preimageBytesMax) {
                $0.execution?.witness.preimages = [Bytes(repeating: 1, count: ExecutionEvidence.preimageBytesMax + 1)]
            },
            Excess("bytes of preimages", Evidence.preimageBytesMax) {
                $0.execution?.witness.preimages = bytes(
                    over: Evidence.preimageBytesMax, each: ExecutionEvidence.preimageBytesMax)
            },
            Excess("positions", Evidence.accessPositionsMax) {
                $0.execution?.witness.accessList.positions = Array(0...Evidence.accessPositionsMax)
            },
            Excess("a position", BlockAccessList.entriesMax) {
                $0.execution?.witness.accessList.positions = [BlockAccessList.entriesMax + 1]
            },
            Excess("nodes of the access list", Evidence.accessNodesMax) {
                $0.execution?.witness.accessList.nodes = Array(repeating: [1], count: Evidence.accessNodesMax + 1)
            },
            Excess("a node of the access list", Evidence.accessNodeBytesMax) {
                $0.execution?.witness.accessList.nodes = [Bytes(repeating: 1, count: Evidence.accessNodeBytesMax + 1)]
            },
            Excess("bytes of the access list", Evidence.accessBytesMax) {
                $0.execution?.witness.accessList.nodes = bytes(
                    over: Evidence.accessBytesMax, each: Evidence.accessNodeBytesMax)
            },
        ]
    }

    @Test(arguments: Excess.all)
    func `in every part, before anything is checked`(excess: Excess) throws {
        let chain = try SampleChain.grown()
        let built = try chain.build([chain.transfer(from: 1)])
        var evidence = try chain.evidence(built, at: 0, by: chain.accusation(.sealed, of: built.block))
        _ = try FaultProof(checking: FaultProof.transaction(evidence).rlp)
        excess.change(&evidence)
        do throws(ProofRejection) {
            _ = try FaultProof(checking: FaultProof.transaction(evidence).rlp)
            Issue.record("it is decoded")
        } catch {
            guard case .malformed(.tooLarge(_, excess.limit, let found)) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(found > excess.limit)
        }
    }

    @Test
    func `in gas: a block above the limit is not executed, one transaction of it is`() throws {
        let chain = try SampleChain(gasLimit: ExecutionEvidence.blockGasMax + 1)
        let wrong = try Sabotage.wrongStateRoot.build(chain.request(), reading: chain.ledger, under: chain.rules)
        let accusation = try chain.accusation(.sealed, of: wrong.block)
        #expect(chain.prove(wrong.block, by: accusation, list: wrong.accessList) == nil)
        let evidence = ExecutionEvidence(
            parent: chain.head.header, parentExtension: chain.head.extension, block: wrong.block,
            accusation: accusation, witness: chain.witness(of: wrong.block))
        let limit = ExecutionEvidence.blockGasMax
        #expect(throws: ProofRejection.tooCostly(limit: limit, found: limit + 1)) {
            try chain.verdict(.execution(evidence))
        }
        let overspend = Sabotage.overspend(try chain.transfer(from: 5, value: 5_000 * SampleChain.klay))
        let built = try overspend.build(chain.request(), reading: chain.ledger, under: chain.rules)
        let dear = try chain.accusation(.sealed, of: built.block)
        #expect(chain.prove(built.block, by: dear) == nil)
        let proof = try #require(chain.prove(built.block, by: dear, list: built.accessList))
        #expect(try chain.verdict(proof).rule == "balance")
    }

    @Test
    func `and so a block that looks at too much code for a proof of the whole does not get away`() throws {
        let codeBytes = ExecutionEvidence.preimageBytesMax
        let count = ExecutionEvidence.witnessBytesMax / codeBytes + 2
        // Code that stops at once, and is different everywhere.
        let contracts = (0..<count).map { number in
            let address = Address(lastBytesOf: keccak256(Bytes("contract \(number)".utf8)))
            let code = [0x00] + UInt256(UInt64(number)).hash.bytes
            return GenesisAccount(
                address: address, nonce: 1, code: code + Bytes(repeating: 0xfe, count: codeBytes - code.count))
        }
        let chain = try SampleChain(extraAccounts: contracts)
        let calls = try contracts.enumerated().map { number, contract in
            try chain.call(contract.address, from: number % 9, nonce: UInt64(number / 9), gasLimit: 22_000)
        }
        let overspend = Sabotage.overspend(try chain.transfer(from: 9, value: 5_000 * SampleChain.klay))
        let built = try overspend.build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        try #require(built.block.transactions.count == count + 1)
        let accusation = try chain.accusation(.sealed, of: built.block)
        let proof = try #require(chain.prove(built.block, by: accusation, list: built.accessList))
        #expect(proof.rlp.count < 10_000)
        #expect(try chain.verdict(proof).transactionIndex == 0)
        // The same calls, and only the state root wrong: no one transaction shows it, and the whole is too much.
        let whole = try Sabotage.wrongStateRoot.build(chain.request(calls), reading: chain.ledger, under: chain.rules)
        let seals = try chain.accusation(.sealed, of: whole.block)
        #expect(chain.prove(whole.block, by: seals, list: whole.accessList) == nil)
    }
}
