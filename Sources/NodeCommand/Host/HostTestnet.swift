import Logging
import Network
import Node
import Primitives
import RPC

/// Faults on purpose, as JSON-RPC asks for them.
struct HostTestnet: TestnetService {
    let host: Host

    func faultCatalogue() async -> [FaultDescription] {
        Injection.Fault.allCases.map { fault in
            FaultDescription(
                name: fault.rawValue, id: fault.catalogueID, levels: fault.levels.map(FaultLevel.init),
                rounds: fault.rounds, deed: fault.deed.rawValue, summary: fault.summary,
                observable: fault.observable)
        }
    }

    func inject(_ request: FaultRequest, onlyChecking: Bool) async -> Result<FaultRequest, FaultRefusal> {
        guard let fault = Injection.Fault(rawValue: request.fault) else {
            return .failure(FaultRefusal("unknown fault \(request.fault): testnet_listFaults has the names"))
        }
        let level = request.level.map(Injection.Level.init) ?? fault.levels[0]
        return await host.inject(
            Injection(
                fault: fault, level: level, height: request.height, round: request.round, actor: request.actor,
                seed: request.seed),
            onlyChecking: onlyChecking)
    }

    func injections() async -> [FaultStatus] {
        await host.injectionReports().map { report in
            let outcome: FaultStatus.Outcome =
                switch report.status {
                case .waiting: .waiting
                case .bystander: .bystander
                case .applied(let height, let round): .applied(height: height, round: round)
                case .missed(let why): .missed(why)
                }
            return FaultStatus(FaultRequest(report.injection), outcome)
        }
    }

    func setLinks(_ orders: [LinkOrder], seed: UInt64) async -> Result<Int, FaultRefusal> {
        var rules: [Address: LinkRule] = [:]
        for order in orders {
            rules[order.node] = LinkRule(
                isCut: order.isCut, delay: .milliseconds(order.delayMilliseconds),
                jitter: .milliseconds(order.jitterMilliseconds), lossPercent: order.lossPercent)
        }
        guard rules.count <= PeerNetwork.linkRulesMax, rules.values.allSatisfy(\.isPossible) else {
            return .failure(FaultRefusal("no link can be disturbed so"))
        }
        return .success(await host.setLinks(rules, seed: seed))
    }
}

extension Injection.Level {
    init(_ level: FaultLevel) {
        switch level {
        case .proposal: self = .proposal
        case .sealed: self = .sealed
        case .gossip: self = .ranger
        case .fork: self = .fork
        case .conduct: self = .conduct
        }
    }
}

extension FaultLevel {
    init(_ level: Injection.Level) {
        switch level {
        case .proposal: self = .proposal
        case .sealed: self = .sealed
        case .ranger: self = .gossip
        case .fork: self = .fork
        case .conduct: self = .conduct
        }
    }
}

extension FaultRequest {
    init(_ injection: Injection) {
        self.init(
            fault: injection.fault.rawValue, level: FaultLevel(injection.level), height: injection.height,
            round: injection.round, seed: injection.seed, actor: injection.actor)
    }
}

extension Host {
    /// - Returns: How many live connections a rule is about.
    func setLinks(_ rules: [Address: LinkRule], seed: UInt64) -> Int {
        log.warning("\(rules.count) links are disturbed on purpose")
        return network?.setLinks(rules, seed: seed) ?? 0
    }

    /// Arms the injection at its effective height, or says why it cannot take effect.
    func inject(_ injection: Injection, onlyChecking: Bool) -> Result<FaultRequest, FaultRefusal> {
        let effective = injection.moved(to: node.effectiveHeight(of: injection))
        if let reason = node.refusal(of: effective) { return .failure(FaultRefusal(reason)) }
        if !onlyChecking { handle(.inject(effective)) }
        return .success(FaultRequest(effective))
    }

    func injectionReports() -> [InjectionReport] { node.injectionReports }
}
