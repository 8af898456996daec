import Primitives
import Testing

@testable import EVM

@Suite
struct `A program ends as the executable specification says` {
    @Test(arguments: storageCases)
    func `with storage`(program: MachineCase) throws { try program.check() }

    @Test(arguments: callsCases)
    func `with calls`(program: MachineCase) throws { try program.check() }

    @Test(arguments: memoryCases)
    func `with memory and copies`(program: MachineCase) throws { try program.check() }

    @Test(arguments: accountsCases)
    func `with accounts and blocks`(program: MachineCase) throws { try program.check() }

    @Test(arguments: creationCases)
    func `with creations`(program: MachineCase) throws { try program.check() }

    @Test(arguments: destructionCases)
    func `with SELFDESTRUCT`(program: MachineCase) throws { try program.check() }

    @Test(arguments: delegationCases)
    func `with delegated accounts`(program: MachineCase) throws { try program.check() }

    @Test(arguments: flowCases)
    func `with jumps, stack and arithmetic`(program: MachineCase) throws { try program.check() }
}

/// A program and how it ends.
///
/// The figures are those of the executable specification: PyPI's `ethereum-execution` 2.20.0 ran the same programs
/// in the same state by `process_message_call` of its Osaka rules, and what it answered was written down here.
///
/// The state: 0xee calls 0xaa, which has this program, 1000 peb, and 1 and 2 in the slots of that number. 0xbb has
/// the second program and 500 peb, 0xcc the third and nothing. 0xde has no code and 5 peb. These have delegated
/// (EIP-7702): 0xd7 to 0xbb, 0xd8 to 0xdd which is not there, 0xd9 to a precompile, 0xda to 0xd7, 0xdb to itself.
struct MachineCase: Sendable, CustomTestStringConvertible {
    enum End {
        case success
        case reverted
        /// Which of several reasons comes first is nobody's affair.
        case halted
    }

    let name: String
    var program: String
    var callee = ""
    var third = ""
    var gas: Gas = 1_000_000
    var value: UInt64 = 0
    var input = "0x"
    var end = End.success
    var gasUsed: Gas
    var refund: Int64 = 0
    /// In words; in bytes after `#`.
    var output = ""
    /// All that is not as before, by address and what it is of it.
    var changes = ""

    var testDescription: String { name }

    init(
        _ name: String, program: String, callee: String = "", third: String = "", gas: Gas = 1_000_000,
        value: UInt64 = 0, input: String = "0x", end: End = .success, gasUsed: Gas, refund: Int64 = 0,
        output: String = "", changes: String = ""
    ) {
        self.name = name
        self.program = program
        self.callee = callee
        self.third = third
        self.gas = gas
        self.value = value
        self.input = input
        self.end = end
        self.gasUsed = gasUsed
        self.refund = refund
        self.output = output
        self.changes = changes
    }

    private static let contract = Address.numbered(0xaa)
    private static let caller = Address.numbered(0xee)

    func check() throws {
        let state = try state()
        var journal = Journal(state)
        // As the runner of a transaction does.
        journal.warm(Self.caller)
        journal.warm(BlockEnvironment.sample().beneficiary)
        let machine = Machine()
        let message = Message(
            caller: Self.caller, target: .call(Self.contract), value: UInt256(value), input: try Bytes(hex: input),
            gas: gas)
        let environment = Environment(block: .sample(), origin: Self.caller, gasPrice: 10)
        let outcome = journal.run(message, in: environment, on: machine)
        switch (outcome.status, end) {
        case (.success, .success), (.reverted, .reverted), (.halted, .halted): break
        default: Issue.record("\(name): ended with \(outcome.status), expected \(end)")
        }
        #expect(gas - outcome.gasLeft == gasUsed, "\(name): gas used")
        #expect(journal.refund == refund, "\(name): refund")
        #expect(Self.words(machine.output) == Self.onOneLine(output), "\(name): output")
        _ = journal.closeTransaction()
        #expect(Self.text(journal.changes()) == Self.onOneLine(changes), "\(name): changes")
    }

    private func state() throws -> TableState {
        var state = TableState()
        state.set(Self.caller, nonce: 1, balance: 1_000_000_000_000_000_000)
        state.set(Self.contract, nonce: 1, balance: 1000, code: try assemble(program), storage: [1: 1, 2: 2])
        state.set(.numbered(0xbb), nonce: 1, balance: 500, code: try assemble(callee))
        state.set(.numbered(0xcc), nonce: 1, code: try assemble(third))
        state.set(.numbered(0xde), balance: 5)
        for (account, delegate) in [(0xd7, 0xbb), (0xd8, 0xdd), (0xd9, 4), (0xda, 0xd7), (0xdb, 0xdb)]
            as [(UInt64, UInt64)]
        {
            let designator = [0xef, 0x01, 0x00] + Address.numbered(delegate).bytes
            state.set(.numbered(account), nonce: 1, balance: 1, code: designator)
        }
        return state
    }

    private static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func words(_ bytes: Bytes) -> String {
        guard bytes.count % 32 == 0 else { return "#" + bytes.hex.dropFirst(2) }
        return stride(from: 0, to: bytes.count, by: 32).map { start in
            UInt256(bigEndian: bytes[start..<start + 32]).quantity
        }.joined(separator: " ")
    }

    private static func text(_ changes: StateChanges) -> String {
        var parts: [(address: Address, text: String)] = []
        for change in changes.accounts {
            let name = name(change.address)
            guard let after = change.after else {
                parts.append((change.address, "\(name) is gone"))
                continue
            }
            let before = change.before ?? Account()
            if before.nonce != after.nonce { parts.append((change.address, "\(name).nonce=\(after.nonce)")) }
            if before.balance != after.balance { parts.append((change.address, "\(name).balance=\(after.balance)")) }
            if before.codeHash != after.codeHash {
                let code = changes.code.first { $0.hash == after.codeHash }?.code ?? []
                parts.append((change.address, "\(name).code=\(code.count > 24 ? "\(code.count) bytes" : code.digits)"))
            }
        }
        for change in changes.storage {
            parts.append((change.address, "\(name(change.address))[\(change.slot)]=\(change.after.quantity)"))
        }
        // Stable: what there is of one address keeps its order.
        return parts.enumerated().sorted { ($0.element.address, $0.offset) < ($1.element.address, $1.offset) }
            .map(\.element.text).joined(separator: " ")
    }

    private static func name(_ address: Address) -> String {
        String(address.bytes.digits.drop { $0 == "0" })
    }
}

extension Bytes {
    fileprivate var digits: String { String(hex.dropFirst(2)) }
}
