import Chain
import EthereumChain
import Primitives

/// What method bodies work with.
struct RPCContext: Sendable {
    let clientVersion: String
    /// What blocks of the chain mean.
    let profile: ChainProfile
    private(set) var chain: any ChainReader
    let node: any NodeService
    let events: EventHub
    private(set) var blocks: BlockCache
    let limits: RPCLimits
    let tips: TipOracle
    let filters: Filters
    let accounts: DevelopmentAccounts
    let identity: NodeIdentity?
    let pending: PendingBlocks
    let largeAnswers: LargeAnswers

    init(configuration: RPCConfiguration, chain: any ChainReader, node: any NodeService, events: EventHub) {
        (clientVersion, profile, limits) = (configuration.clientVersion, configuration.profile, configuration.limits)
        (self.chain, self.node, self.events) = (chain, node, events)
        blocks = BlockCache(chain: chain, profile: configuration.profile, limits: configuration.limits)
        tips = TipOracle()
        filters = Filters(limits: configuration.limits, events: events)
        accounts = DevelopmentAccounts(configuration.developmentAccounts)
        identity = configuration.identity
        pending = PendingBlocks()
        largeAnswers = LargeAnswers(limits: configuration.limits)
    }

    /// The same over another chain.
    func over(_ chain: PendingChain) -> RPCContext {
        var context = self
        context.chain = chain
        context.blocks = BlockCache(chain: chain, profile: profile, limits: limits)
        return context
    }
}

extension RPCContext {
    /// The base fee of the block after `parent` (EIP-1559).
    func nextBaseFee(after parent: EthereumHeader) -> UInt256 {
        profile.baseFee(after: parent)
    }
}

/// The one table: what the server dispatches by and what it documents.
func methodTable(_ context: RPCContext, testnet: (any TestnetService)?) -> [RPCMethod] {
    var table = netMethods(context) + ethChainMethods(context) + ethBlockMethods(context)
    table += ethTransactionMethods(context) + ethStateMethods(context) + ethFeeMethods(context)
    table += ethCallMethods(context) + ethSimulationMethods(context)
    table += ethLogMethods(context) + ethFilterMethods(context)
    table += ethAccountMethods(context) + ethRawTransactionMethods(context) + ethSyncSendMethods(context)
    table += ethSealingMethods(context) + ethConfigMethods(context) + debugRawMethods(context)
    table += txpoolMethods(context) + subscriptionMethods(context)
    table += debugTraceMethods(context) + debugStorageMethods(context) + debugBlockMethods(context)
    // Nobody of ours seals or watches another chain.
    if case .own = context.profile.rules {
        table += councilMethods(context) + rangerMethods(context) + watchMethods(context) + badBlockMethods(context)
        table += klaytnMethods(context, besides: table)
    }
    if case .ethereum(let rules) = context.profile.rules { table += testingMethods(context, under: rules) }
    if let testnet { table += testnetMethods(context, testnet) }
    return table + discoveryMethods(context, documenting: table)
}
