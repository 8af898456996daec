public import Configuration
public import Primitives

/// `network.json`: what is in a network's folder. Written once, read by every command and by scripts.
public struct NetworkRecord: Sendable {
    public var chainID: UInt64
    public var genesisHash: Hash32
    public var basePort: Int
    public var blockTime: Duration
    public var mnemonic: String
    /// The council first, each role in the order of its numbers.
    public var nodes: [NodeRecord]
    /// The funded development accounts.
    public var accounts: [AccountRecord]

    /// The value of the key "firetower" by which a folder is known to be ours.
    static let marker = "testnet"
    static let version: UInt64 = 1

    /// The k-th node of the network, from 0.
    public func node(_ name: String) throws(TestnetError) -> NodeRecord {
        guard let node = nodes.first(where: { $0.name == name }) else {
            throw .unknownNode(name: name, known: nodes.map(\.name))
        }
        return node
    }

    public var council: [NodeRecord] { nodes.filter { $0.role == .council } }
    public var rangers: [NodeRecord] { nodes.filter { $0.role == .ranger } }

    /// The name of the node with this address, else the address itself.
    public func name(of address: String) -> String {
        nodes.first { $0.address.hex == address.lowercased() }?.name ?? address
    }
}

/// One node as the launcher knows it.
public struct NodeRecord: Hashable, Sendable {
    public var name: String
    public var role: NodeRole
    /// Last twenty bytes of the hash of the node's public key: how votes and seals name it.
    public var address: Address
    /// Who is paid for the node's blocks; nil for rangers.
    public var rewardAddress: Address?
    public var rpc: Endpoint
    /// nil in a network that was made before nodes spoke WebSocket.
    public var webSocket: Endpoint?
    public var listen: Endpoint

    public var url: String { "http://\(rpc)" }
    public var webSocketURL: String? { webSocket.map { "ws://\($0)" } }
}

/// A funded account with its key: for tests only, the mnemonic is public knowledge.
public struct AccountRecord: Hashable, Sendable {
    public var address: Address
    public var secret: Hash32
    /// At genesis, in peb.
    public var balance: UInt256
}

extension NetworkRecord {
    var json: JSONValue {
        [
            "firetower": .string(Self.marker),
            "version": .integer(Int64(Self.version)),
            "chainId": .integer(Int64(chainID)),
            "genesisHash": .string(genesisHash.hex),
            "genesis": "genesis.json",
            "basePort": .integer(Int64(basePort)),
            "blockTime": .string(blockTime.text),
            "mnemonic": .string(mnemonic),
            "nodes": .array(nodes.map(\.json)),
            "accounts": .array(
                accounts.map { account in
                    [
                        "address": .string(account.address.hex), "privateKey": .string(account.secret.hex),
                        "balance": .string(account.balance.description),
                    ]
                }),
        ]
    }

    init(file: String) throws(ConfigurationError) {
        let root = try JSONValue(parsing: try SettingsFile.read(file), file: file)
        guard root["firetower"]?.text == Self.marker else {
            throw .wrong(file: file, keyPath: "firetower", expected: "\"\(Self.marker)\"", found: root.summary)
        }
        guard root["version"]?.unsigned == Self.version else {
            throw .wrong(
                file: file, keyPath: "version", expected: "\(Self.version)",
                found: root["version"]?.summary ?? "nothing")
        }
        func missing(_ keyPath: String) -> ConfigurationError {
            .missing(file: file, keyPath: keyPath, expected: "what the launcher wrote there")
        }
        guard let chainID = root["chainId"]?.unsigned else { throw missing("chainId") }
        guard let hashText = root["genesisHash"]?.text, let hash = try? Hash32(hex: hashText) else {
            throw missing("genesisHash")
        }
        guard let basePort = root["basePort"]?.unsigned, basePort <= 65_535 else { throw missing("basePort") }
        guard let blockTime = root["blockTime"]?.text.flatMap({ Duration(text: $0) }) else {
            throw missing("blockTime")
        }
        guard let mnemonic = root["mnemonic"]?.text else { throw missing("mnemonic") }
        var nodes: [NodeRecord] = []
        for (index, item) in (root["nodes"]?.items ?? []).enumerated() {
            guard let node = NodeRecord(item) else { throw missing("nodes[\(index)]") }
            nodes.append(node)
        }
        var accounts: [AccountRecord] = []
        for (index, item) in (root["accounts"]?.items ?? []).enumerated() {
            guard let account = AccountRecord(item) else { throw missing("accounts[\(index)]") }
            accounts.append(account)
        }
        self.init(
            chainID: chainID, genesisHash: hash, basePort: Int(basePort), blockTime: blockTime, mnemonic: mnemonic,
            nodes: nodes, accounts: accounts)
    }
}

extension NodeRecord {
    var json: JSONValue {
        [
            "name": .string(name), "role": .string(role.rawValue), "address": .string(address.hex),
            "rewardAddress": rewardAddress.map { .string($0.hex) } ?? .null, "rpcUrl": .string(url),
            "rpc": .string(rpc.description), "wsUrl": webSocketURL.map { .string($0) } ?? .null,
            "webSocket": webSocket.map { .string($0.description) } ?? .null, "listen": .string(listen.description),
            "config": .string("\(name)/config.json"), "log": .string("\(name)/log"),
        ]
    }

    init?(_ json: JSONValue) {
        guard let name = json["name"]?.text, let role = json["role"]?.text.flatMap(NodeRole.init(rawValue:)),
            let address = json["address"]?.text.flatMap({ try? Address(hex: $0) }),
            let rpc = json["rpc"]?.text.flatMap(Endpoint.init(text:)),
            let listen = json["listen"]?.text.flatMap(Endpoint.init(text:))
        else { return nil }
        let reward = json["rewardAddress"]?.text.flatMap { try? Address(hex: $0) }
        self.init(
            name: name, role: role, address: address, rewardAddress: reward, rpc: rpc,
            webSocket: json["webSocket"]?.text.flatMap(Endpoint.init(text:)), listen: listen)
    }
}

extension AccountRecord {
    init?(_ json: JSONValue) {
        guard let address = json["address"]?.text.flatMap({ try? Address(hex: $0) }),
            let secret = json["privateKey"]?.text.flatMap({ try? Hash32(hex: $0) }),
            let balance = json["balance"]?.text.flatMap({ try? UInt256(decimal: $0) })
        else { return nil }
        self.init(address: address, secret: secret, balance: balance)
    }
}
