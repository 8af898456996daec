import Chain
import EVM
import EthereumChain
import Primitives

/// eth_simulateV1: blocks of unsigned calls on the state of a block, each complete with header and roots, as if they
/// had been sealed. They leave nothing behind.
struct Simulation {
    private let request: SimulationRequest
    private let profile: ChainProfile
    private let limits: RPCLimits
    private let base: EthereumHeader
    private let state: CallState
    private let baseHash: Hash32

    init(_ request: SimulationRequest, at height: Height, in context: RPCContext) throws(RPCError) {
        self.request = request
        (profile, limits) = (context.profile, context.limits)
        let (header, hash) = try reading { () throws(ChainReadError) in
            (try context.chain.header(at: height), try context.chain.hash(ofBlockAt: height))
        }
        guard let header, let hash else { throw .headerNotFound }
        (base, baseHash) = (header, hash)
        state = CallState(context.chain, at: height, until: .now + context.limits.callTimeout)
    }

    func run() throws(RPCError) -> [SimulatedBlock] {
        var blocks: [SimulatedBlock] = []
        var gasLeft = limits.callGasMax
        var natives = profile.natives
        var (parent, parentHash) = (base, baseHash)
        for block in try request.sequence(after: base.number, base.timestamp, limits) {
            var header = EthereumHeader(after: parent, block, under: profile)
            header.parentHash = parentHash
            complete(&header, after: parent)
            var run = SimulatedBlockRun(
                header, block, request, on: state, under: profile, natives: natives, gasLeft: gasLeft, limits)
            let simulated = try run.run()
            (gasLeft, natives) = (run.gasLeft, run.natives)
            (parent, parentHash) = (simulated.header, simulated.hash)
            state.suppose(parentHash, ofBlockAt: parent.number)
            blocks.append(simulated)
        }
        return blocks
    }

    /// The fees, which depend on the block before.
    private func complete(_ header: inout EthereumHeader, after parent: EthereumHeader) {
        var isPriced = true
        if case .ethereum(let rules) = profile.rules {
            let phase = rules.phase(of: header)
            isPriced = phase.fork >= .london
            if phase.fork >= .cancun {
                header.excessBlobGas = parent.excessBlobGas == nil ? 0 : excessBlobGas(after: parent, under: phase)
            }
        }
        // Who names no price pays none, so without validation there is none to pay.
        if isPriced, header.baseFeePerGas == nil {
            header.baseFeePerGas = request.isValidated ? profile.baseFee(after: parent) : 0
        }
    }
}
