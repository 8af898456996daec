import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// Looks for the least gas limit with which a call succeeds: tries, as geth does, so that wallets see its figures.
///
/// A call can use less than it must be given: refunds come at the end, and a caller keeps a 64th of its gas
/// (EIP-150).
struct GasEstimate {
    let run: CallRun
    /// No try has more.
    let gasMax: Gas

    /// What a call that moves value gives its callee (Yellow Paper, G_callstipend).
    private static let callStipend: Gas = 2_300
    /// The search ends when what is left to search is below this part of the estimate, in thousandths.
    private static let tolerance: Gas = 15

    func find() throws(RPCError) -> Gas {
        var highest = try ceiling()
        if highest >= GasSchedule.transaction, try run.isPlainTransfer(),
            try attempt(GasSchedule.transaction)?.outcome.succeeded == true
        {
            return GasSchedule.transaction
        }
        guard let result = try attempt(highest) else {
            throw .server("gas required exceeds allowance (\(highest))")
        }
        if !result.outcome.succeeded {
            if result.outcome.status == .halted(.outOfGas) {
                throw .server("gas required exceeds allowance (\(highest))")
            }
            throw try run.failure(of: result, gas: highest)
        }
        var lowest = result.outcome.gasUsed - 1
        let likely = (result.outcome.peakGasUsed + Self.callStipend) * 64 / 63
        if likely < highest {
            if try succeeds(likely) { highest = likely } else { lowest = likely }
        }
        while lowest + 1 < highest, (highest - lowest) * 1_000 >= highest * Self.tolerance {
            // Most calls need little more than they use, so the search starts from below.
            let middle = min((highest + lowest) / 2, lowest * 2)
            if try succeeds(middle) { highest = middle } else { lowest = middle }
        }
        return highest
    }

    /// The most gas to try: what the caller names, what fits a block and a transaction, what the sender can pay.
    private func ceiling() throws(RPCError) -> Gas {
        let named = run.request.gas ?? 0
        var highest = min(named >= GasSchedule.transaction ? named : run.header.gasLimit, gasMax)
        let (price, value) = (run.request.content.maxFeePerGas, run.request.content.value)
        let balance = try run.balance()
        guard value <= balance else { throw .server("insufficient funds for transfer") }
        if !price.isZero { highest = min(highest, ((balance - value) / price).asUInt64 ?? .max) }
        return highest
    }

    /// What comes of the call with `gas`; nil where that is too little to begin.
    private func attempt(_ gas: Gas) throws(RPCError) -> CallResult? {
        if let obstacle = try run.obstacle(gas: gas) {
            if obstacle.kind == .intrinsicGas { return nil }
            throw .server("failed with \(gas) gas: \(obstacle.message)")
        }
        return try run.run(gas: gas)
    }

    private func succeeds(_ gas: Gas) throws(RPCError) -> Bool {
        try attempt(gas)?.outcome.succeeded ?? false
    }
}

extension CallRun {
    /// Why `result`, which came of a run with `gas`, is no success. Where the text names the opcode, it runs again.
    func failure(of result: CallResult, gas: Gas) throws(RPCError) -> RPCError {
        var last: LastOpcode?
        if case .halted(let halt) = result.outcome.status, halt.tellsOpcode {
            var tracer = LastOpcode()
            _ = try run(gas: gas, tracer: &tracer)
            last = tracer
        }
        return RPCError.failed(result.outcome.status, output: result.output, last: last)
            ?? .internalError("a call that succeeded has no failure")
    }
}
