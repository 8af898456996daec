import EVM
import Primitives

/// A native contract as it is written: its functions, each with its body, and its events. The rest follows.
protocol SystemContract: Sendable {
    /// As clients see it: an identifier.
    static var name: String { get }
    static var address: Address { get }
    static var events: [ABIEvent] { get }

    /// The functions, for whatever state they are to run on. The same ones in the same order at every call.
    func functions<State: StateReader>() -> [SystemFunction<State>]
}

/// A system contract on the EVM's hook: finds the function by the selector, and carries journal and gas to it.
struct DeployedContract<Contract: SystemContract>: NativeContract {
    let interface: ContractInterface
    private let contract: Contract
    /// In ascending order of selector, with the function's place.
    private let entries: [(selector: UInt32, position: Int)]

    init(_ contract: Contract) {
        self.contract = contract
        let functions = (contract.functions() as [SystemFunction<NoState>]).map { $0.declaration() }
        interface = ContractInterface(
            name: Contract.name, address: Contract.address, functions: functions, events: Contract.events)
        entries = functions.enumerated().map { (selector: $0.element.selector, position: $0.offset) }
            .sorted { $0.selector < $1.selector }
    }

    func price(ofInput byteCount: Int) -> Gas {
        SystemGas.dispatch + SystemGas.words(byteCount)
    }

    func run<State: StateReader>(
        _ call: NativeCall, in journal: inout Journal<State>, gas: inout GasMeter
    ) throws(NativeFailure<State.Failure>) -> Bytes {
        // The call owns the journal while it runs, and gives it back however it ends.
        var system = SystemCall(call, of: Contract.name, journal: journal, gas: gas)
        do throws(NativeFailure<State.Failure>) {
            let output = try answer(call.input, in: &system)
            gas = system.gas
            journal = system.journal
            return output
        } catch {
            gas = system.gas
            journal = system.journal
            throw error
        }
    }

    private func answer<State: StateReader>(
        _ input: Bytes, in call: inout SystemCall<State>
    ) throws(NativeFailure<State.Failure>) -> Bytes {
        // By DELEGATECALL or CALLCODE it would run on the storage and the balance of its caller.
        try call.require(call.address == Contract.address, "it must be called at its own address")
        guard let selector = UInt32(selectorOf: input) else { throw call.reverted("the call names no function") }
        guard let position = position(of: selector) else {
            throw call.reverted("it has no function \(selector.selectorBytes.hex)")
        }
        let output = try contract.functions()[position].answer(&call, input[4...])
        try call.charge(SystemGas.words(output.count))
        return output
    }

    private func position(of selector: UInt32) -> Int? {
        var range = entries.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if entries[middle].selector == selector { return entries[middle].position }
            range =
                entries[middle].selector < selector ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}

/// The state of functions that are only listed. There is none.
private enum NoState: StateReader {
    func account(_ address: Address) throws(Never) -> Account? { switch self {} }
    func storage(_ address: Address, _ slot: UInt256) throws(Never) -> UInt256 { switch self {} }
    func code(_ hash: Hash32) throws(Never) -> Bytes { switch self {} }
    func hasStorage(_ address: Address) throws(Never) -> Bool { switch self {} }
    func blockHash(_ number: Height) throws(Never) -> Hash32 { switch self {} }
}
