import EVM
import Foundation
import FuzzCases
import Primitives

/// One case with our result, as another EVM's program reads it.
struct CaseRecord: Encodable {
    struct Resident: Encodable {
        let address, nonce, balance, code: String
        let storage: [String: String]
    }

    struct Log: Encodable {
        let address: String
        let topics: [String]
        let data: String
    }

    struct After: Encodable {
        let address, nonce, balance, codeHash: String
    }

    struct Cell: Encodable {
        let address, slot, word: String
    }

    let seed: UInt64
    let fork, prevRandao, caller, to, value, input: String
    let number, timestamp: UInt64
    let beneficiary: String
    let gas: UInt64
    let accounts: [Resident]
    let accessList: [String]
    /// Ours.
    let status: String
    let gasUsed: UInt64
    let refund: Int64
    let output: String
    let logs: [Log]
    let after: [After]
    let cells: [Cell]

    init(_ fuzzCase: FuzzCase, _ result: CaseResult) throws {
        guard let message = fuzzCase.messages.first, let outcome = result.messages.first,
            case .call(let target) = message.target
        else { throw CocoaError(.coderInvalidValue) }
        let block = fuzzCase.environment.block
        seed = fuzzCase.seed
        fork = block.fork.rawValue
        prevRandao = block.prevRandao.hex
        number = block.number
        timestamp = block.timestamp
        beneficiary = block.beneficiary.hex
        caller = message.caller.hex
        to = target.hex
        value = message.value.quantity
        input = message.input.hex
        gas = message.gas
        accessList = fuzzCase.accessList.map(\.hex)
        accounts = fuzzCase.residents.map { resident in
            Resident(
                address: resident.address.hex, nonce: resident.nonce.quantity, balance: resident.balance.quantity,
                code: resident.code.hex,
                storage: Dictionary(
                    resident.storage.map { ($0.slot.quantity, $0.word.quantity) }, uniquingKeysWith: { $1 }))
        }
        status =
            switch outcome.outcome.status {
            case .success: "success"
            case .reverted: "reverted"
            case .halted(let halt): "halted \(halt.rawValue)"
            }
        gasUsed = message.gas - min(message.gas, outcome.outcome.gasLeft)
        refund = outcome.refund
        output = outcome.output.hex
        logs = outcome.logs.map { Log(address: $0.address.hex, topics: $0.topics.map(\.hex), data: $0.data.hex) }
        after = outcome.accounts.map { change in
            let account = change.after ?? Account()
            return After(
                address: change.address.hex, nonce: account.nonce.quantity, balance: account.balance.quantity,
                codeHash: account.codeHash.hex)
        }
        cells = outcome.storage.map {
            Cell(address: $0.address.hex, slot: $0.slot.quantity, word: $0.after.quantity)
        }
    }

    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
