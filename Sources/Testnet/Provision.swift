internal import Chain
public import Configuration
internal import Crypto
internal import Primitives

/// Makes a network on disk from a manifest: keys, genesis, one folder a node. Starts nothing.
public struct Provision: Sendable {
    public let manifest: TestnetManifest
    public let folder: NetworkFolder

    public init(_ manifest: TestnetManifest, in folder: NetworkFolder) {
        self.manifest = manifest
        self.folder = folder
    }

    /// Rewards and funds are paid to accounts of the same mnemonic, so that tests can spend them.
    static let rewardAccountsFrom: UInt32 = 1000
    static let pocFundAccount: UInt32 = 2000
    static let kirFundAccount: UInt32 = 2001

    /// Writes the folder. The record comes last: a folder without it was never finished and may be made anew.
    ///
    /// - Parameter timestampMilliseconds: The time of the genesis block, since 1970.
    public func write(timestampMilliseconds: UInt64) throws(TestnetError) -> NetworkRecord {
        let wallet = HDWallet(mnemonic: manifest.mnemonic)
        let keys = nodeKeys()
        let accounts = try developmentAccounts(wallet)
        let genesis = try genesis(wallet, keys, accounts, timestampMilliseconds)
        let nodes = try nodeRecords(wallet, keys)

        try System.makeDirectory(folder.path)
        try configured { () throws(ConfigurationError) in try GenesisFile(genesis).write(to: folder.genesisPath) }
        for (index, node) in nodes.enumerated() {
            try System.makeDirectory(folder.directory(of: node.name))
            try configured { () throws(ConfigurationError) in
                try NodeKeyFile.write(keys[index], to: folder.keyPath(of: node.name))
                try configuration(of: node, among: nodes).write(to: folder.configPath(of: node.name))
            }
        }
        let record = NetworkRecord(
            chainID: manifest.chainID, genesisHash: genesis.hash, basePort: manifest.basePort,
            blockTime: manifest.blockTime, mnemonic: manifest.mnemonic, nodes: nodes, accounts: accounts)
        try configured { () throws(ConfigurationError) in
            try SettingsFile.write(Bytes(Self.environment(record).utf8), to: folder.environmentPath, mode: 0o600)
            try SettingsFile.write(record.json.json(pretty: true), to: folder.recordPath)
        }
        return record
    }

    /// Fresh keys, the council's in ascending order of address: that is the council's own order,
    /// so cn1 proposes first, then cn2, and so on.
    private func nodeKeys() -> [NodeKey] {
        let council = (0..<manifest.council).map { _ in NodeKey() }
            .sorted { $0.publicKey.address < $1.publicKey.address }
        return council + (0..<manifest.rangers).map { _ in NodeKey() }
    }

    private func developmentAccounts(_ wallet: HDWallet) throws(TestnetError) -> [AccountRecord] {
        var accounts: [AccountRecord] = []
        for index in 0..<manifest.accounts {
            let key = try Self.account(UInt32(index), of: wallet)
            accounts.append(AccountRecord(address: key.address, secret: key.secret, balance: manifest.accountBalance))
        }
        return accounts
    }

    static func account(_ index: UInt32, of wallet: HDWallet) throws(TestnetError) -> AccountKey {
        do throws(KeyError) {
            return try wallet.account(index)
        } catch {
            throw .operation("cannot derive account \(index) of the mnemonic", reason: error.description)
        }
    }

    private func nodeRecords(_ wallet: HDWallet, _ keys: [NodeKey]) throws(TestnetError) -> [NodeRecord] {
        let ports = Ports(base: manifest.basePort)
        var nodes: [NodeRecord] = []
        for (index, key) in keys.enumerated() {
            let isCouncil = index < manifest.council
            let reward = isCouncil ? try rewardAddress(index, wallet) : nil
            nodes.append(
                NodeRecord(
                    name: isCouncil ? "cn\(index + 1)" : "rn\(index - manifest.council + 1)",
                    role: isCouncil ? .council : .ranger, address: key.publicKey.address, rewardAddress: reward,
                    rpc: ports.rpc(index), webSocket: ports.webSocket(index), listen: ports.listen(index)))
        }
        return nodes
    }

    private func rewardAddress(_ index: Int, _ wallet: HDWallet) throws(TestnetError) -> Address {
        try Self.account(Self.rewardAccountsFrom + UInt32(index), of: wallet).address
    }

