internal import Primitives

/// What a node does: seal blocks, or check them.
public enum NodeRole: String, Sendable, CaseIterable, Codable {
    /// A consensus node: its key sits in the council, it proposes, votes and seals.
    case council
    /// A ranger: follows every block, executes it again and proves faults.
    case ranger
}

/// How much a node writes to its log.
public enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// Everything `node run --config FILE` needs to know.
public struct NodeConfiguration: Hashable, Sendable {
    /// The name in logs and tables: "cn1", "rn2".
    public var name: String
    public var role: NodeRole
    /// Where the node's P-256 secret lies. See `NodeKeyFile`.
    public var keyPath: String
    public var genesisPath: String
    /// The folder of the database and the vote log; made if absent.
    public var dataDirectory: String
    /// Where other nodes connect.
    public var listen: Endpoint
    /// Where JSON-RPC over HTTP answers.
    public var rpc: Endpoint
    /// Where JSON-RPC over WebSocket answers; nil where there is none.
    public var webSocket: Endpoint?
    /// Host names that a request of JSON-RPC may name, beyond localhost and IP addresses; "*" for any.
    public var rpcHostNames: [String] = []
    /// Web origins whose pages may call JSON-RPC, beyond those on loopback; "*" for any.
    public var rpcOrigins: [String] = []
    /// Nodes to connect to at start; others are learned from them.
    public var peers: [Endpoint]
    /// The least time between two blocks, in milliseconds; 0 is as fast as the council can agree.
    public var blockTimeMilliseconds: UInt64
    /// How long an empty transaction pool delays the next, then empty, block, in milliseconds.
    /// Never less than the block time.
    public var idlePeriodMilliseconds: UInt64
    public var logLevel: LogLevel
    /// Whether `testnet_*` exists and the node may be told to misbehave. Never true outside a test network.
    public var allowFaultInjection: Bool
    /// Whether transactions without replay protection (before EIP-155) are taken, from clients and peers. Those that
    /// deploy well-known contracts at the same address on every chain are such.
    public var allowUnprotected = false
    /// Accounts that JSON-RPC signs for; nil where it signs for nobody. Never set outside a test network.
    public var developmentAccounts: DevelopmentWallet?
    /// Limits that differ from what is usual; a time in milliseconds.
    public var limits: [NodeLimit: UInt64]

    public init(
        name: String, role: NodeRole, keyPath: String, genesisPath: String, dataDirectory: String, listen: Endpoint,
        rpc: Endpoint, webSocket: Endpoint? = nil, peers: [Endpoint] = [], blockTimeMilliseconds: UInt64 = 1000,
        idlePeriodMilliseconds: UInt64 = 1000, logLevel: LogLevel = .info, allowFaultInjection: Bool = false,
        developmentAccounts: DevelopmentWallet? = nil, limits: [NodeLimit: UInt64] = [:]
    ) {
        self.name = name
        self.role = role
        self.keyPath = keyPath
        self.genesisPath = genesisPath
        self.dataDirectory = dataDirectory
        self.listen = listen
        self.rpc = rpc
        self.webSocket = webSocket
        self.peers = peers
        self.blockTimeMilliseconds = blockTimeMilliseconds
        self.idlePeriodMilliseconds = idlePeriodMilliseconds
        self.logLevel = logLevel
        self.allowFaultInjection = allowFaultInjection
        self.developmentAccounts = developmentAccounts
        self.limits = limits
        (rpcHostNames, rpcOrigins) = ([], [])
    }

    /// A node connects to at most so many endpoints at start.
    public static let peersMax = 256
    /// So many host names and so many origins are allowed beyond the usual.
    public static let rpcNamesMax = 64

    private static let keys = [
        "name", "role", "key", "genesis", "data", "listen", "rpc", "webSocket", "rpcHostNames", "rpcOrigins", "peers",
        "blockTime", "idlePeriod", "logLevel", "allowFaultInjection", "allowUnprotected",
        "developmentAccounts", "limits",
    ]

