import Crypto
import EVM
import Primitives

/// A state written down in a test.
struct TableState: StateReader {
    private var accounts: [Address: Account] = [:]
    private var slots: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash32: Bytes] = [:]

    mutating func set(
        _ address: Address, nonce: UInt64 = 0, balance: UInt256 = 0, code: Bytes = [], storage: [UInt256: UInt256] = [:]
    ) {
        let hash = code.isEmpty ? Account.emptyCodeHash : keccak256(code)
        accounts[address] = Account(nonce: nonce, balance: balance, codeHash: hash)
        codes[hash] = code
        slots[address] = storage
    }

    func account(_ address: Address) throws(Never) -> Account? { accounts[address] }

    func storage(_ address: Address, _ slot: UInt256) throws(Never) -> UInt256 { slots[address]?[slot] ?? 0 }

    func code(_ hash: Hash32) throws(Never) -> Bytes { codes[hash] ?? [] }

    func hasStorage(_ address: Address) throws(Never) -> Bool {
        slots[address]?.values.contains { !$0.isZero } ?? false
    }

    func blockHash(_ number: Height) throws(Never) -> Hash32 { keccak256(Bytes(String(number).utf8)) }
}

extension Address {
    /// The address that ends with `number`.
    static func numbered(_ number: UInt64) -> Address {
        Address(UInt256(number).bigEndianBytes.suffix(20))
    }
}

extension BlockEnvironment {
    static func sample(_ fork: Fork = .osaka) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: 1, number: 1000, timestamp: 1_700_000_000, beneficiary: .numbered(0xc0),
            gasLimit: 30_000_000, baseFeePerGas: 7, prevRandao: Hash32(1, 2, 3, 4))
    }
}
