import Crypto
public import EVM
import Fixtures
public import Primitives

/// A small world and a few messages to it, all drawn from one seed.
public struct FuzzCase: Sendable {
    /// An account before the first message.
    public struct Resident: Sendable {
        public let address: Address
        public let nonce: UInt64
        public let balance: UInt256
        public let code: Bytes
        public let storage: [(slot: UInt256, word: UInt256)]
    }

    /// Whom the case is for.
    public enum Purpose: Sendable {
        /// Everything that the machine has.
        case ours
        /// What others' EVMs can be asked in the same way: one message at the rules of one fork.
        case comparison(Fork)
    }

    /// The block that all cases run in.
    public static let blockNumber: Height = 1_000
    public static let sender = Address(Bytes(repeating: 0x11, count: 20))
    public static let beneficiary = Address(Bytes(repeating: 0xcb, count: 20))

    public let seed: UInt64
    public let residents: [Resident]
    public let environment: Environment
    /// Accounts that count as accessed before each message (EIP-2930): those with storage, as pyrevm cannot be given
    /// storage otherwise.
    public var accessList: [Address] { residents.filter { !$0.storage.isEmpty }.map(\.address) }
    /// Run one after another as transactions of one block.
    public let messages: [Message]

    /// - Parameter gasMax: The most gas that a message may have, where whoever runs it is slow.
    public init(seed: UInt64, purpose: Purpose = .ours, gasMax: Gas = .max) {
        var drawing = CaseDrawing(seed: seed, purpose: purpose, gasMax: gasMax)
        self = drawing.draw()
    }

    init(seed: UInt64, residents: [Resident], environment: Environment, messages: [Message]) {
        self.seed = seed
        self.residents = residents
        self.environment = environment
        self.messages = messages
    }
}

/// The world of a case before its first message.
public struct FuzzState: StateReader, Sendable {
    private let accounts: [Address: Account]
    private let cells: [Address: [UInt256: UInt256]]
    private let codes: [Hash32: Bytes]

    public init(_ residents: [FuzzCase.Resident]) {
        var accounts: [Address: Account] = [:]
        var cells: [Address: [UInt256: UInt256]] = [:]
        var codes: [Hash32: Bytes] = [:]
        for resident in residents {
            let hash = resident.code.isEmpty ? Account.emptyCodeHash : keccak256(resident.code)
            accounts[resident.address] = Account(nonce: resident.nonce, balance: resident.balance, codeHash: hash)
            codes[hash] = resident.code
            for (slot, word) in resident.storage { cells[resident.address, default: [:]][slot] = word }
        }
        self.accounts = accounts
        self.cells = cells
        self.codes = codes
    }

    public func account(_ address: Address) throws(Never) -> Account? { accounts[address] }

    public func storage(_ address: Address, _ slot: UInt256) throws(Never) -> UInt256 {
        cells[address]?[slot] ?? 0
    }

    public func code(_ hash: Hash32) throws(Never) -> Bytes {
        guard let code = codes[hash] else { preconditionFailure("only hashes that an account names are asked for") }
        return code
    }

    public func hasStorage(_ address: Address) throws(Never) -> Bool { cells[address] != nil }

    public func blockHash(_ number: Height) throws(Never) -> Hash32 {
        precondition(number < FuzzCase.blockNumber && number + 256 >= FuzzCase.blockNumber, "one of the last 256")
        // As revm has it where it is given no chain.
        return keccak256(Bytes(String(number).utf8))
    }
}
