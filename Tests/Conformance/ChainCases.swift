import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import Validation

/// Runs one blockchain test: blocks on a genesis state, some of which must be refused.
func runChain(_ entry: FixtureObject, _ tools: CaseTools) throws -> CaseOutcome {
    let network = try entry.text("network")
    guard let rules = try namedNetwork(network, config: entry["config"] as? FixtureObject) else {
        return .notApplicable("network \(network)")
    }
    if let seal = entry["sealEngine"] as? String, seal != "NoProof" { return .notApplicable("seals of \(seal)") }
    var chain = try TestChain(entry, rules: rules, machine: tools.machine)
    for (index, value) in try entry.array("blocks").enumerated() {
        guard let block = value as? FixtureObject else { throw FixtureError("block \(index) is no object") }
        if let problem = try chain.take(block) { return .failed("block \(index): \(problem)") }
    }
    return try chain.verdict(entry)
}

/// The rules that upstream means by the name of a network; nil where a fork of it is none that we run.
///
/// `CancunToPragueAtTime15k` changes from the first to the second at the first block from 15,000 seconds on.
func namedNetwork(_ name: String, config: FixtureObject?) throws -> EthereumRules? {
    let chainID = config?["chainid"] == nil ? 1 : try config?.number("chainid") ?? 1
    func phase(_ name: Substring, from activation: UInt64) throws -> EthereumRules.Phase? {
        try namedFork(String(name), config: config).map {
            EthereumRules.Phase(activation: activation, fork: $0.fork, blobs: $0.blobs)
        }
    }
    let names = name.split(separator: "To", maxSplits: 1)
    guard names.count == 2 else {
        return try phase(name[...], from: 0).map { EthereumRules(chainID: chainID, phases: [$0]) }
    }
    guard let at = names[1].firstRange(of: "AtTime") else { return nil }
    let digits = names[1][at.upperBound...]
    guard let time = digits.hasSuffix("k") ? UInt64(digits.dropLast()).map({ $0 * 1_000 }) : UInt64(digits), time > 0,
        let before = try phase(names[0], from: 0), let after = try phase(names[1][..<at.lowerBound], from: time)
    else { return nil }
    return EthereumRules(chainID: chainID, phases: [before, after])
}

/// A chain as far as a test has come with it.
private struct TestChain {
    private struct Point {
        let header: EthereumHeader
        let world: TestWorld
    }

    private let rules: EthereumRules
    private let machine: Machine
    /// By block hash: tests may go on from another block than the last one.
    private var points: [Hash32: Point] = [:]
    /// The block that was accepted last.
    private var head: Hash32

    init(_ entry: FixtureObject, rules: EthereumRules, machine: Machine) throws {
        self.rules = rules
        self.machine = machine
        let header = try TestChain.genesis(entry)
        head = header.hash
        var world = try TestWorld(entry.object("pre"), blockHashes: .known([header.number: head]))
        world.buildTries()
        guard world.stateRoot == header.stateRoot else {
            throw FixtureError("genesis state root: expected \(header.stateRoot), found \(world.stateRoot)")
        }
        if let hash = try (entry["genesisBlockHeader"] as? FixtureObject)?.hash("hash"), hash != head {
            throw FixtureError("genesis hash: expected \(hash), found \(head)")
        }
        points[head] = Point(header: header, world: world)
    }

    private static func genesis(_ entry: FixtureObject) throws -> EthereumHeader {
        var decoder = RLPDecoder(try entry.bytes("genesisRLP"))
        var list = try decoder.list()
        return try EthereumHeader(from: &list)
    }

    /// Accepts or refuses a block.
    ///
    /// - Returns: What is wrong with the decision, or nil.
    mutating func take(_ fields: FixtureObject) throws -> String? {
        let names = fields.keys.sorted().filter { $0.hasPrefix("expectException") }
        let exception = names.first.map { fields[$0] as? String ?? "" }
        let refusal: Refusal
        do {
            // Some blocks that must be refused are not even hex digits of whole bytes.
            let block = try EthereumBlock(rlp: fields.bytes("rlp"))
            try accept(block)
            guard let exception else { return nil }
            return "expected \(exception), accepted \(block.hash)"
        } catch let error as RLPError {
            refusal = Refusal(rule: nil, text: "\(error)")
        } catch EthereumFailure<StateGap>.invalid(let fault) {
            refusal = Refusal(rule: fault.rule, text: "\(fault)")
        } catch let error as FixtureError where exception != nil {
            refusal = Refusal(rule: nil, text: "\(error)")
        }
        guard let exception else { return "expected that it is accepted, refused: \(refusal.text)" }
        return refusal.isFor(exception) ? nil : "expected \(exception), refused: \(refusal.text)"
    }

    private mutating func accept(_ block: EthereumBlock) throws {
        guard let parent = points[block.header.parentHash] else {
            throw EthereumFailure<StateGap>.invalid(
                EthereumFault(.parentHash, expected: "a block of the chain", found: "\(block.header.parentHash)"))
        }
        let result = try validate(
            block, after: parent.header, reading: parent.world, under: rules, machine: machine)
        var world = parent.world
        world.apply(result.changes, result.settlement)
        if case .known(var hashes) = world.blockHashes {
            hashes[block.header.number] = block.hash
            world.blockHashes = .known(hashes)
        }
        points[block.hash] = Point(header: block.header, world: world)
        head = block.hash
    }

    /// Compares where the chain ends.
    func verdict(_ entry: FixtureObject) throws -> CaseOutcome {
        guard let world = points[head]?.world else { throw FixtureError("no head") }
        var lines: [String] = []
        let expectedHead = try entry.hash("lastblockhash")
        if head != expectedHead { lines.append("head: expected \(expectedHead), found \(head)") }
        // The tries that blocks were checked with, against the same state from nothing.
        let root = world.computedRoot()
        if root != world.stateRoot { lines.append("flat state: expected root \(world.stateRoot), found \(root)") }
        if let post = entry["postState"] as? FixtureObject {
            lines += world.differences(from: try TestWorld(post))
        } else if entry["postStateHash"] != nil {
            let expected = try entry.hash("postStateHash")
            if root != expected { lines.append("state root: expected \(expected), found \(root)") }
        }
        return lines.isEmpty ? .passed : .failed(lines.joined(separator: "\n"))
    }
}

/// Why a block was refused.
private struct Refusal {
    /// Nil where the block does not decode.
    let rule: EthereumRule?
    let text: String

    /// Whether the refusal can be the one that upstream means.
    ///
    /// Upstream's names are finer, and clients differ in which of several faults they see first. But a block with a
    /// transaction that cannot run must not be refused only for what came of running it.
    func isFor(_ exception: String) -> Bool {
        let outcomes: Set<EthereumRule> = [.stateRoot, .receiptsRoot, .logsBloom, .gasUsed, .requestsHash]
        guard let rule, outcomes.contains(rule) else { return true }
        return !exception.split(separator: "|").allSatisfy { $0.hasPrefix("TransactionException.") }
    }
}