    /// Reads `file`; paths in it are relative to its folder and come out resolved.
    ///
    /// Optional keys: webSocket, rpcHostNames, rpcOrigins, peers (none), blockTime ("1s"), idlePeriod ("1s"),
    /// logLevel ("info"), allowFaultInjection (false), allowUnprotected (false), developmentAccounts (none),
    /// limits (none).
    public init(file: String) throws(ConfigurationError) {
        let root = JSONField(try JSONValue(parsing: try SettingsFile.read(file), file: file), file: file)
        try root.object(Self.keys)
        func path(_ key: String) throws(ConfigurationError) -> String {
            SettingsPath.resolve(try root[key].string(), besides: file)
        }
        let blockTime = try root["blockTime"].present?.duration() ?? .seconds(1)
        let idlePeriod = try root["idlePeriod"].present?.duration() ?? max(blockTime, .seconds(1))
        guard idlePeriod >= blockTime, idlePeriod > .zero else {
            throw root["idlePeriod"].fault("a duration above 0 and of at least the block time, \(blockTime.text)")
        }
        self.init(
            name: try root["name"].nodeName(),
            role: try root["role"].choice(NodeRole.self),
            keyPath: try path("key"),
            genesisPath: try path("genesis"),
            dataDirectory: try path("data"),
            listen: try root["listen"].endpoint(),
            rpc: try root["rpc"].endpoint(),
            webSocket: try root["webSocket"].present?.endpoint(),
            peers: try root["peers"].present?.endpoints(max: Self.peersMax) ?? [],
            blockTimeMilliseconds: blockTime.wholeMilliseconds,
            idlePeriodMilliseconds: idlePeriod.wholeMilliseconds,
            logLevel: try root["logLevel"].present?.choice(LogLevel.self) ?? .info,
            allowFaultInjection: try root["allowFaultInjection"].present?.bool() ?? false,
            developmentAccounts: try root["developmentAccounts"].present?.developmentWallet(),
            limits: try root["limits"].present?.nodeLimits() ?? [:])
        rpcHostNames = try root["rpcHostNames"].present?.accessNames() ?? []
        rpcOrigins = try root["rpcOrigins"].present?.accessNames() ?? []
        allowUnprotected = try root["allowUnprotected"].present?.bool() ?? false
    }

    /// The document that `init(file:)` reads. Paths are written as they stand.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name),
            "role": .string(role.rawValue),
            "key": .string(keyPath),
            "genesis": .string(genesisPath),
            "data": .string(dataDirectory),
            "listen": .string(listen.description),
            "rpc": .string(rpc.description),
            "peers": .array(peers.map { .string($0.description) }),
            "blockTime": .string(Duration.milliseconds(blockTimeMilliseconds).text),
            "idlePeriod": .string(Duration.milliseconds(idlePeriodMilliseconds).text),
            "logLevel": .string(logLevel.rawValue),
            "allowFaultInjection": .bool(allowFaultInjection),
            "allowUnprotected": .bool(allowUnprotected),
        ]
        if !rpcHostNames.isEmpty { members["rpcHostNames"] = .array(rpcHostNames.map { .string($0) }) }
        if !rpcOrigins.isEmpty { members["rpcOrigins"] = .array(rpcOrigins.map { .string($0) }) }
        if let webSocket { members["webSocket"] = .string(webSocket.description) }
        if let developmentAccounts { members["developmentAccounts"] = developmentAccounts.json }
        if !limits.isEmpty { members["limits"] = limits.json }
        return .object(members)
    }

    public func write(to file: String) throws(ConfigurationError) {
        try SettingsFile.write(json.json(pretty: true), to: file)
    }
}

extension JSONField {
    /// A value of an enumeration, by its name in the file.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _: Choice.Type
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            throw fault("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func endpoints(max: Int) throws(ConfigurationError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for field in try array(max: max) { endpoints.append(try field.endpoint()) }
        return endpoints
    }

    /// Host names or origins.
    func accessNames() throws(ConfigurationError) -> [String] {
        var names: [String] = []
        for field in try array(max: NodeConfiguration.rpcNamesMax) { names.append(try field.string()) }
        return names
    }

    /// A node's name also names its folder: letters, digits, "-" and "_", at most 32.
    func nodeName() throws(ConfigurationError) -> String {
        let allowed = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
        }
        guard case .string(let text) = value, (1...32).contains(text.count), text.allSatisfy(allowed) else {
            throw fault("a name of 1 to 32 letters, digits, - and _")
        }
        return text
    }
}
