import Chain
import Configuration
import Crypto
import Primitives
import Testing

@testable import Testnet

struct `A new network` {
    private static func make(
        _ manifest: TestnetManifest = TestnetManifest()
    ) throws -> (folder: TemporaryFolder, network: LocalNetwork) {
        let folder = try TemporaryFolder()
        let place = NetworkFolder("\(folder.path)/net")
        _ = try Provision(manifest, in: place).write(timestampMilliseconds: 1_760_000_000_000)
        return (folder, try LocalNetwork(place))
    }

    @Test
    func `has the accounts that tools know by heart, each with ten thousand KLAY`() throws {
        let (folder, network) = try Self.make()
        let genesis = try GenesisFile(file: "\(folder.path)/net/genesis.json").genesis
        #expect(network.record.accounts.count == 10)
        #expect(network.record.accounts[0].address.hex == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
        for account in network.record.accounts {
            let balance = genesis.accounts.first { $0.address == account.address }?.balance
            #expect(balance?.description == "10000000000000000000000")
            #expect(try AccountKey(account.secret).address == account.address)
        }
    }

    @Test
    func `names its council in the order in which it proposes`() throws {
        let (folder, network) = try Self.make()
        let genesis = try GenesisFile(file: "\(folder.path)/net/genesis.json").genesis
        #expect(network.record.genesisHash == genesis.hash)
        #expect(network.record.council.map(\.name) == ["cn1", "cn2", "cn3", "cn4"])
        #expect(network.record.council.map(\.address) == genesis.council.members.map(\.address))
        #expect(network.record.council.map(\.rewardAddress) == genesis.council.members.map(\.rewardAddress))
        #expect(Set(network.record.council.map(\.rewardAddress)).count == 4)
        #expect(network.record.rangers.map(\.name) == ["rn1", "rn2"])
    }

    @Test
    func `gives each node ports, a key of its own and a configuration that finds them`() throws {
        let (folder, network) = try Self.make()
        for (k, node) in network.record.nodes.enumerated() {
            #expect(node.rpc == Endpoint(host: "127.0.0.1", port: 8545 + k))
            #expect(node.listen == Endpoint(host: "127.0.0.1", port: 10_545 + k))
            let configuration = try NodeConfiguration(file: network.folder.configPath(of: node.name))
            #expect(configuration.role == node.role)
            #expect(configuration.allowFaultInjection && configuration.allowUnprotected)
            #expect(
                configuration.developmentAccounts == DevelopmentWallet(mnemonic: network.record.mnemonic, accounts: 10))
            #expect(try NodeKeyFile.read(configuration.keyPath).publicKey.address == node.address)
            #expect(try folder.mode("net/\(node.name)/key") == 0o600)
            #expect(try GenesisFile(file: configuration.genesisPath).genesis.hash == network.record.genesisHash)
            #expect(!configuration.peers.contains(node.listen))
            #expect(configuration.peers.count == (node.role == .council ? 3 : 5))
        }
    }

    @Test
    func `is written down for scripts`() throws {
        let (folder, network) = try Self.make()
        let lines = Set(try folder.read("net/.env").split(separator: "\n").map(String.init))
        #expect(lines.contains("RPC_URL=http://127.0.0.1:8545"))
        #expect(lines.contains("CHAIN_ID=1337"))
        #expect(lines.contains("RN2_RPC_URL=http://127.0.0.1:8550"))
        #expect(lines.contains("PRIVATE_KEY_0=\(network.record.accounts[0].secret.hex)"))
        let record = try JSONValue(parsing: Bytes(try folder.read("net/network.json").utf8), file: "network.json")
        #expect(record["firetower"]?.text == "testnet")
        #expect(record["nodes"]?.items?.count == 6)
    }

    @Test
    func `takes from its manifest what the manifest says`() throws {
        var manifest = TestnetManifest()
        manifest.council = 7
        manifest.rangers = 0
        manifest.blockTime = .milliseconds(250)
        manifest.basePort = 20_000
        manifest.blockReward = 5
        (manifest.unlockAccounts, manifest.allowUnprotected) = (false, false)
        manifest.limits = [.poolPerSenderMax: 5, .callTimeout: 1_500]
        manifest.alloc = [TestnetManifest.Allocation(address: Address(Bytes(repeating: 9, count: 20)), balance: 77)]
        let (folder, network) = try Self.make(manifest)
        let genesis = try GenesisFile(file: "\(folder.path)/net/genesis.json").genesis
        #expect(network.record.nodes.count == 7)
        #expect(network.record.blockTime == .milliseconds(250))
        #expect(genesis.rules.blockReward == 5)
        #expect(genesis.accounts.contains { $0.balance == 77 })
        let configuration = try NodeConfiguration(file: network.folder.configPath(of: "cn7"))
        #expect(configuration.developmentAccounts == nil && !configuration.allowUnprotected)
        #expect(configuration.limits == manifest.limits)
        #expect(configuration.blockTimeMilliseconds == 250 && configuration.idlePeriodMilliseconds == 1000)
    }

    @Test
    func `is not made in somebody else's folder, nor is that removed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("dear diary", to: "diary")
        try folder.write(#"{"name": "a web page"}"#, to: "network.json")
        let place = NetworkFolder(folder.path)
        await #expect(throws: TestnetError.self) { try await Up(place, executable: "/bin/false").run(.init()) { _ in } }
        #expect(throws: TestnetError.self) { try LocalNetwork(place) }
        #expect(try folder.read("diary") == "dear diary")
    }

    @Test
    func `knows its nodes, and lists them when asked for another`() throws {
        let (_, network) = try Self.make()
        #expect(try network.record.node("rn2").role == .ranger)
        let error = try #require(throws: TestnetError.self) { try network.record.node("cn9") }
        #expect(error.description == "no node cn9: this network has cn1, cn2, cn3, cn4, rn1, rn2")
    }

    @Test
    func `is not resumed in another shape`() throws {
        let (_, network) = try Self.make()
        var wishes = Up.Wishes()
        #expect(wishes.difference(from: network.record) == nil)
        wishes.council = 4
        wishes.blockTime = .seconds(1)
        #expect(wishes.difference(from: network.record) == nil)
        wishes.council = 7
        #expect(wishes.difference(from: network.record) == "a council of 4")
    }
}
