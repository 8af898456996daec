public import Primitives

/// What runs code needs beside the state: stacks, memory, open calls. Made once and used for many messages, one at
/// a time; then running allocates nothing.
public final class Machine {
    fileprivate(set) var stack = CallStack()

    public init() {}

    /// What the last message returned, reverted with, or created.
    public var output: Bytes { stack.returnData.copy }
}

extension Journal {
    /// Runs a message to its end. A message that does not succeed leaves the state as it was, but for what counts as
    /// accessed.
    ///
    /// - Throws: What the state's reader throws. The journal must not be used further then.
    public mutating func run(
        _ message: Message, in environment: Environment, on machine: Machine
    ) throws(State.Failure) -> Outcome {
        var tracer = NoTracer()
        return try run(message, in: environment, on: machine, tracer: &tracer)
    }

    /// The same under the eyes of `tracer`.
    public mutating func run(
        _ message: Message, in environment: Environment, on machine: Machine, tracer: inout some Tracer
    ) throws(State.Failure) -> Outcome {
        machine.stack.clear(for: environment.block.fork)
        // The input stays where it is for as long as the closure runs.
        return try unsafe message.input.withUnsafeBufferPointer { bytes throws(State.Failure) in
            try unsafe run(
                message, .outside(UnsafeRawBufferPointer(bytes)), in: environment, &machine.stack, tracer: &tracer)
        }
    }

    /// Alternates between the machine, which knows no reader, and the reader.
    private mutating func run(
        _ message: Message, _ input: Input, in environment: Environment, _ stack: inout CallStack,
        tracer: inout some Tracer
    ) throws(State.Failure) -> Outcome {
        var step = try begin(message, input, in: environment, &stack, &tracer)
        while true {
            switch step {
            case .proceed: break
            case .need(let need): try meet(need, &stack)
            case .native(let callee):
                step = try answer(callee, in: environment, &stack, &tracer)
                continue
            }
            if let outcome = stack.outcome { return outcome }
            // Spelled out, so that the loop without a tracer is compiled for itself wherever this is called from.
            step =
                tracer is NoTracer
                ? stack.advance(&overlay, in: environment)
                : stack.advance(&overlay, in: environment, tracer: &tracer)
        }
    }

    /// Reads what the machine lacks.
    private mutating func meet(_ need: Need, _ stack: inout CallStack) throws(State.Failure) {
        if case .blockHash(let height) = need {
            stack.load(blockHash: try state.blockHash(height), of: height)
        } else {
            try read(need)
        }
    }

    private mutating func read(_ need: Need) throws(State.Failure) {
        switch need {
        case .account(let number):
            overlay.load(number, try state.account(overlay.accounts[number].address))
        case .code(let number):
            let hash = overlay.accounts[number].current?.codeHash ?? Account.emptyCodeHash
            overlay.loadCode(try state.code(hash), hash: hash)
        case .cell(let number):
            let cell = overlay.cells[number]
            let address = overlay.accounts[Int(cell.account)].address
            overlay.load(cell: number, try state.storage(address, cell.slot))
        case .storagePresence(let number):
            overlay.load(number, storagePresence: try state.hasStorage(overlay.accounts[number].address))
        case .blockHash: preconditionFailure("block hashes are kept by the call stack")
        }
    }

    /// Opens the outermost call.
    private mutating func begin(
        _ message: Message, _ input: Input, in environment: Environment, _ stack: inout CallStack,
        _ tracer: inout some Tracer
    ) throws(State.Failure) -> Step {
        let payer = try loaded(message.caller)
        guard (overlay.accounts[payer].current?.balance ?? 0) >= message.value else {
            stack.outcome = Outcome(status: .halted(.insufficientBalance), gasLeft: message.gas, created: nil)
            return .proceed
        }
        var callee = Callee(
            kind: .call, account: payer, address: message.caller, caller: message.caller, value: message.value,
            movesValue: true, input: input, gas: Int64(clamping: message.gas), isStatic: message.isStatic,
            codeAddress: nil, code: .none, payer: payer)
        switch message.target {
        case .call(let target):
            callee.account = try loaded(target)
            callee.address = target
            callee.codeAddress = target
            callee.code = try code(of: callee.account)
            overlay.access(callee.account)
            overlay.warm(callee.account)
            if environment.block.fork >= .prague, let delegate = callee.code.delegate {
                let number = try loaded(delegate)
                overlay.access(number)
                overlay.warm(number)
                callee.code = try code(of: number)
                callee.codeAddress = nil
            }
            return stack.open(callee, target: target, &overlay, in: environment, &tracer)
        case .create(let nonce):
            let target = creationAddress(of: message.caller, nonce: nonce)
            callee.kind = .create
            callee.account = try loaded(target)
            callee.address = target
            callee.code = Code(message.input)
            callee.input = .memory(start: 0, count: 0)
            if overlay.needsStoragePresence(callee.account) { try meet(.storagePresence(callee.account), &stack) }
            overlay.access(callee.account)
            overlay.warm(callee.account)
            return stack.openCreation(callee, &overlay, in: environment, &tracer)
        }
    }

    /// The code of a loaded account, read if need be.
    private mutating func code(of number: Int) throws(State.Failure) -> Code {
        if let known = overlay.code(of: number) { return known }
        try read(.code(number))
        guard let code = overlay.code(of: number) else { preconditionFailure("code that was read is there") }
        return code
    }

    /// Lets a native contract answer.
    private mutating func answer(
        _ callee: Callee, in environment: Environment, _ stack: inout CallStack, _ tracer: inout some Tracer
    ) throws(State.Failure) -> Step {
        guard let address = callee.codeAddress, let contract = environment.natives[address] else {
            preconditionFailure("the machine found a native contract here")
        }
        let input = unsafe stack.bytes(of: callee.input)
        var meter = GasMeter(Gas(callee.gas))
        guard meter.take(contract.price(ofInput: input.count)) else {
            return stack.finishNative(callee, .halted(.outOfGas), gasLeft: 0, output: [], &overlay, &tracer)
        }
        let call = unsafe NativeCall(
            caller: callee.caller, address: callee.address, value: callee.value, input: Bytes(input),
            isStatic: callee.isStatic, block: environment.block)
        do throws(NativeFailure<State.Failure>) {
            let output = try contract.run(call, in: &self, gas: &meter)
            return stack.finishNative(callee, .success, gasLeft: meter.left, output: output, &overlay, &tracer)
        } catch {
            switch error {
            case .reverted(let data):
                return stack.finishNative(callee, .reverted, gasLeft: meter.left, output: data, &overlay, &tracer)
            case .halted(let halt):
                return stack.finishNative(callee, .halted(halt), gasLeft: 0, output: [], &overlay, &tracer)
            case .unreadable(let failure): throw failure
            }
        }
    }
}
