import Chain
import Configuration
import Consensus
import Crypto
import FaultProofs
import FoundationEssentials
import Logging
import NIOCore
import NIOPosix
import Network
import Node
import Primitives
import RPC
import Storage
import Validation

/// Why a node does not start: in words for the operator.
enum StartError: Error, CustomStringConvertible {
    case notInCouncil(name: String, address: Address)
    case inCouncil(name: String, address: Address)
    case badRecord(path: String, reason: String)
    case replay(height: Height, reason: String)

    var description: String {
        switch self {
        case .notInCouncil(let name, let address):
            "\(name) is to be a council node, but its key (\(address)) is not in the genesis council"
        case .inCouncil(let name, let address):
            "\(name) is to be a ranger, but its key (\(address)) is in the genesis council"
        case .badRecord(let path, let reason):
            "the vote log \(path) holds a record that this version does not understand: \(reason)"
        case .replay(let height, let reason): "stored block \(height) cannot be executed again: \(reason)"
        }
    }
}

/// Everything that runs in one node's process, put together and taken apart in the right order.
struct RunningNode {
    static let version = "0.1.0"

    private let group: MultiThreadedEventLoopGroup
    private let host: Host
    private let network: PeerNetwork
    private let server: RPCServer
    private let ledger: LedgerWorker
    private let crew: Crew
    private let log: Logger
    // The network holds it weakly.
    private let events: HostNetwork

    /// Opens the disk, catches up with it, listens, and begins.
    static func start(_ settings: NodeConfiguration, log: Logger) async throws -> RunningNode {
        let genesis = try GenesisFile(file: settings.genesisPath).genesis
        let key = try NodeKeyFile.read(settings.keyPath)
        try check(settings, key, genesis)
        try FileManager.default.createDirectory(atPath: settings.dataDirectory, withIntermediateDirectories: true)

        let disk = try NodeDisk.open(settings, genesis: genesis, key: key, log: log)
        let board = Board(genesis: genesis, head: disk.store.head.height, faults: disk.faults)
        let readers = StoreReaderPool(readers: try (0..<Crew.threadCount).map { _ in try disk.store.reader() })
        let rpcReaders = StoreReaderPool(readers: try (0..<Crew.threadCount).map { _ in try disk.store.reader() })

        // One loop decides and talks, one executes and stores, one syncs votes (DESIGN D10), one keeps the journal.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 4)
        let (hostLoop, ledgerLoop, voteLoop) = (group.next(), group.next(), group.next())
        let node = Node(
            settings: nodeSettings(settings, genesis: genesis, key: key), scheme: P256(), memory: disk.memory)
        // Opened on this thread; from here on each belongs to its worker alone.
        nonisolated(unsafe) let (store, voteLog) = (disk.store, disk.voteLog)
        let ledger = unsafe LedgerWorker(store: store, genesis: genesis, board: board, loop: ledgerLoop)
        var votes: VoteLogWorker?
        if let log = unsafe voteLog {
            nonisolated(unsafe) let log = log
            votes = unsafe VoteLogWorker(log: log, loop: voteLoop)
        }
        let crew = Crew(reader: readers)
        let host = Host(
            loop: hostLoop, node: node, key: key, ledger: ledger, votes: votes,
            journal: journal(of: disk, on: group.next(), log), crew: crew, board: board, log: log)

        let events = HostNetwork(host: host)
        var configuration = NetworkConfiguration(
            key: key, genesisHash: genesis.hash,
            listen: Network.Endpoint(host: settings.listen.host, port: settings.listen.port))
        configuration.isCouncilKey = { key in genesis.council.member(key.address) != nil }
        let network = PeerNetwork(configuration: configuration, eventLoop: hostLoop, events: events)
        let listening = try await network.start()
        await host.start(on: network)
        await host.recall(disk.recalled)
        // Clients come last: whoever gets an answer talks to a node that has begun.
        let server = try await serve(settings, genesis, key, host, board, rpcReaders)
        log.info(
            "\(settings.role.rawValue) \(key.publicKey.address) listens on \(listening), JSON-RPC on \(settings.rpc)")
        return RunningNode(
            group: group, host: host, network: network, server: server, ledger: ledger, crew: crew, log: log,
            events: events)
    }

    private static func journal(of disk: NodeDisk, on loop: any EventLoop, _ log: Logger) -> JournalWorker? {
        guard let journal = disk.journal else { return nil }
        // Opened on this thread; from here on it belongs to its worker alone.
        nonisolated(unsafe) let owned = journal
        return unsafe JournalWorker(journal: owned, log: log, loop: loop)
    }

    private static func check(_ settings: NodeConfiguration, _ key: NodeKey, _ genesis: Genesis) throws(StartError) {
        let address = key.publicKey.address
        let isMember = genesis.council.member(address) != nil
        if settings.role == .council, !isMember { throw .notInCouncil(name: settings.name, address: address) }
        if settings.role == .ranger, isMember { throw .inCouncil(name: settings.name, address: address) }
    }

    private static func nodeSettings(_ settings: NodeConfiguration, genesis: Genesis, key: NodeKey) -> NodeSettings {
        NodeSettings(
            name: settings.name, genesis: genesis, publicKey: key.publicKey, listen: settings.listen.description,
            bootstrap: settings.peers.map(\.description),
            blockTime: .milliseconds(settings.blockTimeMilliseconds),
            idlePeriod: .milliseconds(settings.idlePeriodMilliseconds), wallClockStart: WallClock.milliseconds,
            allowsInjection: settings.allowFaultInjection, pool: settings.poolLimits)
    }

    private static func serve(
        _ settings: NodeConfiguration, _ genesis: Genesis, _ key: NodeKey, _ host: Host, _ board: Board,
        _ readers: StoreReaderPool
    ) async throws -> RPCServer {
        var configuration = RPCConfiguration(
            port: settings.rpc.port, clientVersion: "Firetower/\(version)/\(settings.name)", rules: genesis.rules)
        configuration.host = settings.rpc.host
        (configuration.hostNames, configuration.origins) = (settings.rpcHostNames, settings.rpcOrigins)
        if let webSocket = settings.webSocket {
            (configuration.webSocketHost, configuration.webSocketPort) = (webSocket.host, webSocket.port)
        }
        configuration.limits = settings.rpcLimits
        configuration.identity = NodeIdentity(
            address: key.publicKey.address, protocolVersion: ChainProtocol.version)
        configuration.developmentAccounts = try settings.developmentAccounts?.keys ?? []
        return try await RPCServer.start(
            configuration, chain: StoredChain(board: board, readers: readers),
            node: HostService(host: host, board: board, accounts: readers),
            events: board.events, testnet: settings.allowFaultInjection ? HostTestnet(host: host) : nil)
    }

    /// Ends everything, outside first, so that nothing is lost: clients, peers, decisions, disk.
    func stop() async {
        await server.stop()
        await host.stop()
        await network.shutdown()
        do {
            try await crew.stop()
            try await ledger.close()
            try await group.shutdownGracefully()
        } catch {
            log.error("stopping: \(error)")
        }
    }
}

extension DevelopmentWallet {
    /// The keys, derived anew.
    fileprivate var keys: [AccountKey] {
        get throws(KeyError) {
            let wallet = HDWallet(mnemonic: mnemonic)
            var keys: [AccountKey] = []
            for index in 0..<UInt32(accounts) { keys.append(try wallet.account(index)) }
            return keys
        }
    }
}
