public import Primitives

/// A contract written in Swift at a fixed address: called like any other, seen by clients as any other.
///
/// It reads and writes the state through the same journal as bytecode, pays gas by its own schedule, reverts by
/// throwing, and leaves logs. It must be a function of its call and the state alone.
public protocol NativeContract: Sendable {
    /// What a call with so many bytes of data costs before the contract sees it. It must grow with the data, which
    /// is copied for the contract.
    func price(ofInput byteCount: Int) -> Gas

    /// Answers one call, whose data is paid for. The value has been moved to the contract already; a thrown failure moves it back.
    ///
    /// - Returns: The return data.
    func run<State: StateReader>(
        _ call: NativeCall, in journal: inout Journal<State>, gas: inout GasMeter
    ) throws(NativeFailure<State.Failure>) -> Bytes
}

/// A call of a native contract.
public struct NativeCall: Hashable, Sendable {
    public var caller: Address
    /// The contract whose storage and balance are in use. With DELEGATECALL it is not where the code stands.
    public var address: Address
    public var value: UInt256
    public var input: Bytes
    /// No state may change (EIP-214).
    public var isStatic: Bool
    public var block: BlockEnvironment

    public init(
        caller: Address, address: Address, value: UInt256, input: Bytes, isStatic: Bool, block: BlockEnvironment
    ) {
        self.caller = caller
        self.address = address
        self.value = value
        self.input = input
        self.isStatic = isStatic
        self.block = block
    }
}

/// Why a native contract did not answer.
public enum NativeFailure<Unreadable: Error>: Error {
    /// Like REVERT, with this return data.
    case reverted(Bytes)
    /// Takes all gas.
    case halted(Halt)
    /// We could not read the state.
    case unreadable(Unreadable)
}

/// Gas that runs out.
public struct GasMeter: Hashable, Sendable {
    public private(set) var left: Gas

    public init(_ gas: Gas) {
        left = gas
    }

    /// Takes `gas`, or says no and leaves the meter as it was.
    public mutating func take(_ gas: Gas) -> Bool {
        guard gas <= left else { return false }
        left -= gas
        return true
    }
}

/// The native contracts of a chain by address.
public struct NativeContracts: Sendable {
    private let contracts: [Address: any NativeContract]
    /// From the lowest address to the highest.
    private let range: ClosedRange<Address>?

    public init(_ contracts: [Address: any NativeContract]) {
        self.contracts = contracts
        let addresses = contracts.keys.sorted()
        range = addresses.first.flatMap { first in addresses.last.map { first...$0 } }
    }

    public static let none = NativeContracts([:])

    public var isEmpty: Bool { contracts.isEmpty }

    /// The same without the one at `address`, where the account's own code runs then.
    public func without(_ address: Address) -> NativeContracts {
        var others = contracts
        others[address] = nil
        return NativeContracts(others)
    }

    /// In ascending order.
    public var addresses: [Address] { contracts.keys.sorted() }

    public subscript(address: Address) -> (any NativeContract)? {
        // Each CALL asks, and nearly always for an address elsewhere: comparing is cheaper than hashing.
        guard let range, range.contains(address) else { return nil }
        return contracts[address]
    }
}
