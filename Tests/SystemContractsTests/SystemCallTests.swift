import Crypto
import EVM
import Primitives
import Testing

@testable import SystemContracts

struct `A native contract` {
    let someone = Notebook.someone
    let contract = Notebook.address

    /// What is paid before and after the body: the dispatch, the words that come and go.
    private func frame(_ data: Bytes, output: Int = 0) -> Gas {
        500 + 12 * Gas((data.count + 31) / 32) + 12 * Gas(output)
    }

    private func write(_ slot: UInt256, _ words: [UInt256]) -> Bytes {
        Notebook.data("write(uint256,uint256[])", [.uint(slot), .array(words.map { .uint($0) })])
    }

    @Test
    func `reads storage at the price of SLOAD, cold and warm`() throws {
        var state = PlainState()
        state.words[contract] = [5: 77]
        var journal = Journal(state)
        let data = Notebook.data("read(uint256)", [.uint(5)])
        let expected = ABIValue.encode([.uint(77)])
        #expect(
            try journal.call(contract, data)
                == Ending(status: .success, gasUsed: frame(data, output: 1) + 2_100, output: expected))
        #expect(
            try journal.call(contract, data)
                == Ending(status: .success, gasUsed: frame(data, output: 1) + 100, output: expected))
        _ = journal.closeTransaction()
        #expect(try journal.call(contract, data, isStatic: true).gasUsed == frame(data, output: 1) + 2_100)
    }

    /// EIP-3529's table for SSTORE on a warm slot: its word at the start of the transaction, the words written, the
    /// gas without that of the pushes, the refund. Here the slot is cold at first.
    @Test(
        arguments: [
            (0, [0, 0], 200, 0), (0, [0, 1], 20_100, 0), (0, [1, 0], 20_100, 19_900), (0, [1, 2], 20_100, 0),
            (0, [1, 1], 20_100, 0), (1, [0, 0], 3_000, 4_800), (1, [0, 1], 3_000, 2_800), (1, [0, 2], 3_000, 0),
            (1, [2, 0], 3_000, 4_800), (1, [2, 3], 3_000, 0), (1, [2, 1], 3_000, 2_800), (1, [2, 2], 3_000, 0),
            (1, [1, 0], 3_000, 4_800), (1, [1, 2], 3_000, 0), (1, [1, 1], 200, 0), (0, [1, 0, 1], 40_100, 19_900),
            (1, [0, 1, 0], 5_900, 7_600),
        ] as [(UInt64, [UInt64], Gas, Int64)])
    func `writes storage at the price of SSTORE`(start: UInt64, words: [UInt64], gas: Gas, refund: Int64) throws {
        var state = PlainState()
        state.words[contract] = [5: UInt256(start)]
        var journal = Journal(state)
        let data = write(5, words.map { UInt256($0) })
        let ending = try journal.call(contract, data)
        #expect(ending.status == .success)
        #expect(ending.gasUsed == frame(data) + 2_100 + gas)
        #expect(journal.refund == refund)
        let effects = journal.closeTransaction()
        #expect(effects.storage.map(\.after) == [UInt256(words[words.count - 1])])
    }

    @Test
    func `writes nothing with no more gas left than the stipend of a call`() throws {
        var journal = Journal(PlainState())
        let data = write(5, [0])
        let ending = try journal.call(contract, data, gas: frame(data) + 2_300)
        #expect(ending == Ending(status: .halted(.outOfGas), gasUsed: frame(data) + 2_300, output: []))
        #expect(try journal.call(contract, data, gas: frame(data) + 2_301).status == .success)
    }

    @Test(arguments: [
        "read(uint256)", "write(uint256,uint256[])", "note(string,uint256,bytes)", "pay(address,uint256)",
    ])
    func `takes all gas and leaves no trace where one unit is missing`(signature: String) throws {
        let values: [String: [ABIValue]] = [
            "read(uint256)": [.uint(1)], "write(uint256,uint256[])": [.uint(1), .array([.uint(1)])],
            "note(string,uint256,bytes)": [.string("t"), .uint(1), .bytes([1])],
            "pay(address,uint256)": [.address(someone), .uint(1)],
        ]
        var state = PlainState()
        state.put(contract, balance: 5)
        state.put(someone, balance: 5)
        let data = Notebook.data(signature, try #require(values[signature]))
        var journal = Journal(state)
        let needed = try journal.call(contract, data).gasUsed
        // Each amount below what it needs, in steps that are coprime to every price.
        for gas in stride(from: needed - 1, through: 0, by: -617) {
            journal.reset()
            let ending = try journal.call(contract, data, gas: gas)
            #expect(ending == Ending(status: .halted(.outOfGas), gasUsed: gas, output: []))
            let effects = journal.closeTransaction()
            #expect(effects.logs.isEmpty)
            #expect(journal.changes().isEmpty)
            if gas < 617 { break }
        }
    }

    @Test
    func `that reverts gives back the state, the value and the rest of the gas`() throws {
        var state = PlainState()
        state.put(someone, balance: 100)
        var journal = Journal(state)
        let data = Notebook.data("writeAndFail(uint256)", [.uint(5)])
        let ending = try journal.call(contract, data)
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .error("Notebook: on purpose"))
        // One log with three topics and three words of data.
        #expect(ending.gasUsed == frame(data) + 2_100 + 20_000 + 375 + 3 * 375 + 8 * 96)
        let paid = try journal.call(contract, Notebook.data("nothing()"), value: 3)
        #expect(paid.status == .reverted)
        let effects = journal.closeTransaction()
        #expect(effects.logs.isEmpty)
        #expect(journal.changes().isEmpty)
    }

    @Test(
        arguments: [
            ("write(uint256,uint256[])", [.uint(5), .array([.uint(1)])]),
            ("note(string,uint256,bytes)", [.string("t"), .uint(1), .bytes([])]),
            ("pay(address,uint256)", [.address(Notebook.someone), .uint(1)]),
            ("pay(address,uint256)", [.address(Notebook.someone), .uint(0)]),
        ] as [(String, [ABIValue])])
    func `changes nothing in a static call`(signature: String, values: [ABIValue]) throws {
        var state = PlainState()
        state.put(contract, balance: 5)
        var journal = Journal(state)
        let ending = try journal.call(contract, Notebook.data(signature, values), isStatic: true)
        #expect(ending == Ending(status: .halted(.staticViolation), gasUsed: 1_000_000, output: []))
        #expect(journal.closeTransaction().logs.isEmpty)
        #expect(journal.changes().isEmpty)
    }

    @Test
    func `changes nothing in a view, whoever calls it`() throws {
        var journal = Journal(PlainState())
        let ending = try journal.call(contract, Notebook.data("writeInView(uint256)", [.uint(5)]))
        #expect(ending.status == .halted(.staticViolation))
        _ = journal.closeTransaction()
        #expect(journal.changes().isEmpty)
    }

    @Test
    func `leaves its events as logs of the transaction`() throws {
        var journal = Journal(PlainState())
        let data = Notebook.data("note(string,uint256,bytes)", [.string("fire"), .uint(9), .bytes([1, 2, 3])])
        let ending = try journal.call(contract, data)
        let body = ABIValue.encode([.uint(9), .bytes([1, 2, 3])])
        #expect(ending.gasUsed == frame(data) + 375 + 3 * 375 + 8 * Gas(body.count))
        let topics = [
            keccak256(Bytes("Noted(address,string,uint256,bytes)".utf8)), UInt256(someone).hash,
            keccak256(Bytes("fire".utf8)),
        ]
        #expect(
            journal.closeTransaction().logs == [LogRecord(address: contract, topics: topics, data: body)])
    }

    @Test
    func `takes value where a function is payable, and nowhere else`() throws {
        var state = PlainState()
        state.put(someone, balance: 100)
        var journal = Journal(state)
        let deposit = Notebook.data("deposit()")
        let first = try journal.call(contract, deposit, value: 30)
        #expect(first.output == ABIValue.encode([.uint(30), .bool(true)]))
        #expect(first.gasUsed == frame(deposit, output: 2) + 100)
        let second = try journal.call(contract, deposit, value: 12)
        #expect(second.output == ABIValue.encode([.uint(42), .bool(false)]))
        for data in [Notebook.data("read(uint256)", [.uint(1)]), write(1, [])] {
            let refused = try journal.call(contract, data, value: 1)
            #expect(refused.status == .reverted)
            let name = data == write(1, []) ? "write" : "read"
            #expect(RevertReason(refused.output) == .error("Notebook: \(name) takes no value"))
        }
        #expect(try journal.account(contract)?.balance == 42)
        #expect(try journal.account(someone)?.balance == 58)
    }

    @Test
    func `pays what it has, at the price of a call with value`() throws {
        var state = PlainState()
        state.put(contract, balance: 50)
        state.put(someone, balance: 1)
        let stranger = Address(Bytes(repeating: 0xbb, count: 20))
        var journal = Journal(state)
        func pay(_ recipient: Address, _ amount: UInt256) -> Bytes {
            Notebook.data("pay(address,uint256)", [.address(recipient), .uint(amount)])
        }
        let base = frame(pay(stranger, 1))
        #expect(try journal.call(contract, pay(stranger, 0)).gasUsed == base + 2_600)
        #expect(try journal.call(contract, pay(stranger, 7)).gasUsed == base + 100 + 9_000 + 25_000)
        #expect(try journal.call(contract, pay(stranger, 1)).gasUsed == base + 100 + 9_000)
        #expect(try journal.call(contract, pay(someone, 1)).gasUsed == base + 2_600 + 9_000)
        #expect(try journal.call(contract, pay(contract, 2)).gasUsed == base + 100 + 9_000)
        let tooMuch = try journal.call(contract, pay(stranger, 42))
        #expect(tooMuch.status == .reverted)
        #expect(RevertReason(tooMuch.output) == .error("Notebook: it has 41 peb, and should give 42"))
        #expect(try journal.account(contract)?.balance == 41)
        #expect(try journal.account(stranger)?.balance == 8)
        #expect(try journal.account(someone)?.balance == 2)
    }

    @Test
    func `reverts with a reason where a call names no function of it, or its data is not the arguments`() throws {
        var journal = Journal(PlainState())
        let stray = Notebook.data("read(uint256)") + [1]
        let calls: [(Bytes, String)] = [
            ([], "the call names no function"), ([1, 2, 3], "the call names no function"),
            ([1, 2, 3, 4], "it has no function 0x01020304"),
            (stray, "read: ABI at 0: expected 32 bytes, found 1"),
            (
                Notebook.data("pay(address,uint256)", [.uint(.max), .uint(0)]),
                "pay: ABI at 0: not a value of type address"
            ),
        ]
        for (data, reason) in calls {
            let ending = try journal.call(contract, data)
            #expect(ending.status == .reverted)
            #expect(ending.gasUsed == frame(data))
            #expect(RevertReason(ending.output) == .error("Notebook: \(reason)"))
        }
    }

    @Test
    func `data is paid for before it is looked at`() throws {
        let deployed = DeployedContract(Notebook())
        let data = Bytes(repeating: 0xff, count: 100_000)
        let price = deployed.price(ofInput: data.count)
        #expect(price == frame(data))
        var journal = Journal(PlainState())
        #expect(try journal.call(contract, data, gas: price - 1).status == .halted(.outOfGas))
        #expect(try journal.call(contract, data, gas: price).status == .reverted)
    }

    @Test
    func `accuses nobody where the state cannot be read`() throws {
        var state = PlainState()
        state.isUnreadable = true
        var journal = Journal(state)
        var gas = GasMeter(1_000_000)
        let call = NativeCall(
            caller: someone, address: contract, value: 0, input: Notebook.data("read(uint256)", [.uint(1)]),
            isStatic: false, block: .sample)
        let deployed = DeployedContract(Notebook())
        var wasUnreadable = false
        do throws(NativeFailure<PlainState.Unreadable>) {
            _ = try deployed.run(call, in: &journal, gas: &gas)
        } catch {
            if case .unreadable = error { wasUnreadable = true }
        }
        #expect(wasUnreadable)
    }
}
