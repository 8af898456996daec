import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// The cases of one transaction test: bytes that each fork takes, with hash, sender and intrinsic gas, or refuses
/// without any state.
func transactionCases(_ id: String, _ entry: FixtureObject) throws -> [ConformanceCase] {
    try entry.object("result").sorted { $0.key < $1.key }.map { name, value in
        guard let result = value as? FixtureObject else { throw FixtureError("result.\(name) is no object") }
        return ConformanceCase(id: "\(id) [\(name)]") { _ throws in
            guard let fork = namedFork(name) else { return .notApplicable("fork \(name)") }
            return try compareTransaction(entry, result, fork: fork.fork)
        }
    }
}

private func compareTransaction(
    _ entry: FixtureObject, _ result: FixtureObject, fork: Fork
) throws -> CaseOutcome {
    // Whatever depends on a block is given away: gas without end, a base fee of zero.
    let block = BlockEnvironment(
        fork: fork, chainID: 1, number: 1, timestamp: 1, beneficiary: .zero, gasLimit: .max, baseFeePerGas: 0,
        prevRandao: .zero)
    let rules = TransactionRules(in: block, policy: .ethereum(fork))
    let exception = result["exception"] as? String
    do {
        let transaction = try Transaction(envelope: entry.bytes("txbytes"))
        try rules.checkFields(of: transaction, at: 0)
        // What no balance can pay is refused without looking at one.
        guard !transaction.maxFeePerGas.multipliedReportingOverflow(by: UInt256(transaction.gasLimit)).overflow else {
            throw TransactionError.costOverflow
        }
        let sender = try rules.sender(of: transaction, at: 0)
        if let exception { return .failed("expected \(exception), accepted") }
        var lines: [String] = []
        func compare<Value: Equatable>(_ name: String, _ found: Value, _ expected: Value) {
            if found != expected { lines.append("\(name): expected \(expected), found \(found)") }
        }
        try compare("hash", transaction.hash, result.hash("hash"))
        try compare("sender", sender, result.address("sender"))
        if result["intrinsicGas"] != nil {
            try compare("intrinsic gas", transaction.intrinsicGas, result.number("intrinsicGas"))
        }
        return lines.isEmpty ? .passed : .failed(lines.joined(separator: "\n"))
    } catch let error as TransactionError {
        return exception == nil ? .failed("expected that it is accepted, refused: \(error)") : .passed
    } catch let fault as BlockFault {
        return exception == nil ? .failed("expected that it is accepted, refused: \(fault)") : .passed
    }
}
