import Chain
import Crypto
import EVM
import Primitives
import Testing

@testable import SystemContracts

struct `The rewards contract` {
    static let proposer = Address(Bytes(repeating: 0x01, count: 20))
    static let poc = Address(Bytes(repeating: 0x54, count: 20))
    static let kir = Address(Bytes(repeating: 0x12, count: 20))

    private func rules(reward: UInt256 = 9_600_000_000_000_000_000, _ split: RewardSplit = .init()) -> ChainRules {
        ChainRules(chainID: 1, blockReward: reward, rewardSplit: split, pocFund: Self.poc, kirFund: Self.kir)
    }

    /// Ends a block as the chain does.
    private func distribute(under rules: ChainRules, gas: Gas? = nil) throws -> (Ending, TransactionEffects) {
        var journal = Journal(PlainState())
        var message = Rewards.distribution(to: Self.proposer)
        if let gas { message.gas = gas }
        let machine = Machine()
        let environment = Environment(
            block: .sample, origin: message.caller, natives: SystemContracts.contracts(under: rules))
        let outcome = try journal.run(message, in: environment, on: machine)
        let ending = Ending(
            status: outcome.status, gasUsed: message.gas - outcome.gasLeft, output: machine.output)
        return (ending, journal.closeTransaction())
    }

    private func view(_ signature: String, _ values: [ABIValue] = [], under rules: ChainRules) throws -> Ending {
        var journal = Journal(PlainState())
        return try journal.call(
            SystemAddress.rewards, Notebook.data(signature, values), isStatic: true,
            natives: SystemContracts.contracts(under: rules))
    }

    @Test(arguments: UInt64(0)...100)
    func `gives out the whole reward, whatever the split, and no fund more than its hundredths`(poc: UInt64) throws {
        for reward in [0, 1, 99, 100, 101, 9_600_000_000_000_000_000, .max] as [UInt256] {
            for kir in stride(from: 0, through: 100 - poc, by: 7) {
                let rules = rules(reward: reward, RewardSplit(proposer: 100 - poc - kir, poc: poc, kir: kir))
                let (ending, effects) = try distribute(under: rules)
                #expect(ending.status == .success)
                var balances: [Address: UInt256] = [:]
                for change in effects.accounts { balances[change.address] = change.after?.balance ?? 0 }
                let (toProposer, toPoC, toKIR) = (
                    balances[Self.proposer] ?? 0, balances[Self.poc] ?? 0, balances[Self.kir] ?? 0
                )
                #expect(toProposer + toPoC + toKIR == reward)
                let (quotient, remainder) = reward.quotientAndRemainder(dividingBy: 100)
                #expect(toPoC == quotient * UInt256(poc) + remainder * UInt256(poc) / 100)
                #expect(toKIR == quotient * UInt256(kir) + remainder * UInt256(kir) / 100)
                // Who gets nothing is not even touched.
                #expect((balances[Self.poc] == nil) == toPoC.isZero)
                #expect((balances[Self.kir] == nil) == toKIR.isZero)
                #expect(effects.storage.isEmpty)
            }
        }
    }

    @Test
    func `says in an event who got what, and pays for all it does`() throws {
        let (ending, effects) = try distribute(under: rules())
        let data = ABIValue.encode([
            .uint(3_264_000_000_000_000_000), .uint(5_184_000_000_000_000_000), .uint(1_152_000_000_000_000_000),
        ])
        #expect(
            effects.logs == [
                LogRecord(
                    address: SystemAddress.rewards,
                    topics: [
                        keccak256(Bytes("Distributed(address,uint256,uint256,uint256)".utf8)),
                        UInt256(Self.proposer).hash,
                    ], data: data)
            ])
        #expect(
            ending.gasUsed == 500 + 2 * 12 + 3 * (2_600 + 9_000 + 25_000) + 375 + 2 * 375 + 8 * 96)
        #expect(ending.output.isEmpty)
    }

    @Test
    func `pays nobody if the gas does not reach for all`() throws {
        let (ending, effects) = try distribute(under: rules(), gas: 100_000)
        #expect(ending == Ending(status: .halted(.outOfGas), gasUsed: 100_000, output: []))
        #expect(effects.logs.isEmpty)
        #expect(effects.accounts.allSatisfy { $0.before == $0.after })
    }

    @Test
    func `pays a proposer that is a fund both its shares`() throws {
        var rules = rules()
        rules.pocFund = Self.proposer
        let (_, effects) = try distribute(under: rules)
        #expect(
            effects.accounts.first { $0.address == Self.proposer }?.after?.balance == 8_448_000_000_000_000_000)
    }

    @Test(arguments: [Self.proposer, .zero, SystemAddress.rewards])
    func `distributes for nobody but the chain`(caller: Address) throws {
        var journal = Journal(PlainState())
        let ending = try journal.call(
            SystemAddress.rewards, Rewards.distribution(to: Self.proposer).input, from: caller,
            natives: SystemContracts.contracts(under: rules()))
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .error("Rewards: only the chain itself distributes"))
        _ = journal.closeTransaction()
        #expect(journal.changes().isEmpty)
    }

    @Test
    func `tells anybody the rules`() throws {
        let rules = rules(reward: 999, RewardSplit(proposer: 30, poc: 50, kir: 20))
        #expect(try view("blockReward()", under: rules).output == ABIValue.encode([.uint(999)]))
        #expect(try view("split()", under: rules).output == ABIValue.encode([.uint(30), .uint(50), .uint(20)]))
        #expect(try view("shares()", under: rules).output == ABIValue.encode([.uint(301), .uint(499), .uint(199)]))
        #expect(
            try view("funds()", under: rules).output == ABIValue.encode([.address(Self.poc), .address(Self.kir)]))
        #expect(try view("minted(uint64)", [.uint(1_000)], under: rules).output == ABIValue.encode([.uint(999_000)]))
    }

    @Test
    func `panics rather than tell a sum that no word can hold`() throws {
        let ending = try view("minted(uint64)", [.uint(2)], under: rules(reward: .max))
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .panic(0x11))
    }
}