    private func configuration(of node: NodeRecord, among nodes: [NodeRecord]) -> NodeConfiguration {
        // Council members dial one another; rangers dial everybody, for they come and go.
        let peers = nodes.filter { $0.name != node.name && (node.role == .ranger || $0.role == .council) }
        var configuration = NodeConfiguration(
            name: node.name, role: node.role, keyPath: "key", genesisPath: "../genesis.json", dataDirectory: "data",
            listen: node.listen, rpc: Endpoint(host: manifest.rpcHost, port: node.rpc.port),
            webSocket: node.webSocket.map { Endpoint(host: manifest.rpcHost, port: $0.port) },
            peers: peers.map(\.listen),
            blockTimeMilliseconds: manifest.blockTime.wholeMilliseconds,
            idlePeriodMilliseconds: manifest.effectiveIdlePeriod.wholeMilliseconds, logLevel: manifest.logLevel,
            allowFaultInjection: manifest.allowFaultInjection,
            developmentAccounts: manifest.unlockAccounts
                ? DevelopmentWallet(mnemonic: manifest.mnemonic, accounts: manifest.accounts) : nil,
            limits: manifest.limits)
        (configuration.rpcHostNames, configuration.rpcOrigins) = (manifest.rpcHostNames, manifest.rpcOrigins)
        configuration.allowUnprotected = manifest.allowUnprotected
        return configuration
    }

    private func genesis(
        _ wallet: HDWallet, _ keys: [NodeKey], _ accounts: [AccountRecord], _ timestampMilliseconds: UInt64
    ) throws(TestnetError) -> Genesis {
        var members: [CouncilMember] = []
        for (index, key) in keys.prefix(manifest.council).enumerated() {
            members.append(CouncilMember(publicKey: key.publicKey, rewardAddress: try rewardAddress(index, wallet)))
        }
        var rules = ChainRules(
            chainID: manifest.chainID, rewardSplit: manifest.rewardSplit,
            pocFund: try Self.account(Self.pocFundAccount, of: wallet).address,
            kirFund: try Self.account(Self.kirFundAccount, of: wallet).address)
        rules.blockReward = manifest.blockReward ?? rules.blockReward
        rules.committeeSizeMax = manifest.committeeSizeMax ?? rules.committeeSizeMax
        // A balance that the manifest names replaces that of a development account.
        let named = Set(manifest.alloc.map(\.address))
        let funded =
            accounts.filter { !named.contains($0.address) }
            .map { GenesisAccount(address: $0.address, balance: $0.balance) }
            + manifest.alloc.map { GenesisAccount(address: $0.address, balance: $0.balance) }
        do {
            return try Genesis(
                rules: rules, council: try Council(members), timestampMilliseconds: timestampMilliseconds,
                gasLimit: manifest.gasLimit, baseFeePerGas: manifest.baseFeePerGas ?? Self.baseFeePerGas,
                accounts: funded)
        } catch {
            throw .operation("the manifest describes no chain", reason: "\(error)")
        }
    }

    /// In peb: one gwei, as Ethereum's London fork began.
    static let baseFeePerGas: UInt256 = 1_000_000_000

    /// The network's facts as assignments that sh, bash and dotenv readers take.
    static func environment(_ record: NetworkRecord) -> String {
        var lines = [
            "# Written by the launcher. Keys are of a public development mnemonic: never use them elsewhere.",
            "RPC_URL=\(record.nodes.first?.url ?? "")",
            "WS_URL=\(record.nodes.first?.webSocketURL ?? "")",
            "CHAIN_ID=\(record.chainID)",
            "GENESIS_HASH=\(record.genesisHash.hex)",
            "MNEMONIC=\"\(record.mnemonic)\"",
            "COUNCIL=\"\(record.council.map(\.name).joined(separator: " "))\"",
            "RANGERS=\"\(record.rangers.map(\.name).joined(separator: " "))\"",
        ]
        for node in record.nodes {
            lines.append("\(node.name.uppercased())_RPC_URL=\(node.url)")
            if let url = node.webSocketURL { lines.append("\(node.name.uppercased())_WS_URL=\(url)") }
            lines.append("\(node.name.uppercased())_ADDRESS=\(node.address.hex)")
        }
        for (index, account) in record.accounts.enumerated() {
            lines.append("ACCOUNT_\(index)=\(account.address.hex)")
            lines.append("PRIVATE_KEY_\(index)=\(account.secret.hex)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
