import Chain
import Crypto
import FaultProofs
import Primitives
import SampleChain
import Testing
import Validation

/// No honest validator is ever convicted by one transaction, whatever the block holds.
struct `A transaction of a valid block` {
    private func expectNoFault(in built: ValidatedBlock, on chain: SampleChain) throws {
        let accusation = try chain.accusation(.sealed, of: built.block)
        for position in built.block.transactions.indices {
            let evidence = try chain.evidence(built, at: position, by: accusation)
            #expect(throws: ProofRejection.noFault) { try chain.verdict(.transaction(evidence)) }
            var byItself = evidence
            byItself.execution = nil
            #expect(throws: ProofRejection.noFault) { try chain.verdict(.transaction(byItself)) }
        }
        #expect(chain.prove(built.block, by: accusation, list: built.accessList) == nil)
    }

    @Test(arguments: UInt64(0)..<40)
    func `convicts nobody`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chain = try SampleChain.withContracts(paysSenders: seed % 2 == 0)
        for _ in 0..<Int(seed % 3) { try chain.grow(chain.randomCalls(12, using: &random)) }
        let candidates =
            try seed % 4 == 3
            ? chain.randomTransfers(20, using: &random) : chain.randomCalls(15, using: &random)
        try expectNoFault(in: try chain.build(candidates), on: chain)
    }

    /// Creates with CREATE2, always at the same address, what goes at once and leaves its money to this contract.
    private static let phoenix = GenesisAccount(
        address: Address(Bytes(repeating: 0x0f, count: 20)), nonce: 1,
        // PUSH2 33ff (CALLER SELFDESTRUCT) PUSH0 MSTORE, PUSH0 PUSH1 2 PUSH1 30 CALLVALUE CREATE2, POP STOP
        code: [0x61, 0x33, 0xff, 0x5f, 0x52, 0x5f, 0x60, 2, 0x60, 30, 0x34, 0xf5, 0x50, 0x00])

    private static var ash: Address {
        let parts: [Bytes] = [[0xff], phoenix.address.bytes, Hash32.zero.bytes, keccak256([0x33, 0xff]).bytes]
        return Address(lastBytesOf: keccak256(Bytes(parts.joined())))
    }

    enum Corner: CaseIterable, Sendable {
        case sameSlotByAll, thereAndBack, sameCodeTwice, comesAndGoesTwice, delegatesAndEnds, delegatesAndSends
        case senderIsPaid, toOneself, emptyAccountTouched, nothingToNobody, failures, allMoney, callsRewards, hashes

        func candidates(_ chain: SampleChain) throws -> [BuildRequest.Candidate] {
            let proposer = try #require(chain.accountKeys.firstIndex { $0.address == chain.request().beneficiary })
            let code = SampleContract.keeper.code
            switch self {
            case .sameSlotByAll: return try (0..<9).map { try chain.call(.counter, from: $0) }
            case .thereAndBack:
                return try [7, 0, 7, 7, 0].enumerated().map { nonce, word in
                    try chain.call(.keeper, [1, word], from: 2, nonce: UInt64(nonce))
                }
            case .sameCodeTwice:
                // Code that was read first, and is then given twice.
                return try [chain.call(.keeper, [1, 1], from: 1)]
                    + (3..<5).map { try chain.creation(SampleContract.creation(of: code), from: $0) }
            case .comesAndGoesTwice:
                let (phoenix, ash) = (
                    `A transaction of a valid block`.phoenix.address, `A transaction of a valid block`.ash
                )
                return try [
                    chain.call(phoenix, from: 1, value: 5), chain.transfer(from: 2, to: ash, value: 9),
                    chain.call(phoenix, from: 3), chain.call(phoenix, from: 4, value: 1),
                    chain.transfer(from: 5, to: ash, value: 0), chain.transfer(from: 6, to: ash, value: 2),
                ]
            case .delegatesAndEnds: return try delegations(chain)
            case .delegatesAndSends:
                return try delegations(chain) + [
                    chain.transfer(from: 9, to: chain.accountKeys[9].address, nonce: 3),
                    chain.call(chain.accountKeys[9].address, [4, 4], from: 5),
                ]
            case .senderIsPaid:
                let address = chain.accountKeys[proposer].address
                return try [
                    chain.transfer(from: proposer), chain.transfer(from: proposer, to: address, nonce: 1),
                    chain.transfer(from: (proposer + 1) % 9, to: address),
                    chain.call(.observer, from: proposer, nonce: 2),
                ]
            case .toOneself: return try (0..<4).map { try chain.transfer(from: $0, to: chain.accountKeys[$0].address) }
            case .emptyAccountTouched:
                let nobody = Address(Bytes(repeating: 0x0e, count: 20))
                return try [
                    chain.transfer(from: 0, to: nobody, value: 0), chain.transfer(from: 1, to: nobody, value: 3),
                    chain.transfer(from: 2, to: nobody, value: 0),
                ]
            case .nothingToNobody: return []
            case .failures:
                return try [
                    chain.call(.reverter, from: 0), chain.call(.burner, from: 1), chain.call(.counter, from: 2),
                    chain.call(.counter, from: 3, gasLimit: 22_000),
                ]
            case .allMoney:
                var content = try chain.content(from: 3, to: chain.accountKeys[4].address)
                content.maxPriorityFeePerGas = content.maxFeePerGas
                content.value = 1_000 * SampleChain.klay - content.maxFeePerGas * UInt256(content.gasLimit)
                let rest = chain.candidate(content, from: 3)
                return try [rest, chain.transfer(from: 4, to: chain.accountKeys[3].address, value: 1)]
            case .callsRewards:
                return try SystemAddress.natives.flatMap { address in
                    try [
                        chain.call(address, [1], from: 6), chain.call(address, from: 7, value: 1),
                        chain.transfer(from: 8, to: address),
                    ]
                }
            case .hashes:
                return try (0..<4).map { try chain.call(.blockHashKeeper, [UInt256(UInt64($0))], from: $0) }
            }
        }

        /// Account 9 lends its name to one contract, to none, and to another.
        private func delegations(_ chain: SampleChain) throws -> [BuildRequest.Candidate] {
            let targets: [Address] = [SampleContract.counter.address, .zero, SampleContract.keeper.address]
            return try targets.enumerated().map { nonce, target in
                var content = try chain.content(from: 1, to: chain.accountKeys[9].address, kind: .setCode)
                content.nonce = UInt64(nonce)
                content.gasLimit = 200_000
                content.authorizations = [chain.authorization(of: 9, to: target, nonce: UInt64(nonce))]
                return chain.candidate(content, from: 1)
            }
        }
    }

    @Test(arguments: Corner.allCases)
    func `convicts nobody at the edges`(corner: Corner) throws {
        var chain = try SampleChain.withContracts(extraAccounts: [Self.phoenix], paysSenders: true)
        if corner == .hashes { for _ in 0..<3 { try chain.grow() } }
        let candidates = try corner.candidates(chain)
        let built = try chain.build(candidates)
        if corner != .callsRewards { #expect(built.block.transactions.count == candidates.count) }
        try expectNoFault(in: built, on: chain)
        // And again on the state that all this has left.
        try chain.append(built)
        try expectNoFault(in: try chain.build(candidates.filter { $0.transaction.nonce > 2 }), on: chain)
        var random = SeededRandom(seed: 5)
        try expectNoFault(in: try chain.build(chain.randomCalls(5, using: &random)), on: chain)
    }
}
