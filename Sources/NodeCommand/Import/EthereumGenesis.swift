import Chain
import EVM
import EthereumChain
import Primitives
import RPC
import Validation

/// The genesis of an Ethereum chain, as geth writes it in JSON.
struct EthereumGenesis {
    let rules: EthereumRules
    let block: EthereumBlock
    let accounts: [GenesisAccount]

    init(file: String) throws(ImportProblem) {
        let document = try DocumentFields(file: file)
        guard let config = try document.fields("config") else { throw document.wrong("config", "is missing") }
        let timestamp = try document.number("timestamp") ?? 0
        rules = try EthereumGenesis.rules(config, startingAt: timestamp)
        accounts = try document.fields("alloc")?.accounts() ?? []
        var header = EthereumHeader(
            parentHash: try document.hash("parentHash") ?? .zero,
            stateRoot: GenesisState(holding: accounts).settlement.stateRoot, number: 0,
            gasLimit: try document.number("gasLimit") ?? 5_000, timestamp: timestamp, baseFeePerGas: nil,
            withdrawalsRoot: nil, blobGasUsed: nil, excessBlobGas: nil, parentBeaconBlockRoot: nil, requestsHash: nil)
        header.beneficiary = try document.address("coinbase") ?? .zero
        header.difficulty = try document.word("difficulty") ?? 0
        header.extraData = try document.data("extraData") ?? []
        header.nonce = try document.number("nonce") ?? 0
        header.prevRandao = try document.hash("mixHash") ?? .zero
        let fork = rules.phase(of: header).fork
        if fork >= .london { header.baseFeePerGas = try document.word("baseFeePerGas") ?? 1_000_000_000 }
        if fork >= .shanghai { header.withdrawalsRoot = Header.emptyTrieRoot }
        if fork >= .cancun {
            header.blobGasUsed = try document.number("blobGasUsed") ?? 0
            header.excessBlobGas = try document.number("excessBlobGas") ?? 0
            header.parentBeaconBlockRoot = .zero
        }
        if fork >= .prague { header.requestsHash = Header.emptyRequestsHash }
        block = EthereumBlock(header: header, transactions: [], withdrawals: fork >= .shanghai ? [] : nil)
    }

    // MARK: Forks

    /// The names of forks in the configuration of a chain, and what each changes for code.
    private static let byHeight: [(name: String, fork: Fork)] = [
        ("homesteadBlock", .homestead), ("eip150Block", .tangerineWhistle), ("eip158Block", .spuriousDragon),
        ("byzantiumBlock", .byzantium), ("constantinopleBlock", .constantinople), ("petersburgBlock", .petersburg),
        ("istanbulBlock", .istanbul), ("berlinBlock", .berlin), ("londonBlock", .london),
    ]
    private static let byTime: [(name: String, fork: Fork, blobs: BlobSchedule)] = [
        ("shanghai", .shanghai, .none), ("cancun", .cancun, .cancun), ("prague", .prague, .prague),
        ("osaka", .osaka, .prague), ("bpo1", .osaka, .firstBlobFork), ("bpo2", .osaka, .secondBlobFork),
        ("bpo3", .osaka, .secondBlobFork), ("bpo4", .osaka, .secondBlobFork), ("bpo5", .osaka, .secondBlobFork),
    ]

    private static func rules(
        _ config: DocumentFields, startingAt start: UInt64
    ) throws(ImportProblem) -> EthereumRules {
        guard let chainID = try config.number("chainId") else { throw config.wrong("chainId", "is missing") }
        var early: [EthereumRules.EarlyFork] = []
        for (name, fork) in byHeight {
            guard let height = try config.number(name) else { continue }
            // A fork at the height of the one before takes its place.
            early.removeAll { $0.activation >= height }
            early.append(EthereumRules.EarlyFork(activation: height, fork: fork))
        }
        if early.first?.activation != 0 {
            early.insert(EthereumRules.EarlyFork(activation: 0, fork: .homestead), at: 0)
        }
        var rules = EthereumRules(chainID: chainID, phases: try phases(config, startingAt: start), earlyForks: early)
        if let address = try config.address("depositContractAddress") { rules.depositContract = address }
        for member in config.object.members {
            if member.name.hasSuffix("Block"), let height = try config.number(member.name), height > 0 {
                rules.forkHeights.append(height)
            }
            guard member.name.hasSuffix("Time"), let time = try config.number(member.name) else { continue }
            guard byTime.contains(where: { $0.name + "Time" == member.name }) else {
                throw .unknownFork(name: member.name)
            }
            if time > start { rules.forkTimes.append(time) }
        }
        rules.forkHeights = Array(Set(rules.forkHeights)).sorted()
        rules.forkTimes = Array(Set(rules.forkTimes)).sorted()
        return rules
    }

    private static func phases(
        _ config: DocumentFields, startingAt start: UInt64
    ) throws(ImportProblem) -> [EthereumRules.Phase] {
        let schedules = try config.fields("blobSchedule")
        var phases: [EthereumRules.Phase] = []
        for (name, fork, known) in byTime {
            guard let time = try config.number(name + "Time") else { continue }
            var blobs = known
            if let schedule = try schedules?.fields(name) {
                blobs = BlobSchedule(
                    target: try schedule.number("target") ?? known.target, max: try schedule.number("max") ?? known.max,
                    baseFeeUpdateFraction: try schedule.number("baseFeeUpdateFraction") ?? known.baseFeeUpdateFraction)
                guard blobs.max > 0, blobs.max <= 1_000, blobs.target <= blobs.max, blobs.baseFeeUpdateFraction > 0
                else {
                    throw config.wrong("blobSchedule.\(name)", "\(blobs) is no schedule")
                }
            }
            let activation = time <= start ? 0 : time
            phases.removeAll { $0.activation >= activation }
            phases.append(EthereumRules.Phase(activation: activation, fork: fork, blobs: blobs))
        }
        // A chain that never comes so far has no block at this time.
        return phases.isEmpty ? [EthereumRules.Phase(activation: .max, fork: .shanghai, blobs: .none)] : phases
    }
}
