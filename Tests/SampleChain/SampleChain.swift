public import Chain
public import Crypto
public import Primitives
public import Validation

/// A small chain to test with: a council with real keys, ten rich accounts, and blocks that grow on demand.
///
/// The same parameters give the same genesis everywhere. Node signatures are randomised; nothing else is.
public struct SampleChain: Sendable {
    public static let chainID: UInt64 = 1_337
    /// One KLAY in peb.
    public static let klay: UInt256 = 1_000_000_000_000_000_000

    public let genesis: Genesis
    /// The keys of the council, in its order.
    public let nodeKeys: [NodeKey]
    /// The keys of the accounts that genesis makes rich.
    public let accountKeys: [AccountKey]
    /// Genesis first.
    public private(set) var blocks: [Block]
    /// The certificate of `blocks[index]`; none for genesis.
    public private(set) var certificates: [CommitCertificate?] = [nil]
    /// The state after the last block.
    public private(set) var ledger: MemoryLedger

    /// - Parameters:
    ///   - extraAccounts: Stand in genesis beside the rich ones.
    ///   - paysSenders: The council is paid to the rich accounts, which so earn what they spend.
    ///   - change: May bend the rules.
    public init(
        members: Int = 4, extraAccounts: [GenesisAccount] = [], gasLimit: Gas = 60_000_000, paysSenders: Bool = false,
        changingRules change: (inout ChainRules) -> Void = { _ in }
    ) throws {
        nodeKeys = try (0..<members)
            .map { try NodeKey(keccak256(Bytes("sample node \($0)".utf8))) }
            .sorted { $0.publicKey.address < $1.publicKey.address }
        accountKeys = try (0..<10).map { try AccountKey(keccak256(Bytes("sample account \($0)".utf8))) }
        let senders = accountKeys.map(\.address)
        let council = try Council(
            nodeKeys.enumerated().map { index, key in
                CouncilMember(
                    publicKey: key.publicKey,
                    rewardAddress: paysSenders
                        ? senders[index % senders.count] : Address(lastBytesOf: keccak256([UInt8(index)])))
            })
        var rules = ChainRules(
            chainID: Self.chainID, pocFund: Address(Bytes(repeating: 0x54, count: 20)),
            kirFund: Address(Bytes(repeating: 0x12, count: 20)))
        change(&rules)
        genesis = try Genesis(
            rules: rules, council: council, timestampMilliseconds: 1_700_000_000_123, gasLimit: gasLimit,
            accounts: accountKeys.map { GenesisAccount(address: $0.address, balance: 1_000 * Self.klay) }
                + extraAccounts)
        blocks = [genesis.block()]
        ledger = MemoryLedger(genesis)
    }

    public var rules: ChainRules { genesis.rules }
    public var head: Block { blocks[blocks.count - 1] }

    /// What the next block is checked against.
    public var ancestry: Ancestry { Ancestry(after: head, council: genesis.council, under: rules) }

    /// What the block at `height` was checked against.
    public func ancestry(of height: Height) -> Ancestry {
        Ancestry(after: blocks[Int(height) - 1], council: genesis.council, under: rules)
    }

    /// The key of the proposer of the next height.
    public func proposer(round: UInt64 = 0) throws -> NodeKey {
        try key(of: ancestry.committee.proposer(height: ancestry.height, round: round).address)
    }

    public func key(of validator: Address) throws -> NodeKey {
        guard let key = nodeKeys.first(where: { $0.publicKey.address == validator }) else {
            throw SampleError.noKey(validator)
        }
        return key
    }

    public func request(
        _ candidates: [BuildRequest.Candidate] = [], round: UInt64 = 0, afterMilliseconds: UInt64 = 1_000
    ) -> BuildRequest {
        let ancestry = ancestry
        return BuildRequest(
            ancestry: ancestry,
            beneficiary: ancestry.committee.proposer(height: ancestry.height, round: round).rewardAddress,
            timestampMilliseconds: head.extension.timestampMilliseconds + afterMilliseconds, candidates: candidates)
    }

    public func build(
        _ candidates: [BuildRequest.Candidate] = [], round: UInt64 = 0, conduct: Conduct = .honest
    ) throws -> ValidatedBlock {
        try Validation.build(request(candidates, round: round), reading: ledger, under: rules, conduct: conduct)
    }

    /// Builds, seals and appends the next block.
    @discardableResult
    public mutating func grow(_ candidates: [BuildRequest.Candidate] = [], round: UInt64 = 0) throws -> SealedBlock {
        let block = try build(candidates, round: round)
        return try append(block, round: round)
    }

    /// Seals and appends `block`.
    @discardableResult
    public mutating func append(_ block: ValidatedBlock, round: UInt64 = 0) throws -> SealedBlock {
        let sealed = try SealedBlock(block, certificate: try certificate(of: block.block, round: round))
        blocks.append(block.block)
        certificates.append(sealed.certificate)
        ledger.apply(block)
        return sealed
    }

    /// Seals by a quorum of the committee that follows the head, or by the given seats of it.
    ///
    /// - Parameter height: What is signed for, where it is not the block's own.
    public func certificate(
        of block: Block, round: UInt64 = 0, seats: [Int]? = nil, height: Height? = nil
    ) throws -> CommitCertificate {
        let committee = ancestry.committee
        let height = height ?? block.number
        let vote = Vote.commit(height: height, round: round, block: block.hash)
        let votes = try (seats ?? Array(0..<committee.quorum)).map { seat in
            SignedVote(vote, by: try key(of: committee.members[seat].address), chain: genesis.identity)
        }
        return CommitCertificate(height: height, round: round, block: block.hash, commits: votes)
    }

    /// The proposal of `block` by whose turn it is, or by the given seat.
    public func proposal(
        of block: Block, round: UInt64 = 0, seat: Int? = nil, namesContent: Bool = true
    ) throws -> SignedVote {
        let vote = Vote.proposal(
            height: block.number, round: round, block: block.hash, content: namesContent ? block.contentHash : nil)
        let key = try seat.map { nodeKeys[$0] } ?? proposer(round: round)
        return SignedVote(vote, by: key, chain: genesis.identity)
    }
}

public enum SampleError: Error {
    case noKey(Address)
}
