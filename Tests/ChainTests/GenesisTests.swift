import Chain
import Crypto
import Primitives
import Testing
import Trie

@Suite struct GenesisTests {
    /// Two builds, two machines, two processes: one hash. A change here makes every running chain another one.
    @Test func `the genesis hash stays what it is`() throws {
        let genesis = try Sample.genesis()
        #expect(genesis.council.hash.hex == "0xfbad35a5edc18a8cc46cb362d84dc61e6e4180b8395ccab522a98a2aaaa908ab")
        #expect(genesis.rules.hash.hex == "0x02cf2f1e2713f9ff68ca8aa36907db1accf7f65a2d4d7d1f0ab3aba03ca1c9d6")
        #expect(
            genesis.block().header.stateRoot.hex == "0x4c69eb25236c0a2c18690f5542a5b3a8b2990663bd3c25ace9e2b88979b45c63"
        )
        #expect(genesis.hash.hex == "0x94a8e85a5eae99c816b1ffdf3b7d01de811e4703cf137c28bc0e269864d1450e")
    }

    @Test func `the order in which accounts, slots and members are given does not matter`() throws {
        var random = SeededRandom(seed: 5)
        let accounts = (0..<20).map { _ in
            GenesisAccount(
                address: random.address(), nonce: 1, balance: random.word(), code: random.bytes(5),
                storage: (0..<5).map { .init(slot: UInt256(UInt64($0)), value: random.word()) })
        }
        let members = try (0..<7).map(Sample.member)
        func genesis(_ accounts: [GenesisAccount], _ members: [CouncilMember]) throws -> Genesis {
            try Genesis(
                rules: Sample.rules(), council: Council(members), timestampMilliseconds: 1, accounts: accounts)
        }
        let expected = try genesis(accounts, members)
        for _ in 0..<5 {
            let shuffled = accounts.shuffled(using: &random).map { account in
                var account = account
                account.storage.shuffle(using: &random)
                return account
            }
            let other = try genesis(shuffled, members.shuffled(using: &random))
            #expect(other.hash == expected.hash)
            #expect(other.accounts == expected.accounts)
        }
    }

    @Test func `block 0 binds rules, council, accounts and time`() throws {
        let rules = Sample.rules()
        let account = GenesisAccount(address: Address(Bytes(repeating: 1, count: 20)), balance: 5)
        func hash(
            rules: ChainRules = rules, council: Int = 4, milliseconds: UInt64 = 10_000, balance: UInt256 = 5,
            gasLimit: Gas = 60_000_000
        ) throws -> Hash32 {
            var account = account
            account.balance = balance
            return try Genesis(
                rules: rules, council: Sample.council(council), timestampMilliseconds: milliseconds,
                gasLimit: gasLimit, accounts: [account]
            ).hash
        }
        var hashes = [
            try hash(), try hash(council: 5), try hash(milliseconds: 10_001), try hash(balance: 6),
            try hash(gasLimit: 50_000_000),
        ]
        for change in GenesisTests.ruleChanges {
            var changed = rules
            change(&changed)
            hashes.append(try hash(rules: changed))
        }
        #expect(Set(hashes).count == hashes.count)
    }

    /// One change of each rule.
    private static let ruleChanges: [@Sendable (inout ChainRules) -> Void] = [
        { $0.chainID += 1 },
        { $0.transactionGasMax += 1 },
        { $0.blockReward = 1 },
        { $0.rewardSplit = RewardSplit(proposer: 54, poc: 34, kir: 12) },
        { $0.rewardSplit = RewardSplit(proposer: 34, poc: 12, kir: 54) },
        { $0.pocFund = .zero },
        { $0.kirFund = .zero },
        { $0.committeeSizeMax += 1 },
        { $0.timestampDriftMilliseconds += 1 },
        { $0.elasticity += 1 },
        { $0.baseFeeChangeDenominator += 1 },
        { $0.gasLimitBoundDivisor += 1 },
        { $0.gasLimitMin += 1 },
    ]

    @Test func `block 0 is Ethereum's, and its extension fits`() throws {
        let genesis = try Sample.genesis()
        let block = genesis.block()
        #expect(block.hash == genesis.hash)
        #expect(block.header.hash == genesis.hash)
        #expect(block.number == 0)
        #expect(block.header.extraData == block.extension.hash.bytes)
        #expect(block.extension.nextCouncilHash == genesis.council.hash)
        #expect(block.extension.accessListRoot == BlockAccessList.empty.root)
        #expect(block.header.timestamp == block.extension.timestampMilliseconds / 1_000)
        #expect(block.header.parentBeaconBlockRoot == genesis.rules.hash)
        #expect(block.header.transactionsRoot == Block.transactionsRoot(of: []))
        #expect(block.header.receiptsRoot == Receipt.root(of: []))
        #expect(Header.emptyTrieRoot == MerkleTrie.emptyRoot)
        #expect(Header.emptyOmmersHash == keccak256([0xc0]))
        #expect(Header.emptyRequestsHash == sha256([]))
        #expect(AccountLeaf.emptyCodeHash == keccak256(Bytes()))
        #expect(try Block(rlp: block.rlp) == block)
    }

    @Test func `what is no genesis has its reason`() throws {
        let address = Address(Bytes(repeating: 1, count: 20))
        let account = GenesisAccount(address: address, balance: 5)
        func refusal(
            gasLimit: Gas = 60_000_000, accounts: [GenesisAccount] = [],
            _ change: (inout ChainRules) -> Void = { _ in }
        ) throws -> GenesisError? {
            var rules = Sample.rules()
            change(&rules)
            let council = try Sample.council(1)
            do throws(GenesisError) {
                _ = try Genesis(
                    rules: rules, council: council, timestampMilliseconds: 0, gasLimit: gasLimit,
                    accounts: accounts)
                return nil
            } catch {
                return error
            }
        }
        #expect(try refusal() == nil)
        #expect(try refusal(accounts: [account, account]) == .duplicateAccount(address))
        #expect(
            try refusal(accounts: [GenesisAccount(address: address, storage: [.init(slot: 0, value: 1)])])
                == .emptyAccount(address))
        #expect(
            try refusal(accounts: [GenesisAccount(address: address, balance: 1, storage: [.init(slot: 0, value: 1)])])
                == .ownerlessStorage(address))
        #expect(
            try refusal(accounts: [GenesisAccount(address: address, balance: 1, storage: [.init(slot: 0, value: 0)])])
                == nil)
        let twice = GenesisAccount(
            address: address, nonce: 1, storage: [.init(slot: 2, value: 1), .init(slot: 2, value: 0)])
        #expect(try refusal(accounts: [twice]) == .duplicateSlot(address, slot: 2))
        #expect(try refusal(gasLimit: 4_999) == .gasLimit(expectedAtLeast: 5_000, found: 4_999))
        #expect(try refusal { $0.chainID = .max } == .chainIDTooLarge(.max))
        let short = RewardSplit(proposer: 34, poc: 54, kir: 11)
        #expect(try refusal { $0.rewardSplit = short } == .rewardSplit(short))
        let wrapping = RewardSplit(proposer: .max, poc: 100, kir: 1)
        #expect(try refusal { $0.rewardSplit = wrapping } == .rewardSplit(wrapping))
        #expect(try refusal { $0.committeeSizeMax = 0 } == .committeeSizeMax(0))
        #expect(try refusal { $0.elasticity = 0 } == .baseFeeRule(elasticity: 0, changeDenominator: 8))
        #expect(
            try refusal { $0.baseFeeChangeDenominator = 0 } == .baseFeeRule(elasticity: 2, changeDenominator: 0))
        #expect(try refusal { $0.gasLimitBoundDivisor = 0 } == .gasLimitRule(boundDivisor: 0))
    }

    @Test func `the contracts that the chain calls are in every genesis, unless it has others there`() throws {
        func genesis(_ accounts: [GenesisAccount]) throws -> Genesis {
            try Genesis(
                rules: Sample.rules(), council: Sample.council(1), timestampMilliseconds: 0, accounts: accounts)
        }
        let plain = try genesis([])
        #expect(plain.accounts == Predeploys.accounts)
        #expect(
            plain.accounts.map(\.address)
                == SystemAddress.natives + [SystemAddress.history, SystemAddress.beaconRoots])
        let other = GenesisAccount(address: SystemAddress.history, nonce: 7, code: [0])
        let changed = try genesis([other])
        #expect(changed.accounts.count == plain.accounts.count)
        #expect(changed.accounts.contains(other))
        #expect(try genesis(plain.accounts).hash == plain.hash)
    }

    @Test func `a slot that holds zero is not there`() throws {
        let address = Address(Bytes(repeating: 1, count: 20))
        func genesis(_ storage: [GenesisAccount.StorageSlot]) throws -> Genesis {
            try Genesis(
                rules: Sample.rules(), council: Sample.council(1), timestampMilliseconds: 0,
                accounts: [GenesisAccount(address: address, nonce: 1, storage: storage)])
        }
        let without = try genesis([.init(slot: 1, value: 9)])
        let with = try genesis([.init(slot: 1, value: 9), .init(slot: 2, value: 0)])
        #expect(with.hash == without.hash)
        #expect(with.accounts.first { $0.address == address }?.storage.count == 1)
    }
}
