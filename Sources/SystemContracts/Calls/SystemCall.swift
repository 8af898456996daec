import EVM
import Primitives

/// One call of a native contract: who calls, and all that the contract can do to the state, each at its price.
///
/// It owns the journal and the gas for as long as the call takes.
struct SystemCall<State: StateReader>: ~Copyable {
    typealias Failure = NativeFailure<State.Failure>

    let contract: String
    let caller: Address
    /// The contract's own.
    let address: Address
    /// Peb; the contract's already.
    let value: UInt256
    let block: BlockEnvironment
    /// No state may change: in a static call, and in a view.
    var isStatic: Bool
    var journal: Journal<State>
    var gas: GasMeter

    init(_ call: NativeCall, of contract: String, journal: consuming Journal<State>, gas: GasMeter) {
        self.contract = contract
        caller = call.caller
        address = call.address
        value = call.value
        block = call.block
        isStatic = call.isStatic
        self.journal = journal
        self.gas = gas
    }

    // MARK: Ending it

    /// Reverts with the reason `Error(string)`, which names the contract, unless `condition` holds.
    func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(Failure) {
        guard condition else { throw reverted(reason()) }
    }

    func reverted(_ reason: String) -> Failure {
        .reverted(RevertReason.error("\(contract): \(reason)").data)
    }

    /// Reverts as Solidity's checked arithmetic does.
    func overflowed() -> Failure {
        .reverted(RevertReason.panic(0x11).data)
    }

    mutating func charge(_ amount: Gas) throws(Failure) {
        guard gas.take(amount) else { throw .halted(.outOfGas) }
    }

    // MARK: Storage

    /// The word in `slot` of the contract, at the price of SLOAD (EIP-2929).
    mutating func storage(_ slot: UInt256) throws(Failure) -> UInt256 {
        try charge(journal.wasWarm(address, slot: slot) ? SystemGas.warmAccess : SystemGas.coldSlot)
        do throws(State.Failure) {
            return try journal.storage(address, slot)
        } catch {
            throw .unreadable(error)
        }
    }

    /// Writes `word` into `slot` of the contract, at the price and with the refunds of SSTORE (EIP-2200, 2929, 3529).
    mutating func setStorage(_ slot: UInt256, to word: UInt256) throws(Failure) {
        try requireWritable()
        guard gas.left > SystemGas.storeSentry else { throw .halted(.outOfGas) }
        let access = journal.wasWarm(address, slot: slot) ? 0 : SystemGas.coldSlot
        let (current, original): (UInt256, UInt256)
        do throws(State.Failure) {
            current = try journal.storage(address, slot)
            original = try journal.storageAtStart(address, slot)
        } catch {
            throw .unreadable(error)
        }
        guard current != word else { return try charge(access + SystemGas.warmAccess) }
        if current == original {
            try charge(access + (original.isZero ? SystemGas.storeNew : SystemGas.storeChanged))
            if word.isZero { journal.addRefund(SystemGas.clearRefund) }
        } else {
            try charge(access + SystemGas.warmAccess)
            if !original.isZero, current.isZero { journal.addRefund(-SystemGas.clearRefund) }
            if !original.isZero, word.isZero { journal.addRefund(SystemGas.clearRefund) }
            if word == original {
                let paid = original.isZero ? SystemGas.storeNew : SystemGas.storeChanged
                journal.addRefund(Int64(paid - SystemGas.warmAccess))
            }
        }
        do throws(State.Failure) {
            try journal.setStorage(address, slot, to: word)
        } catch {
            throw .unreadable(error)
        }
    }

    // MARK: Balances

    /// Peb, at the price of BALANCE (EIP-2929).
    mutating func balance(of account: Address) throws(Failure) -> UInt256 {
        try chargeAccess(to: account)
        return try read(account)?.balance ?? 0
    }

    /// Moves `amount` peb of the contract to `recipient`, whose code does not run. Reverts if there is less.
    mutating func transfer(_ amount: UInt256, to recipient: Address) throws(Failure) {
        try chargeGift(of: amount, to: recipient)
        guard !amount.isZero else { return }
        var own = try read(address) ?? Account()
        try require(own.balance >= amount, "it has \(own.balance) peb, and should give \(amount)")
        own.balance -= amount
        do throws(State.Failure) {
            try journal.setAccount(address, to: own)
            try journal.credit(recipient, amount)
        } catch {
            throw .unreadable(error)
        }
    }

    /// Makes `amount` new peb and gives them to `recipient`, whose code does not run.
    mutating func mint(_ amount: UInt256, to recipient: Address) throws(Failure) {
        try chargeGift(of: amount, to: recipient)
        guard !amount.isZero else { return }
        do throws(State.Failure) {
            try journal.credit(recipient, amount)
        } catch {
            throw .unreadable(error)
        }
    }

    private mutating func chargeGift(of amount: UInt256, to recipient: Address) throws(Failure) {
        try requireWritable()
        try chargeAccess(to: recipient)
        guard !amount.isZero else { return }
        try charge(SystemGas.value)
        if try read(recipient)?.isEmpty ?? true { try charge(SystemGas.newAccount) }
    }

    private mutating func chargeAccess(to account: Address) throws(Failure) {
        try charge(journal.wasWarm(account) ? SystemGas.warmAccess : SystemGas.coldAccount)
    }

    private mutating func read(_ account: Address) throws(Failure) -> Account? {
        do throws(State.Failure) {
            return try journal.account(account)
        } catch {
            throw .unreadable(error)
        }
    }

    // MARK: Events

    /// Leaves a log, at the price of LOG1 to LOG4.
    mutating func emit<each Field: ABICodable>(
        _ event: SystemEvent<repeat each Field>, _ fields: repeat each Field
    ) throws(Failure) {
        try requireWritable()
        var values: [ABIValue] = []
        repeat values.append((each fields).abiValue)
        let (topics, data) = event.declaration.log(of: values)
        try charge(
            SystemGas.log + Gas(topics.count) * SystemGas.logTopic + Gas(data.count) * SystemGas.logByte)
        journal.log(LogRecord(address: address, topics: topics, data: data))
    }

    private func requireWritable() throws(Failure) {
        guard !isStatic else { throw .halted(.staticViolation) }
    }
}
