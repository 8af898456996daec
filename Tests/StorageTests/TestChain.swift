import Chain
import Crypto
import EVM
import Primitives
import Validation

/// A chain of random transfers that grows in memory, with every state it went through.
struct TestChain: Sendable {
    let genesis: Genesis
    private let keys: [AccountKey]
    private let validators: [NodeKey]
    private var nonces: [UInt64]
    private var dice: Dice
    private(set) var head: Block
    /// The state at `head`.
    private(set) var ledger: MemoryLedger
    /// The states of all blocks; the index is the height.
    private(set) var ledgers: [MemoryLedger]
    /// Blocks 1 and up.
    private(set) var blocks: [SealedBlock] = []

    /// An account with code and storage, which transfers leave alone.
    static let contract = Address(hex20: 0xc0de)

    init(seed: UInt64, accounts: Int = 6, chainID: UInt64 = 2_019) throws {
        keys = try (0..<accounts).map { try AccountKey(keccak256(Bytes("account \($0)".utf8))) }
        validators = try (0..<4).map { try NodeKey(keccak256(Bytes("validator \($0)".utf8))) }
        let members = validators.enumerated().map {
            CouncilMember(publicKey: $1.publicKey, rewardAddress: Address(hex20: 0xee00 + UInt64($0)))
        }
        let contract = GenesisAccount(
            address: Self.contract, nonce: 1, balance: 5, code: [0x60, 0x00],
            storage: (1...20).map { .init(slot: UInt256($0), value: UInt256($0 * 1_000)) })
        genesis = try Genesis(
            rules: ChainRules(chainID: chainID, pocFund: Address(hex20: 0xf0), kirFund: Address(hex20: 0xf1)),
            council: Council(members), timestampMilliseconds: 1_700_000_000_000,
            accounts: keys.map {
                GenesisAccount(address: $0.address, balance: UInt256(1_000_000_000_000_000_000) * 1_000)
            } + [contract])
        nonces = keys.map { _ in 0 }
        dice = Dice(seed: seed)
        head = genesis.block()
        ledger = MemoryLedger(genesis)
        ledgers = [ledger]
    }

    /// Every address that can ever have an account here.
    var addresses: [Address] {
        keys.map(\.address) + strangers + (0..<4).map { Address(hex20: 0xee00 + $0) }
            + [Self.contract, Address(hex20: 0xf0), Address(hex20: 0xf1)]
    }

    /// Addresses that nobody has a key for.
    private var strangers: [Address] { (1...30).map { Address(hex20: 0x5000 + $0) } }

    var ancestry: Ancestry { Ancestry(after: head, council: genesis.council, under: genesis.rules) }

    /// Adds a block with so many random transfers.
    @discardableResult
    mutating func grow(transfers: Int) throws -> SealedBlock {
        let candidates = try (0..<transfers).map { _ in try randomTransfer() }
        let ancestry = ancestry
        let request = BuildRequest(
            ancestry: ancestry,
            beneficiary: ancestry.committee.proposer(height: ancestry.height, round: 0).rewardAddress,
            timestampMilliseconds: head.extension.timestampMilliseconds + 1_000, candidates: candidates)
        return try add(build(request, reading: ledger, under: genesis.rules))
    }

    private mutating func add(_ validated: ValidatedBlock) throws -> SealedBlock {
        let sealed = try SealedBlock(validated, certificate: certificate(for: validated.block))
        ledger.apply(validated)
        ledgers.append(ledger)
        head = validated.block
        blocks.append(sealed)
        return sealed
    }

    private func certificate(for block: Block) -> CommitCertificate {
        let commit = Vote.commit(height: block.number, round: 0, block: block.hash)
        let digest = commit.digest(chain: genesis.identity)
        return CommitCertificate(
            height: block.number, round: 0, block: block.hash,
            commits: validators.map {
                SignedVote(vote: commit, validator: $0.publicKey.address, signature: $0.sign(digest))
            })
    }

    private mutating func randomTransfer() throws -> BuildRequest.Candidate {
        let sender = Int.random(in: keys.indices, using: &dice)
        let target =
            Bool.random(using: &dice)
            ? strangers.randomElement(using: &dice)! : keys.randomElement(using: &dice)!.address
        let content = Transaction.Content(
            chainID: genesis.rules.chainID, nonce: nonces[sender], maxFeePerGas: 100_000_000_000, to: target,
            value: UInt256(UInt64.random(in: 0...1_000_000, using: &dice)))
        nonces[sender] += 1
        return BuildRequest.Candidate(.signed(content, by: keys[sender]), from: keys[sender].address)
    }
}

extension Address {
    /// A short address for tests.
    init(hex20 number: UInt64) {
        self.init(UInt256(number).bigEndianBytes[12...])
    }
}
