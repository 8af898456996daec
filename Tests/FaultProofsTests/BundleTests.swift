import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing

struct `A bundle` {
    private let changing: ChangingCouncil
    private let proof: FaultProof

    init() throws {
        let changing = try ChangingCouncil()
        self.changing = changing
        let member = try #require(
            changing.councils[2].members.first { changing.councils[1].member($0.address) == nil }
        ).address
        let votes = try [UInt8(1), 2].map {
            SignedVote(
                .commit(height: 30, round: 0, block: keccak256([$0])), by: try changing.key(member),
                chain: changing.chain.genesis.identity)
        }
        proof = try #require(proveContradiction(votes[0], votes[1]))
    }

    private var genesis: Genesis { changing.chain.genesis }

    private func verdict(_ bytes: Bytes, _ genesis: Genesis? = nil) throws(ProofRejection) -> ProvenFault {
        try verify(FaultBundle(checking: bytes), genesis: genesis, scheme: P256())
    }

    @Test
    func `needs nothing beside it`() throws {
        let bytes = FaultBundle(proof: proof, genesis: genesis, history: try changing.history()).rlp
        let fault = try verdict(bytes)
        #expect(fault.rule == "E1")
        let read = try FaultBundle(checking: bytes)
        #expect(read.rlp == bytes)
        #expect(read.proof == proof)
        #expect(read.genesis?.hash == genesis.hash)
        #expect(try verdict(bytes, genesis) == fault)
    }

    @Test
    func `is told from a proof alone by its first item, and both are read`() throws {
        let alone = try verdict(FaultBundle(proof: proof, genesis: genesis, history: try changing.history()).rlp)
        let chain = try SampleChain.grown()
        let block = try chain.spoiled { header, _ in header.gasLimit *= 2 }
        let small = try #require(chain.prove(block, by: chain.accusation(.sealed, of: block)))
        #expect(try FaultBundle(checking: small.rlp).genesis == nil)
        #expect(try verdict(small.rlp, chain.genesis).kind == .header)
        #expect(alone.kind == .pair)
    }

    @Test
    func `without a genesis, or with another one, is refused`() throws {
        let history = try changing.history()
        let bare = FaultBundle(proof: proof, genesis: nil, history: history).rlp
        #expect(throws: ProofRejection.noGenesis) { try verdict(bare) }
        #expect(try verdict(bare, genesis).rule == "E1")
        let other = try SampleChain(members: 5).genesis
        let bytes = FaultBundle(proof: proof, genesis: genesis, history: history).rlp
        #expect(throws: ProofRejection.wrongGenesis(expected: other.hash, found: genesis.hash)) {
            try verdict(bytes, other)
        }
        #expect(throws: ProofRejection.self) { try verdict(FaultBundle(proof: proof, genesis: other).rlp) }
    }

    @Test
    func `rests on a history that holds`() throws {
        var history = try changing.history()
        history.steps.removeLast()
        let bytes = FaultBundle(proof: proof, genesis: genesis, history: history).rlp
        guard case .pair(let vote, _) = proof else { return }
        #expect(throws: ProofRejection.foreignValidator(vote.validator)) { try verdict(bytes) }
        history = try changing.history()
        history.steps[0].sealed.certificate.round = 1
        #expect {
            try verdict(FaultBundle(proof: proof, genesis: genesis, history: history).rlp)
        } throws: { error in
            guard case ProofRejection.history(.certificate(10, .badSignature)) = error else { return false }
            return true
        }
    }

    @Test
    func `brings every genesis along to the last slot`() throws {
        let rich = GenesisAccount(
            address: Address(Bytes(repeating: 7, count: 20)), nonce: 3, balance: 5, code: [1, 2, 3],
            storage: [.init(slot: 1, value: 2), .init(slot: .max, value: .max)])
        let chain = try SampleChain(extraAccounts: [rich]) { rules in
            rules.committeeSizeMax = 9
            rules.blockReward = 0
        }
        let bytes = chain.genesis.rlp
        let read = try Genesis(rlp: bytes)
        #expect(read.hash == chain.genesis.hash)
        #expect(read.rlp == bytes)
        #expect(read.rules == chain.rules)
        #expect(read.accounts == chain.genesis.accounts)
    }

    @Test
    func `takes a genesis in one form only`() throws {
        let bytes = genesis.rlp
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            guard let other = try? Genesis(rlp: changed) else { continue }
            #expect(other.hash != genesis.hash, "byte \(position)")
        }
        #expect(throws: RLPError.self) { try Genesis(rlp: bytes + [0]) }
        // Without its last account, a predeploy or one of the rich: another genesis, or none.
        for missing in genesis.accounts.indices {
            var accounts = genesis.accounts
            accounts.remove(at: missing)
            var encoder = RLPEncoder()
            encoder.list { list in
                list.append(genesis.rules)
                list.append(genesis.council)
                list.append(genesis.timestampMilliseconds)
                list.append(genesis.gasLimit)
                list.append(genesis.baseFeePerGas)
                list.append(list: accounts)
            }
            #expect((try? Genesis(rlp: encoder.bytes))?.hash != genesis.hash)
        }
    }

    @Test
    func `is bounded in all, in its proof, and in its genesis`() throws {
        let limit = FaultBundle.encodedBytesMax
        var long = FaultBundle(proof: proof, genesis: genesis).rlp
        long += Bytes(repeating: 0, count: limit + 1 - long.count)
        #expect(throws: ProofRejection.tooLarge(limit: limit, found: limit + 1)) { try FaultBundle(checking: long) }
        let huge = GenesisAccount(
            address: .zero, nonce: 1, code: Bytes(repeating: 1, count: Genesis.encodedCodeBytesMax + 1))
        let large = try SampleChain(extraAccounts: [huge]).genesis
        #expect {
            try FaultBundle(checking: FaultBundle(proof: proof, genesis: large).rlp)
        } throws: { error in
            guard case ProofRejection.malformed(.tooLarge(_, Genesis.encodedCodeBytesMax, _)) = error else {
                return false
            }
            return true
        }
    }
}