struct `The registry` {
    let rules = ChainRules(chainID: 1, pocFund: .zero, kirFund: .zero)

    @Test
    func `has a contract at each native address, in the documented range, and nowhere else`() {
        let natives = SystemContracts.contracts(under: rules)
        #expect(natives.addresses == SystemAddress.natives)
        #expect(SystemContracts.interfaces(under: rules).map(\.address) == SystemAddress.natives)
        for address in natives.addresses {
            #expect((0x400...0x4ff).contains(UInt256(address)))
            #expect(natives[address] != nil)
        }
        for other in [Address.zero, SystemAddress.caller, Address(truncating: 0x4ff)] {
            #expect(natives[other] == nil)
        }
        #expect(NativeContracts.none.isEmpty)
        #expect(NativeContracts.none[SystemAddress.rewards] == nil)
    }

    @Test
    func `describes a contract in the JSON that solc writes`() {
        let interface = SystemContracts.interfaces(under: rules)[0]
        #expect(interface.name == "Rewards")
        #expect(
            interface.json == """
                [{"type":"function","name":"distribute","inputs":[{"name":"proposer","type":"address"}],\
                "outputs":[],"stateMutability":"nonpayable"},\
                {"type":"function","name":"blockReward","inputs":[],\
                "outputs":[{"name":"peb","type":"uint256"}],"stateMutability":"view"},\
                {"type":"function","name":"split","inputs":[],\
                "outputs":[{"name":"proposer","type":"uint64"},{"name":"poc","type":"uint64"},\
                {"name":"kir","type":"uint64"}],"stateMutability":"view"},\
                {"type":"function","name":"shares","inputs":[],\
                "outputs":[{"name":"proposer","type":"uint256"},{"name":"poc","type":"uint256"},\
                {"name":"kir","type":"uint256"}],"stateMutability":"view"},\
                {"type":"function","name":"funds","inputs":[],\
                "outputs":[{"name":"poc","type":"address"},{"name":"kir","type":"address"}],\
                "stateMutability":"view"},\
                {"type":"function","name":"minted","inputs":[{"name":"height","type":"uint64"}],\
                "outputs":[{"name":"peb","type":"uint256"}],"stateMutability":"view"},\
                {"type":"event","name":"Distributed","inputs":[\
                {"name":"proposer","type":"address","indexed":true},\
                {"name":"toProposer","type":"uint256","indexed":false},\
                {"name":"toPoC","type":"uint256","indexed":false},\
                {"name":"toKIR","type":"uint256","indexed":false}],"anonymous":false}]
                """)
    }

    @Test
    func `names the components of a tuple, within arrays too`() {
        let member = ABIType.tuple([ABIParameter("key", .bytes32), ABIParameter("weight", .uint64)])
        let interface = ContractInterface(
            name: "Example", address: .zero,
            functions: [
                ABIFunction(
                    "members", inputs: [],
                    outputs: [ABIParameter("", .fixedArray(of: .array(of: member), count: 2))], mutability: .payable)
            ], events: [])
        #expect(
            interface.json == """
                [{"type":"function","name":"members","inputs":[],"outputs":[{"name":"","type":"tuple[][2]",\
                "components":[{"name":"key","type":"bytes32"},{"name":"weight","type":"uint64"}]}],\
                "stateMutability":"payable"}]
                """)
    }
}
