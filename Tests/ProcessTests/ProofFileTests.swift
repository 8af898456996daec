import Chain
import Configuration
import Crypto
import FaultProofs
import Foundation
import Primitives
import Testing

extension Processes {
    /// A proof that was moved to a machine that has nothing but the program.
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A proof file on an empty machine` {
        private let folder: TemporaryFolder
        private let genesis: Genesis
        private let proof: FaultProof

        init() throws {
            let keys = try (UInt8(1)...4).map { try NodeKey(keccak256([$0])) }
            let council = try Council(
                keys.map { CouncilMember(publicKey: $0.publicKey, rewardAddress: $0.publicKey.address) })
            let genesis = try Genesis(
                rules: ChainRules(chainID: 1_337, pocFund: .zero, kirFund: .zero), council: council,
                timestampMilliseconds: 1, accounts: [])
            let commit = Vote.commit(height: 7, round: 0, block: keccak256([9]))
            let votes = [commit, .roundChange(height: 7, to: 1)].map {
                SignedVote($0, by: keys[0], chain: genesis.identity)
            }
            (self.genesis, proof) = (genesis, try #require(proveContradiction(votes[0], votes[1])))
            folder = try TemporaryFolder()
        }

        private func put(_ bytes: Bytes, _ name: String) throws {
            try SettingsFile.write(bytes, to: "\(folder.path)/\(name)")
        }

        /// Runs `node verify-fault` in that folder, without a single variable in its environment.
        private func verifyFault(_ arguments: String...) async throws -> NodeProgram.Run {
            let job = try NodeProgram.Job(["verify-fault"] + arguments, in: folder.path, environment: [:])
            return try await job.end(within: NodeProgram.runDeadline)
        }

        @Test
        func `holds with the genesis file beside it, and says all there is to know`() async throws {
            try put(proof.rlp, "proof")
            try GenesisFile(genesis).write(to: "\(folder.path)/genesis.json")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["genesis.json", "proof"])
            let run = try await verifyFault("proof", "--genesis", "genesis.json")
            #expect(run.status == 0, "\(run.testDescription)")
            let guilty = try ProvenFault.of(proof, genesis).guilty[0]
            for words in [
                "proven: ", "kind:     PAIR, \(proof.rlp.count) bytes", "rule:     E4", "height:   7, round 0",
                "guilty:   \(guilty)", "expected: ", "found:    ", "checked:  ", " ms", "genesis:  \(genesis.hash)",
            ] { #expect(run.output.contains(words), "no \(words) in \(run.testDescription)") }
            #expect(!run.output.contains("***"))
        }

        @Test
        func `holds by itself as a bundle, and says loudly whose word the genesis is`() async throws {
            try put(FaultBundle(proof: proof, genesis: genesis).rlp, "bundle")
            let alone = try await verifyFault("bundle")
            #expect(alone.status == 0, "\(alone.testDescription)")
            #expect(alone.output.contains("*** THE GENESIS IS THE FILE'S OWN"))
            #expect(alone.output.contains(genesis.hash.hex))
            let named = try await verifyFault("bundle", "--genesis-hash", genesis.hash.hex)
            #expect(named.status == 0 && !named.output.contains("***"), "\(named.testDescription)")
            let other = try await verifyFault("bundle", "--genesis-hash", Hash32.zero.hex)
            #expect(other.status == 1 && other.output.contains("refused: "), "\(other.testDescription)")
            #expect(other.output.contains(genesis.hash.hex))
        }

        @Test
        func `is refused where it shows nothing, and unreadable where something is missing`() async throws {
            try GenesisFile(genesis).write(to: "\(folder.path)/genesis.json")
            var bytes = proof.rlp
            bytes[bytes.count - 1] ^= 1
            try put(bytes, "changed")
            try put(proof.rlp, "proof")
            let refused = try await verifyFault("changed", "--genesis", "genesis.json")
            #expect(refused.status == 1 && refused.output.hasPrefix("refused: "), "\(refused.testDescription)")
            for arguments in [["proof"], ["missing"], ["proof", "--genesis", "missing.json"]] {
                let job = try NodeProgram.Job(["verify-fault"] + arguments, in: folder.path, environment: [:])
                let run = try await job.end(within: NodeProgram.runDeadline)
                #expect(run.status == 2 && run.output.hasPrefix("unreadable: "), "\(run.testDescription)")
            }
            let both = try await verifyFault("proof", "--genesis", "genesis.json", "--genesis-hash", genesis.hash.hex)
            #expect(both.status != 0 && both.errors.contains("not both"), "\(both.testDescription)")
        }
    }
}

extension ProvenFault {
    fileprivate static func of(_ proof: FaultProof, _ genesis: Genesis) throws -> ProvenFault {
        try verify(proof, genesis: genesis, scheme: P256())
    }
}
