import Chain
import Crypto
import Primitives
import Trie

/// Values that tests start from.
enum Sample {
    static let chainID: UInt64 = 1_337
    static let chain = ChainIdentity(chainID: chainID, genesis: Hash32(Bytes(repeating: 0x67, count: 32)))

    /// The key of the node `number`, always the same.
    static func nodeKey(_ number: Int) throws -> NodeKey {
        try NodeKey(keccak256(Bytes("firetower test node \(number)".utf8)))
    }

    static func accountKey(_ number: Int) throws -> AccountKey {
        try AccountKey(keccak256(Bytes("firetower test account \(number)".utf8)))
    }

    static func member(_ number: Int) throws -> CouncilMember {
        CouncilMember(publicKey: try nodeKey(number).publicKey, rewardAddress: try accountKey(number).address)
    }

    static func council(_ count: Int) throws -> Council {
        try Council((0..<count).map(member))
    }

    /// The keys of the first `count` nodes in the order of the council that they form.
    static func keys(_ count: Int) throws -> [NodeKey] {
        try (0..<count).map(nodeKey).sorted { $0.publicKey.address < $1.publicKey.address }
    }

    static func committee(_ count: Int) throws -> Committee {
        try council(count).committee(at: 1, parent: .zero, sizeMax: Council.memberMax)
    }

    static func rules() -> ChainRules {
        ChainRules(
            chainID: chainID, pocFund: Address(Bytes(repeating: 0x54, count: 20)),
            kirFund: Address(Bytes(repeating: 0x12, count: 20)))
    }

    static func genesis(council count: Int = 4) throws -> Genesis {
        try Genesis(
            rules: rules(), council: council(count), timestampMilliseconds: 1_700_000_000_123,
            accounts: (0..<10).map { GenesisAccount(address: try accountKey($0).address, balance: 1_000_000) })
    }

    /// The root of a state that holds `accounts` and nothing else.
    static func stateRoot(of accounts: [GenesisAccount]) -> Hash32 {
        MerkleTrie.root(of: accounts.map { (key: keccak256($0.address).bytes, value: $0.leaf.rlp) })
    }

    /// A transaction of `kind` with every field that the kind has in use.
    static func transaction(_ kind: Transaction.Kind, _ random: inout SeededRandom) throws -> Transaction {
        let creates = kind.mayCreate && random.flag()
        let key = try accountKey(random.count(upTo: 9))
        var authorizations: [Authorization] = []
        for number in 0..<random.count(upTo: 2) {
            authorizations.append(
                .signed(
                    chainID: UInt256(chainID), address: random.address(), nonce: random.next() % 9,
                    by: try accountKey(number)))
        }
        let content = Transaction.Content(
            kind: kind, chainID: kind == .legacy && random.flag() ? nil : chainID, nonce: random.next() % 300,
            maxPriorityFeePerGas: random.word(), maxFeePerGas: random.word(), gasLimit: random.next(),
            to: creates ? nil : random.address(), value: random.word(),
            data: random.bytes(random.count(upTo: 80)),
            accessList: (0..<random.count(upTo: 3)).map { _ in
                AccessListEntry(
                    address: random.address(), storageKeys: (0..<random.count(upTo: 3)).map { _ in random.hash() })
            },
            maxFeePerBlobGas: random.word(),
            blobVersionedHashes: (0..<random.count(upTo: 3)).map { _ in random.hash() },
            authorizations: authorizations)
        return .signed(content, by: key)
    }

    static func transactions(_ random: inout SeededRandom) throws -> [Transaction] {
        try Transaction.Kind.allCases.map { try transaction($0, &random) }
    }

    static func header(_ random: inout SeededRandom) -> Header {
        Header(
            parentHash: random.hash(), beneficiary: random.address(), stateRoot: random.hash(),
            transactionsRoot: random.hash(), receiptsRoot: random.hash(),
            logsBloom: LogsBloom(random.bytes(LogsBloom.byteCount)), difficulty: random.word(),
            number: random.next() % 1_000, gasLimit: random.next(), gasUsed: random.next() % 100,
            timestamp: random.next(), extraData: random.bytes(Header.extraDataBytes), prevRandao: random.hash(),
            nonce: random.next(), baseFeePerGas: random.word(), blobGasUsed: random.next() % 2,
            excessBlobGas: random.next(), parentBeaconBlockRoot: random.hash(), requestsHash: random.hash())
    }

    static func blockExtension(_ random: inout SeededRandom) -> BlockExtension {
        BlockExtension(
            nextCouncilHash: random.hash(), accessListRoot: random.hash(), timestampMilliseconds: random.next())
    }

    static func block(_ random: inout SeededRandom) throws -> Block {
        Block(
            header: header(&random), transactions: try transactions(&random),
            extension: blockExtension(&random))
    }

    static func log(_ random: inout SeededRandom) -> Log {
        Log(
            address: random.address(), topics: (0..<random.count(upTo: 4)).map { _ in random.hash() },
            data: random.bytes(random.count(upTo: 70)))
    }

    static func receipt(_ random: inout SeededRandom) -> Receipt {
        Receipt(
            kind: Transaction.Kind.allCases[random.count(upTo: 4)], succeeded: random.flag(),
            cumulativeGasUsed: random.next() % 60_000_000,
            logs: (0..<random.count(upTo: 3)).map { _ in log(&random) })
    }

    /// A well-formed vote of `kind` on a block that is not zero.
    static func vote(_ kind: VoteKind, _ random: inout SeededRandom) -> Vote {
        let height = random.next() % 300
        let round = random.next() % 4
        let block = random.hash()
        guard kind == .roundChange else {
            let content = kind == .proposal && random.flag() ? random.hash() : nil
            let justification = content != nil && round > 0 && random.flag() ? random.hash() : nil
            return Vote(
                kind: kind, height: height, round: round, block: block, content: content,
                justification: justification)
        }
        let prepared = random.flag() ? (round: round, block: block) : nil
        return .roundChange(height: height, to: round + 1, prepared: prepared)
    }

    /// The commits of the nodes at `seats` of a council of `count`.
    static func commits(
        of seats: some Sequence<Int>, in count: Int, height: Height = 7, round: UInt64 = 2, block: Hash32,
        chain: ChainIdentity = chain
    ) throws -> [SignedVote] {
        let keys = try keys(count)
        let vote = Vote.commit(height: height, round: round, block: block)
        return seats.map { SignedVote(vote, by: keys[$0], chain: chain) }
    }

    static func certificate(
        of seats: some Sequence<Int>, in count: Int, height: Height = 7, round: UInt64 = 2, block: Hash32
    ) throws -> CommitCertificate {
        CommitCertificate(
            height: height, round: round, block: block,
            commits: try commits(of: seats, in: count, height: height, round: round, block: block))
    }

    static func accesses(_ random: inout SeededRandom) -> [BlockAccess] {
        let accounts = (0..<4).map { _ in random.address() }
        var accesses: [BlockAccess] = accounts.map(BlockAccess.touched)
        for account in accounts.dropLast() {
            for index in UInt32(0)..<6 where random.flag() {
                accesses.append(.balance(account, index: index, value: random.word()))
                accesses.append(.nonce(account, index: index, value: random.next()))
                if random.flag() { accesses.append(.code(account, index: index, value: random.bytes(40))) }
                for slot in UInt64(0)..<3 {
                    let slot = UInt256(slot)
                    if random.flag() { accesses.append(.storageRead(account, slot: slot)) }
                    if random.flag() {
                        accesses.append(.storageWrite(account, slot: slot, index: index, value: random.word()))
                    }
                }
            }
        }
        return accesses
    }
}
