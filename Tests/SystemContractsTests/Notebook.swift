import Crypto
import EVM
import Primitives

@testable import SystemContracts

/// A state in memory that counts what is read, and can refuse to be.
struct PlainState: StateReader {
    struct Unreadable: Error, Equatable {}

    var accounts: [Address: Account] = [:]
    var words: [Address: [UInt256: UInt256]] = [:]
    var codes: [Hash32: Bytes] = [:]
    var isUnreadable = false

    func account(_ address: Address) throws(Unreadable) -> Account? {
        if isUnreadable { throw Unreadable() }
        return accounts[address]
    }

    func storage(_ address: Address, _ slot: UInt256) throws(Unreadable) -> UInt256 {
        if isUnreadable { throw Unreadable() }
        return words[address]?[slot] ?? 0
    }

    func code(_ hash: Hash32) throws(Unreadable) -> Bytes {
        guard let code = codes[hash] else { throw Unreadable() }
        return code
    }

    func hasStorage(_ address: Address) throws(Unreadable) -> Bool { words[address]?.isEmpty == false }
    func blockHash(_ number: Height) throws(Unreadable) -> Hash32 { .zero }

    mutating func put(_ address: Address, balance: UInt256 = 0, code: Bytes = []) {
        accounts[address] = Account(
            balance: balance, codeHash: code.isEmpty ? Account.emptyCodeHash : keccak256(code))
        codes[keccak256(code)] = code
    }
}

/// A contract that does whatever a contract can do, one thing a function.
struct Notebook: SystemContract {
    static let name = "Notebook"
    static let address = Address(lastBytesOf: keccak256([1]))
    static let events = [noted.declaration]

    static let noted = SystemEvent<Address, String, UInt256, Bytes>(
        "Noted", .indexed("author"), .indexed("title"), .plain("page"), .plain("text"))

    func functions<State: StateReader>() -> [SystemFunction<State>] {
        [
            .view("read", Parameter<UInt256>("slot"), returns: Parameter<UInt256>("word"), body: read),
            .nonpayable("write", Parameter<UInt256>("slot"), Parameter<[UInt256]>("words"), body: write),
            .view("writeInView", Parameter<UInt256>("slot")) { call, slot throws(NativeFailure<State.Failure>) in
                try call.setStorage(slot, to: 1)
            },
            .nonpayable("writeAndFail", Parameter<UInt256>("slot"), body: writeAndFail),
            .nonpayable(
                "note", Parameter<String>("title"), Parameter<UInt256>("page"), Parameter<Bytes>("text"), body: note),
            .payable("deposit", returns: Parameter<UInt256>("balance"), Parameter<Bool>("isFirst"), body: deposit),
            .nonpayable("pay", Parameter<Address>("recipient"), Parameter<UInt256>("amount"), body: pay),
        ]
    }

    private func read<State: StateReader>(
        _ call: inout SystemCall<State>, slot: UInt256
    ) throws(NativeFailure<State.Failure>) -> UInt256 {
        try call.storage(slot)
    }

    private func write<State: StateReader>(
        _ call: inout SystemCall<State>, slot: UInt256, words: [UInt256]
    ) throws(NativeFailure<State.Failure>) {
        for word in words { try call.setStorage(slot, to: word) }
    }

    private func writeAndFail<State: StateReader>(
        _ call: inout SystemCall<State>, slot: UInt256
    ) throws(NativeFailure<State.Failure>) {
        try call.setStorage(slot, to: 1)
        try call.emit(Notebook.noted, call.caller, "lost", 0, [])
        throw call.reverted("on purpose")
    }

    private func note<State: StateReader>(
        _ call: inout SystemCall<State>, title: String, page: UInt256, text: Bytes
    ) throws(NativeFailure<State.Failure>) {
        try call.emit(Notebook.noted, call.caller, title, page, text)
    }

    private func deposit<State: StateReader>(
        _ call: inout SystemCall<State>
    ) throws(NativeFailure<State.Failure>) -> (UInt256, Bool) {
        let balance = try call.balance(of: call.address)
        return (balance, balance == call.value)
    }

    private func pay<State: StateReader>(
        _ call: inout SystemCall<State>, recipient: Address, amount: UInt256
    ) throws(NativeFailure<State.Failure>) {
        try call.transfer(amount, to: recipient)
    }

    static let natives = NativeContracts([address: DeployedContract(Notebook())])
    static let someone = Address(Bytes(repeating: 0xaa, count: 20))

    /// The data of a call.
    static func data(_ signature: String, _ values: [ABIValue] = []) -> Bytes {
        abiSelector(of: signature).selectorBytes + ABIValue.encode(values)
    }
}

extension BlockEnvironment {
    static let sample = BlockEnvironment(
        chainID: 1, number: 7, timestamp: 1_700_000_000, beneficiary: .zero, gasLimit: 60_000_000,
        baseFeePerGas: 1, prevRandao: .zero)
}

/// How a call ended, with what it cost.
struct Ending: Equatable {
    var status: Outcome.Status
    var gasUsed: Gas
    var output: Bytes
}

extension Journal<PlainState> {
    /// Calls a contract as an outermost call.
    mutating func call(
        _ target: Address, _ data: Bytes, from caller: Address = Notebook.someone, value: UInt256 = 0,
        gas: Gas = 1_000_000, isStatic: Bool = false, natives: NativeContracts = Notebook.natives
    ) throws -> Ending {
        let machine = Machine()
        let outcome = try run(
            Message(
                caller: caller, target: .call(target), value: value, input: data, gas: gas, isStatic: isStatic),
            in: Environment(block: .sample, origin: caller, natives: natives), on: machine)
        return Ending(status: outcome.status, gasUsed: gas - outcome.gasLeft, output: machine.output)
    }
}
