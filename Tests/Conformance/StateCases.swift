import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import Validation

/// The cases of one state test: a transaction in a given block, on a given state.
func stateCases(_ id: String, _ entry: FixtureObject) throws -> [ConformanceCase] {
    let config = entry["config"] as? FixtureObject
    let environment = try entry.object("env")
    let sender = try (entry["transaction"] as? FixtureObject)?["sender"].map { value in
        try fixtureAddress(value as? String ?? "")
    }
    let pre = try TestWorld(entry.object("pre"))
    var cases: [ConformanceCase] = []
    for (name, value) in try entry.object("post").sorted(by: { $0.key < $1.key }) {
        guard let posts = value as? [FixtureObject] else { throw FixtureError("post.\(name) is no list of objects") }
        let fork = try namedFork(name, config: config)
        for post in posts {
            let caseID = posts.count == 1 && id.contains(name) ? id : id + caseSuffix(name, post)
            guard let fork else {
                cases.append(ConformanceCase(id: caseID) { _ in .notApplicable("fork \(name)") })
                continue
            }
            cases.append(
                ConformanceCase(id: caseID) { tools throws in
                    let block = try stateBlock(environment, fork: fork, config: config)
                    let test = StateTest(block: block, blobs: fork.blobs, pre: pre, sender: sender, post: post)
                    return try test.run(on: tools.machine)
                })
        }
    }
    return cases
}

/// Tells a case by its fork and by which of the template's data, gas limits and values it has.
private func caseSuffix(_ fork: String, _ post: FixtureObject) -> String {
    guard let indexes = post["indexes"] as? [String: Int] else { return " [\(fork)]" }
    let picks = ["data", "gas", "value"].map { "\(indexes[$0] ?? 0)" }.joined(separator: ",")
    return " [\(fork) d,g,v=\(picks)]"
}

private func stateBlock(
    _ environment: FixtureObject, fork: (fork: Fork, blobs: BlobSchedule), config: FixtureObject?
) throws -> BlockEnvironment {
    let excess = environment["currentExcessBlobGas"] == nil ? 0 : try environment.number("currentExcessBlobGas")
    return BlockEnvironment(
        fork: fork.fork, chainID: config?["chainid"] == nil ? 1 : try config?.number("chainid") ?? 1,
        number: try environment.number("currentNumber"), timestamp: try environment.number("currentTimestamp"),
        beneficiary: try environment.address("currentCoinbase"), gasLimit: try environment.number("currentGasLimit"),
        baseFeePerGas: environment["currentBaseFee"] == nil ? 0 : try environment.word("currentBaseFee"),
        prevRandao: environment["currentRandom"] == nil ? .zero : try environment.hash("currentRandom"),
        blobBaseFee: blobBaseFee(excessBlobGas: excess, under: fork.blobs))
}

private struct StateTest {
    let block: BlockEnvironment
    let blobs: BlobSchedule
    let pre: TestWorld
    let sender: Address?
    let post: FixtureObject

    private enum Ending {
        /// Before execution, with the reason.
        case refused(String)
        case ran(TestWorld, logs: [LogRecord], String)
    }

    func run(on machine: Machine) throws -> CaseOutcome {
        let exception = post["expectException"] as? String
        switch try ending(on: machine) {
        case .refused(let reason):
            guard exception != nil else { return .failed("expected that it runs, refused: \(reason)") }
            return try compare(pre, logs: [], "refused: \(reason)")
        case .ran(let world, let logs, let description):
            if let exception { return .failed("expected \(exception), \(description)") }
            return try compare(world, logs: logs, description)
        }
    }

    private func ending(on machine: Machine) throws -> Ending {
        let policy = TransactionPolicy.ethereum(block.fork)
        let rules = TransactionRules(in: block, policy: policy)
        let context = TransactionContext(
            in: block, policy: policy, gasLeft: block.gasLimit, blobGasLeft: blobs.max * GasSchedule.blob)
        do {
            let transaction = try Transaction(envelope: post.bytes("txbytes"))
            try rules.checkFields(of: transaction, at: 0)
            let signer = try rules.sender(of: transaction, at: 0)
            if let sender, sender != signer { return .refused("signed by \(signer), not by \(sender)") }
            var journal = Journal(pre)
            let outcome = try runTransaction(
                transaction, from: signer, in: context, journal: &journal, machine: machine)
            var world = pre
            world.apply(journal.changes())
            return .ran(world, logs: outcome.effects.logs, "\(outcome.status), \(outcome.gasUsed) gas used")
        } catch let error as TransactionError {
            return .refused("\(error)")
        } catch let fault as BlockFault {
            return .refused("\(fault)")
        } catch ValidationFailure<StateGap>.invalid(let fault) {
            return .refused("\(fault)")
        }
    }

    private func compare(_ world: TestWorld, logs: [LogRecord], _ description: String) throws -> CaseOutcome {
        let (root, expectedRoot) = (world.computedRoot(), try post.hash("hash"))
        let (logsHash, expectedLogsHash) = (hash(of: logs), try post.hash("logs"))
        if root == expectedRoot, logsHash == expectedLogsHash { return .passed }
        var lines = [description]
        if root != expectedRoot { lines.append("state root: expected \(expectedRoot), found \(root)") }
        if logsHash != expectedLogsHash {
            lines.append("logs hash: expected \(expectedLogsHash), found \(logsHash) of \(logs.count) logs")
        }
        if root != expectedRoot, let state = post["state"] as? FixtureObject {
            lines += world.differences(from: try TestWorld(state))
        }
        return .failed(lines.joined(separator: "\n"))
    }
}

/// keccak(rlp(logs)).
private func hash(of logs: [LogRecord]) -> Hash32 {
    var encoder = RLPEncoder()
    encoder.append(list: logs.map { Log(address: $0.address, topics: $0.topics, data: $0.data) })
    return keccak256(encoder.bytes)
}

extension Address {
    /// Without leading zeros, as precompiled contracts are called.
    var shortest: String { UInt256(self).quantity }
}
