import Chain
import Crypto
import EVM
import Fixtures
import Primitives
import SampleChain
import Testing
import Trie
import Validation

/// A few of the third-party state tests (EEST, Osaka), quick enough for a debug build: what surrounds the outermost
/// call. All of them, and those of the other forks, are run by `scripts/test conformance`.
@Suite(.enabled(if: Fixtures.arePresent))
struct `State vectors` {
    /// Packs and how many cases they have, so that none is lost unseen.
    static let packs: [(name: String, runs: Int, refusals: Int)] = [
        ("berlin.eip2930_access_list", 17, 12), ("osaka.eip7825_transaction_gas_limit_cap", 15, 8),
        ("shanghai.eip3651_warm_coinbase", 16, 0), ("shanghai.eip3860_initcode", 10, 2), ("static.stExample", 35, 1),
        ("static.stRefundTest", 26, 0), ("static.stZeroCallsTest", 24, 0),
    ]

    @Test(arguments: packs)
    func `end in the given root, or are refused for the given reason`(
        name: String, runs: Int, refusals: Int
    ) throws {
        var counts = (runs: 0, refusals: 0)
        let pack = try Fixtures.object("state/eest-osaka/\(name).json.gz")
        for (id, value) in pack.sorted(by: { $0.key < $1.key }) {
            let vector = try StateVector(value)
            for post in vector.posts {
                if let reason = post.exception {
                    counts.refusals += 1
                    let rule = try vector.refusal(of: post)
                    let rules = StateVector.rules(for: reason)
                    #expect(rule.map(rules.contains) ?? true, "\(id): \(String(describing: rule)), not \(reason)")
                } else {
                    counts.runs += 1
                    let found = try vector.run(post)
                    #expect(found.root == post.root, "\(id)")
                    #expect(found.logs == post.logs, "\(id)")
                }
            }
        }
        #expect(counts == (runs, refusals))
    }
}

/// One upstream state test.
private struct StateVector {
    struct Post {
        let envelope: Bytes
        let root: Hash32
        /// keccak(rlp(logs)).
        let logs: Hash32
        let exception: String?
    }

    let posts: [Post]
    private let block: BlockEnvironment
    private let ledger: VectorLedger

    init(_ json: Any) throws {
        let object = try #require(json as? [String: Any])
        let environment = try #require(object["env"] as? [String: String])
        let pre = try #require(object["pre"] as? [String: [String: Any]])
        let cases = try #require((object["post"] as? [String: [[String: Any]]])?["Osaka"])
        func number(_ name: String) throws -> UInt256 { try UInt256(hex: #require(environment[name])) }
        block = BlockEnvironment(
            fork: .osaka, chainID: 1, number: try number("currentNumber").truncatedToUInt64,
            timestamp: try number("currentTimestamp").truncatedToUInt64,
            beneficiary: try Address(hex: #require(environment["currentCoinbase"])),
            gasLimit: try number("currentGasLimit").truncatedToUInt64, baseFeePerGas: try number("currentBaseFee"),
            prevRandao: try Hash32(hex: #require(environment["currentRandom"])))
        ledger = VectorLedger(memory: MemoryLedger(holding: try pre.map { try Self.account($0.key, $0.value) }))
        posts = try cases.map { post in
            func text(_ name: String) throws -> String { try #require(post[name] as? String) }
            return Post(
                envelope: try Bytes(hex: text("txbytes")), root: try Hash32(hex: text("hash")),
                logs: try Hash32(hex: text("logs")), exception: post["expectException"] as? String)
        }
    }

    private static func account(_ address: String, _ fields: [String: Any]) throws -> GenesisAccount {
        func text(_ name: String) throws -> String { try #require(fields[name] as? String) }
        let storage = try #require(fields["storage"] as? [String: String])
        return GenesisAccount(
            address: try Address(hex: address),
            nonce: try UInt256(hex: text("nonce")).truncatedToUInt64, balance: try UInt256(hex: text("balance")),
            code: try Bytes(hex: text("code")),
            storage: try storage.map {
                GenesisAccount.StorageSlot(slot: try UInt256(hex: $0.key), value: try UInt256(hex: $0.value))
            })
    }

    func run(_ post: Post) throws -> (root: Hash32, logs: Hash32) {
        let transaction = try Transaction(envelope: post.envelope)
        let policy = TransactionPolicy.ethereum(.osaka)
        let sender = try TransactionRules(in: block, policy: policy).checkAll([transaction])[0]
        var journal = Journal(ledger)
        let outcome = try runTransaction(
            transaction, from: sender,
            in: TransactionContext(in: block, policy: policy, gasLeft: block.gasLimit, blobGasLeft: 9 << 17),
            journal: &journal, machine: Machine())
        var encoder = RLPEncoder()
        encoder.append(
            list: outcome.effects.logs.map { Log(address: $0.address, topics: $0.topics, data: $0.data) })
        return (try settle(journal.changes(), on: ledger).stateRoot, keccak256(encoder.bytes))
    }

    /// The rule for which the transaction is refused; nil where it does not even decode.
    func refusal(of post: Post) throws -> BlockRule? {
        do {
            _ = try run(post)
        } catch ValidationFailure<StateGap>.invalid(let fault) {
            return fault.rule
        } catch let fault as BlockFault {
            return fault.rule
        } catch is TransactionError {
            return nil
        }
        Issue.record("accepted")
        return nil
    }

    /// The rules that an upstream reason may stand for.
    static func rules(for reason: String) -> Set<BlockRule> {
        var rules: Set<BlockRule> = []
        for name in reason.split(separator: "|").map({ $0.drop { $0 != "." }.dropFirst() }) {
            switch name {
            case "INTRINSIC_GAS_TOO_LOW", "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST": rules.insert(.intrinsicGas)
            case "GAS_LIMIT_EXCEEDS_MAXIMUM": rules.insert(.transactionGasLimit)
            case "GAS_ALLOWANCE_EXCEEDED": rules.insert(.blockGas)
            case "INSUFFICIENT_MAX_FEE_PER_GAS", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS": rules.insert(.feeCap)
            case "INSUFFICIENT_ACCOUNT_FUNDS", "GASLIMIT_PRICE_PRODUCT_OVERFLOW": rules.insert(.balance)
            case "NONCE_IS_MAX": rules.insert(.nonce)
            case "INITCODE_SIZE_EXCEEDED": rules.insert(.initCode)
            default: break
            }
        }
        return rules
    }
}

/// A state of the vectors, in which the hash of a block is that of its number in decimal.
private struct VectorLedger: LedgerReader {
    let memory: MemoryLedger

    var stateRoot: Hash32 { memory.stateRoot }

    func account(_ address: Address) throws(StateGap) -> Account? { try memory.account(address) }
    func storage(_ address: Address, _ slot: UInt256) throws(StateGap) -> UInt256 {
        try memory.storage(address, slot)
    }
    func code(_ hash: Hash32) throws(StateGap) -> Bytes { try memory.code(hash) }
    func node(_ hash: Hash32, at path: TriePath, in owner: Hash32?) throws(StateGap) -> Bytes {
        try memory.node(hash, at: path, in: owner)
    }
    func blockHash(_ number: Height) throws(StateGap) -> Hash32 { keccak256(Bytes("\(number)".utf8)) }
}
