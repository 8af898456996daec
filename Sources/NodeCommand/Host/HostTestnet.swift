import Node
import Primitives
import RPC

/// Faults on purpose, as JSON-RPC asks for them.
struct HostTestnet: TestnetService {
    let host: Host

    func faultCatalogue() async -> [FaultDescription] {
        Injection.Fault.allCases.map { fault in
            FaultDescription(name: fault.rawValue, levels: fault.levels.compactMap(\.asRPC), summary: fault.summary)
        }
    }

    func inject(_ request: FaultRequest) async -> Result<FaultRequest, FaultRefusal> {
        guard let fault = Injection.Fault(rawValue: request.fault) else {
            return .failure(FaultRefusal("unknown fault \(request.fault): testnet_listFaults has the names"))
        }
        let level = request.level.map(Injection.Level.init) ?? fault.levels[0]
        guard fault.levels.contains(level) else {
            let known = fault.levels.map(\.rawValue).joined(separator: ", ")
            return .failure(FaultRefusal("\(request.fault) has level \(known), not \(level.rawValue)"))
        }
        return await host.inject(
            Injection(fault: fault, level: level, height: request.height, actor: request.actor, seed: request.seed),
            request)
    }
}

extension Injection.Level {
    init(_ level: FaultLevel) {
        switch level {
        case .proposal: self = .proposal
        case .sealed: self = .sealed
        case .gossip: self = .ranger
        case .fork: self = .conduct
        }
    }

    var asRPC: FaultLevel? {
        switch self {
        case .proposal: .proposal
        case .sealed: .sealed
        case .ranger: .gossip
        case .conduct: nil
        }
    }
}

extension Host {
    /// Arms the injection at its effective height, or says why it cannot take effect.
    func inject(_ injection: Injection, _ request: FaultRequest) -> Result<FaultRequest, FaultRefusal> {
        if let reason = node.refusal(of: injection) { return .failure(FaultRefusal(reason)) }
        let effective = Injection(
            fault: injection.fault, level: injection.level, height: node.effectiveHeight(of: injection),
            actor: injection.actor, seed: injection.seed)
        handle(.inject(effective))
        var answer = request
        answer.height = effective.height
        answer.level = injection.level.asRPC
        return .success(answer)
    }
}
