import Chain
import Crypto
import Fixtures
import Primitives
import SampleChain
import Testing
import Validation

/// Third-party state tests (EEST, Osaka), as far as they are transfers or must be refused.
///
/// All other cases call or create code: they wait for the EVM. The count of those that apply is pinned, so that none
/// is lost unseen.
@Suite(.enabled(if: Fixtures.arePresent))
struct `State vectors` {
    /// Packs and how many of their cases apply. All other packs hold nothing but code.
    static let packs: [(name: String, transfers: Int, refusals: Int)] = [
        ("berlin.eip2930_access_list", 0, 12), ("osaka.eip7825_transaction_gas_limit_cap", 0, 8),
        ("prague.eip7623_increase_calldata_cost", 8, 40), ("prague.eip7702_set_code_tx", 0, 1),
        ("shanghai.eip3860_initcode", 0, 2), ("static.Cancun.stEIP4844_blobtransactions", 0, 3),
        ("static.stCreateTest", 0, 2), ("static.stEIP1559", 0, 22), ("static.stExample", 0, 1),
        ("static.stReturnDataTest", 1, 0), ("static.stSystemOperationsTest", 2, 0),
        ("static.stTransactionTest", 6, 97), ("static.stZeroCallsTest", 8, 0),
    ]

    @Test(arguments: packs)
    func `end in the given root, or are refused for the given reason`(
        name: String, transfers: Int, refusals: Int
    ) throws {
        var counts = (transfers: 0, refusals: 0)
        let pack = try Fixtures.object("state/eest-osaka/\(name).json.gz")
        for (id, value) in pack.sorted(by: { $0.key < $1.key }) {
            let vector = try StateVector(value)
            for post in vector.posts {
                if let reason = post.exception {
                    counts.refusals += 1
                    let rule = try vector.refusal(of: post)
                    let rules = StateVector.rules(for: reason)
                    #expect(rule.map(rules.contains) ?? true, "\(id): \(String(describing: rule)), not \(reason)")
                } else if vector.isTransfer {
                    counts.transfers += 1
                    #expect(try vector.execute(post).stateRoot == post.root, "\(id)")
                }
            }
        }
        #expect(counts == (transfers, refusals))
    }
}

/// One upstream state test.
private struct StateVector {
    struct Post {
        let envelope: Bytes
        let root: Hash32
        let exception: String?
    }

    let posts: [Post]
    let isTransfer: Bool
    private let header: Header
    private let rules: ChainRules
    private let ledger: MemoryLedger

    init(_ json: Any) throws {
        let object = try #require(json as? [String: Any])
        let environment = try #require(object["env"] as? [String: String])
        let pre = try #require(object["pre"] as? [String: [String: Any]])
        let transaction = try #require(object["transaction"] as? [String: Any])
        let cases = try #require((object["post"] as? [String: [[String: Any]]])?["Osaka"])
        func text(_ name: String) throws -> String { try #require(environment[name]) }
        var chain = ChainRules(chainID: 1, pocFund: .zero, kirFund: .zero)
        chain.blockReward = 0
        rules = chain
        header = Header(
            beneficiary: try Address(hex: text("currentCoinbase")), number: 1,
            gasLimit: try UInt256(hex: text("currentGasLimit")).truncatedToUInt64, timestamp: 1, extraData: [],
            baseFeePerGas: try UInt256(hex: text("currentBaseFee")))
        let accounts = try pre.map { try StateVector.account($0.key, $0.value) }
        ledger = MemoryLedger(
            try Genesis(
                rules: chain, council: try SampleChain().genesis.council, timestampMilliseconds: 0,
                accounts: accounts))
        posts = try cases.map { post in
            let envelope = try #require(post["txbytes"] as? String)
            let root = try #require(post["hash"] as? String)
            return Post(
                envelope: try Bytes(hex: envelope), root: try Hash32(hex: root),
                exception: post["expectException"] as? String)
        }
        let to = try #require(transaction["to"] as? String)
        let recipient = to.isEmpty ? nil : try Address(hex: to)
        let isPlain = transaction["authorizationList"] == nil && transaction["blobVersionedHashes"] == nil
        isTransfer =
            isPlain
            && recipient.map { recipient in
                accounts.allSatisfy { $0.address != recipient || $0.code.isEmpty }
                    && UInt256(recipient).asUInt64.map { !(1...0x11).contains($0) && $0 != 0x100 } ?? true
            } ?? false
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

    func execute(_ post: Post) throws -> BlockOutcome {
        let block = Block(
            header: header, transactions: [try Transaction(envelope: post.envelope)],
            extension: BlockExtension(nextCouncilHash: .zero, accessListRoot: .zero, timestampMilliseconds: 1_000))
        return try Validation.execute(block, reading: ledger, under: rules)
    }

    /// The rule for which the transaction is refused; nil where it does not even decode.
    func refusal(of post: Post) throws -> BlockRule? {
        do {
            _ = try execute(post)
        } catch ValidationFailure<StateGap>.invalid(let fault) {
            return fault.rule
        } catch is TransactionError {
            return nil
        }
        Issue.record("accepted")
        return nil
    }

    /// The rules that an upstream reason may stand for. What needs the EVM is refused before any other reason.
    static func rules(for reason: String) -> Set<BlockRule> {
        var rules: Set<BlockRule> = [.transactionKind]
        for name in reason.split(separator: "|").map({ $0.drop { $0 != "." }.dropFirst() }) {
            switch name {
            case "INTRINSIC_GAS_TOO_LOW", "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST": rules.insert(.intrinsicGas)
            case "GAS_LIMIT_EXCEEDS_MAXIMUM": rules.insert(.transactionGasLimit)
            case "GAS_ALLOWANCE_EXCEEDED": rules.insert(.blockGas)
            case "INSUFFICIENT_MAX_FEE_PER_GAS", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS": rules.insert(.feeCap)
            case "INSUFFICIENT_ACCOUNT_FUNDS", "GASLIMIT_PRICE_PRODUCT_OVERFLOW": rules.insert(.balance)
            case "NONCE_IS_MAX": rules.insert(.nonce)
            case "INITCODE_SIZE_EXCEEDED": rules.insert(.initCode)
            case "TYPE_4_EMPTY_AUTHORIZATION_LIST": rules.insert(.authorizations)
            default: break
            }
        }
        return rules
    }
}
