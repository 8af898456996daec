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
    /// Arms the injection at its effective height, or says why it cannot take effect.
    func inject(_ injection: Injection, onlyChecking: Bool) -> Result<FaultRequest, FaultRefusal> {
        let effective = injection.moved(to: node.effectiveHeight(of: injection))
        if let reason = node.refusal(of: effective) { return .failure(FaultRefusal(reason)) }
        if !onlyChecking { handle(.inject(effective)) }
        return .success(FaultRequest(effective))
    }

    func injectionReports() -> [InjectionReport] { node.injectionReports }
}
