import ArgumentParser
import Configuration
import EthereumChain
import Logging
import Primitives
import RPC

/// `node import --trust-seals CHAIN --genesis FILE`: serves an Ethereum chain that others have sealed.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Replays an Ethereum chain from a file and serves it by JSON-RPC, read-only.",
        discussion: """
            The file holds the encodings of all blocks from block 1 on, one behind the other, as geth exports them. \
            Files may be packed by gzip. Every block from the genesis on (or from the state that --state names) is \
            executed, and must give the roots that its header names. Who sealed a block is taken on trust, so \
            --trust-seals must be given. Rules go from Homestead to Osaka. All of it is held in memory.
            """)

    @Flag(help: "Take seals, proof of work and what the beacon chain decided on trust.")
    var trustSeals = false

    @Argument(help: ArgumentHelp("The chain: concatenated block RLP.", valueName: "chain"))
    var chain: String

    @Option(help: ArgumentHelp("The genesis as geth writes it, JSON.", valueName: "file"))
    var genesis: String

    @Option(
        help: ArgumentHelp(
            "All accounts after some block, JSON: earlier blocks are not executed, and their state is not served.",
            valueName: "file"))
    var state: String?

    @Option(help: ArgumentHelp("Where to serve JSON-RPC over HTTP.", valueName: "host:port"))
    var rpc = "127.0.0.1:8545"

    @Option(help: ArgumentHelp("Where to serve it over WebSocket; nowhere if left out.", valueName: "host:port"))
    var ws: String?

    func validate() throws {
        guard trustSeals else {
            throw ValidationError("an Ethereum chain's seals cannot be checked here; give --trust-seals to trust them")
        }
        for text in [rpc, ws].compactMap(\.self) where Endpoint(text: text) == nil {
            throw ValidationError("\(text) is no host:port")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let log = Logger(label: "import")
        let signals = StopSignals()
        let server: RPCServer
        do {
            let imported = try replay(log)
            var configuration = RPCConfiguration(
                port: Endpoint(text: rpc)?.port ?? 0, clientVersion: "Firetower/\(RunningNode.version)/import",
                profile: ChainProfile(imported.rules))
            configuration.host = Endpoint(text: rpc)?.host ?? "127.0.0.1"
            if let webSocket = ws.flatMap(Endpoint.init(text:)) {
                (configuration.webSocketHost, configuration.webSocketPort) = (webSocket.host, webSocket.port)
            }
            server = try await RPCServer.start(configuration, chain: imported, node: ImportedNode(imported))
        } catch {
            log.critical("cannot import: \(error)")
            throw ExitCode.failure
        }
        log.info("serving JSON-RPC on port \(server.port)")
        let signal = await signals.first()
        log.info("stopping: \(signal)")
        await server.stop()
    }

    private func replay(_ log: Logger) throws(ImportProblem) -> ImportedChain {
        let clock = ContinuousClock()
        let start = clock.now
        let genesisBlock = try EthereumGenesis(file: genesis)
        let accounts = try state.map { file throws(ImportProblem) in try DocumentFields(file: file).accounts() }
        let bytes = try DocumentFields.content(of: chain, limit: ImportLimits.chainBytesMax)
        let imported = try ImportedChain(genesisBlock, chain: bytes, file: chain, state: accounts)
        log.info(
            "replayed blocks \(imported.firstState + 1) to \(imported.headHeight) in \(clock.now - start)")
        return imported
    }
}
