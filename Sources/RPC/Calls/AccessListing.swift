import Chain
import Crypto
import EVM
import Primitives
import Validation

/// Finds the access list that a call needs (EIP-2930): runs it with what it touched the last time, until it touches
/// nothing else. What it touches can depend on the gas it is charged, and so on the list.
struct AccessListing {
    let run: CallRun
    let gas: Gas
    let limits: RPCLimits

    struct Result {
        let accessList: [AccessListEntry]
        let result: CallResult
        /// Why the call failed in the end, if it did.
        let failure: RPCError?
    }

    func find() throws(RPCError) -> Result {
        let unlisted = Set(
            [run.request.from, recipient] + Precompiles.addresses(of: run.fork)
                + run.content.authorizations.compactMap { $0.recoverAuthority() })
        var known = Touched(run.content.accessList)
        for _ in 0..<limits.accessListRoundsMax {
            let attempt = CallRun(run, accessList: known.entries)
            if let obstacle = try attempt.obstacle(gas: gas) {
                throw .server("failed to apply transaction: \(obstacle.told(gas: gas))")
            }
            var tracer = AccessListTracer(after: run.content.accessList, leavingOut: unlisted)
            let result = try attempt.run(gas: gas, tracer: &tracer)
            if tracer.touched == known {
                let failure = result.outcome.succeeded ? nil : try attempt.failure(of: result, gas: gas)
                return Result(accessList: known.entries, result: result, failure: failure)
            }
            known = tracer.touched
        }
        throw .server("the access list does not settle in \(limits.accessListRoundsMax) runs")
    }

    /// Whom the call goes to; the new contract where it makes one.
    private var recipient: Address {
        run.content.to ?? createAddress(sender: run.request.from, nonce: run.content.nonce)
    }
}

/// Accounts and slots.
private struct Touched: Equatable {
    private var slots: [Address: Set<UInt256>] = [:]

    init(_ entries: [AccessListEntry]) {
        for entry in entries { slots[entry.address, default: []].formUnion(entry.storageKeys.map { UInt256($0) }) }
    }

    mutating func insert(_ address: Address) {
        if slots[address] == nil { slots[address] = [] }
    }

    mutating func insert(_ slot: UInt256, of address: Address) {
        slots[address, default: []].insert(slot)
    }

    /// In ascending order, so that one question has one answer.
    var entries: [AccessListEntry] {
        slots.sorted { $0.key < $1.key }.map { address, slots in
            AccessListEntry(address: address, storageKeys: slots.sorted().map(\.hash))
        }
    }
}

/// Writes down what opcodes access that would cost less had the transaction named it.
private struct AccessListTracer: Tracer {
    private(set) var touched: Touched
    /// Accessed from the start: not worth a place in the list.
    private let unlisted: Set<Address>

    init(after entries: [AccessListEntry], leavingOut unlisted: Set<Address>) {
        touched = Touched(entries)
        self.unlisted = unlisted
    }

    mutating func begin(_ call: TracedCall) {}

    mutating func step(_ step: borrowing TracedStep) {
        switch step.opcode {
        // SLOAD, SSTORE
        case 0x54, 0x55:
            if let slot = step.stackWord(0) { touched.insert(slot, of: step.address) }
        // BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT
        case 0x31, 0x3b, 0x3c, 0x3f, 0xff: insert(step.stackWord(0))
        // CALL, CALLCODE, DELEGATECALL, STATICCALL
        case 0xf1, 0xf2, 0xf4, 0xfa:
            if step.stackCount >= 5 { insert(step.stackWord(1)) }
        default: break
        }
    }

    mutating func end(_ result: TracedResult) {}

    private mutating func insert(_ word: UInt256?) {
        guard let address = word.map({ Address(lastBytesOf: $0.hash) }), !unlisted.contains(address) else { return }
        touched.insert(address)
    }
}
