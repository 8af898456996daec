import Crypto
import Primitives

// How a call begins and ends, the outermost one included.

extension CallStack {
    /// Answers a call at once where no bytecode is to run, else opens a frame for it.
    mutating func open(
        _ callee: Callee, target: Address, _ overlay: inout Overlay, in environment: borrowing Environment,
        _ tracer: inout some Tracer
    ) -> Step {
        show(callee, target, &tracer)
        let checkpoint = overlay.checkpoint()
        if callee.movesValue {
            if !callee.value.isZero {
                overlay.debit(callee.payer, callee.value)
                if environment.logsTransfers {
                    overlay.logTransfer(from: callee.caller, to: callee.address, callee.value)
                }
            }
            // A call touches its target even if nothing moves (EIP-161).
            overlay.credit(callee.account, callee.value)
        } else if callee.kind == .staticCall {
            overlay.credit(callee.account, 0)
        }
        if let address = callee.codeAddress {
            if let precompile = environment.precompile(at: address) {
                return run(precompile, callee, checkpoint, &overlay, in: environment, &tracer)
            }
            if environment.natives[address] != nil {
                nativeCheckpoint = checkpoint
                return .native(callee)
            }
        }
        push(callee, checkpoint)
        return .proceed
    }

    /// Opens the frame of a creation, unless its address is taken.
    mutating func openCreation(
        _ callee: Callee, _ overlay: inout Overlay, in environment: borrowing Environment, _ tracer: inout some Tracer
    ) -> Step {
        show(callee, callee.address, &tracer)
        let taken = overlay.accounts[callee.account].current
        // EIP-684, EIP-7610
        if let taken, taken.nonce != 0 || taken.hasCode || overlay.accounts[callee.account].hasStorage == true {
            return settle(
                .halted(.addressCollision), gasLeft: 0, used: callee.gas, callee.outputStart, callee.outputCount,
                &tracer, created: nil)
        }
        let checkpoint = overlay.checkpoint()
        overlay.markCreated(callee.account)
        if environment.block.fork.clearsEmptyAccounts {
            overlay.raiseNonce(callee.account)
        } else {
            overlay.credit(callee.account, 0)
        }
        if !callee.value.isZero {
            overlay.debit(callee.payer, callee.value)
            overlay.credit(callee.account, callee.value)
            if environment.logsTransfers {
                overlay.logTransfer(from: callee.caller, to: callee.address, callee.value)
            }
        }
        push(callee, checkpoint)
        return .proceed
    }

    private mutating func push(_ callee: Callee, _ checkpoint: Checkpoint) {
        var (stackBase, memoryBase) = (0, 0)
        if !frames.isEmpty {
            let below = frames[frames.count - 1]
            stackBase = below.stackBase + below.stackCount
            memoryBase = below.memoryBase + below.memoryCount
        }
        frames.append(
            Frame(
                gas: callee.gas, stackBase: stackBase, memoryBase: memoryBase, kind: callee.kind,
                account: callee.account, address: callee.address, caller: callee.caller, value: callee.value,
                input: callee.input, isStatic: callee.isStatic, outputStart: callee.outputStart,
                outputCount: callee.outputCount, checkpoint: checkpoint, gasAtStart: callee.gas))
        codes.append(callee.code)
    }

    private mutating func run(
        _ precompile: Precompile, _ callee: Callee, _ checkpoint: Checkpoint,
        _ overlay: inout Overlay, in environment: borrowing Environment, _ tracer: inout some Tracer
    ) -> Step {
        let result = unsafe precompile.run(
            bytes(of: callee.input), gas: Gas(callee.gas), fork: environment.block.fork)
        switch result {
        case .success(let gasUsed, let output):
            returnData.set(output)
            return settle(
                .success, gasLeft: callee.gas - Int64(gasUsed), used: Int64(gasUsed), callee.outputStart,
                callee.outputCount, &tracer, created: nil)
        case .failure:
            overlay.revert(to: checkpoint)
            return settle(
                .halted(.precompileFailure), gasLeft: 0, used: callee.gas, callee.outputStart, callee.outputCount,
                &tracer, created: nil)
        }
    }

    /// The data of a call, until the memory grows.
    @unsafe
    func bytes(of input: Input) -> UnsafeRawBufferPointer {
        switch input {
        case .outside(let bytes): unsafe bytes
        case .memory(let start, let count): unsafe UnsafeRawBufferPointer(start: memory.base + start, count: count)
        }
    }

    // MARK: Ends

    /// Ends the frame on top after its code returned or stopped. The return data is set.
    mutating func close(
        _ status: Outcome.Status, _ overlay: inout Overlay, _ tracer: inout some Tracer
    ) -> Step {
        let frame = frames.removeLast()
        codes.removeLast()
        var status = status
        var gasLeft = frame.gas
        if status == .success, frame.isCreation {
            if let halt = deposit(frame, &gasLeft, &overlay, fork) { status = .halted(halt) }
        }
        switch status {
        case .success: break
        case .reverted: overlay.revert(to: frame.checkpoint)
        case .halted:
            overlay.revert(to: frame.checkpoint)
            gasLeft = 0
            returnData.removeAll()
        }
        return settle(
            status, gasLeft: gasLeft, used: frame.gasAtStart - gasLeft, frame.outputStart, frame.outputCount, &tracer,
            created: frame.isCreation ? frame.address : nil)
    }

    mutating func halt(_ halt: Halt, _ overlay: inout Overlay, _ tracer: inout some Tracer) -> Step {
        close(.halted(halt), &overlay, &tracer)
    }

    /// What a native contract answered.
    mutating func finishNative(
        _ callee: Callee, _ status: Outcome.Status, gasLeft: Gas, output: Bytes, _ overlay: inout Overlay,
        _ tracer: inout some Tracer
    ) -> Step {
        if status != .success, let nativeCheckpoint { overlay.revert(to: nativeCheckpoint) }
        nativeCheckpoint = nil
        returnData.set(output)
        let left = Int64(gasLeft)
        return settle(
            status, gasLeft: left, used: callee.gas - left, callee.outputStart, callee.outputCount, &tracer,
            created: nil)
    }

    /// Stores what initcode returned as the new contract's code. Says why not.
    private func deposit(_ frame: Frame, _ gas: inout Int64, _ overlay: inout Overlay, _ fork: Fork) -> Halt? {
        let code = returnData.copy
        // EIP-3541
        if fork >= .london, code.first == 0xef { return .codeStartsWithEF }
        gas -= Int64(code.count) * DynamicGas.codeByte
        if gas < 0 { return .outOfGas }
        if fork.clearsEmptyAccounts, code.count > MachineLimits.codeBytesMax { return .codeTooLarge }
        if !code.isEmpty { overlay.setCode(frame.account, to: code) }
        return nil
    }

    /// Tells the caller how a call ended: with the outermost call, whoever runs the machine.
    mutating func settle(
        _ status: Outcome.Status, gasLeft: Int64, used: Int64, _ outputStart: Int, _ outputCount: Int,
        _ tracer: inout some Tracer, created: Address?
    ) -> Step {
        showEnd(status, used, &tracer)
        let created = status == .success ? created : nil
        guard !frames.isEmpty else {
            outcome = Outcome(status: status, gasLeft: Gas(gasLeft), created: created)
            return .proceed
        }
        let level = frames.count - 1
        frames[level].gas += gasLeft
        let count = min(outputCount, returnData.count)
        if count > 0 {
            unsafe (memory.base + frames[level].memoryBase + outputStart).copyMemory(
                from: UnsafeRawPointer(returnData.base), byteCount: count)
        }
        if let created {
            // EIP-211: only a failed creation leaves return data.
            returnData.removeAll()
            push(UInt256(created))
        } else {
            push(status == .success ? 1 : 0)
        }
        return .proceed
    }

    private func show<Observer: Tracer>(_ callee: Callee, _ target: Address, _ tracer: inout Observer) {
        guard Observer.self != NoTracer.self else { return }
        let isCreation = callee.kind == .create || callee.kind == .create2
        let input =
            unsafe isCreation
            ? Bytes(UnsafeBufferPointer(start: callee.code.bytes, count: callee.code.count))
            : Bytes(bytes(of: callee.input))
        tracer.begin(
            TracedCall(
                kind: callee.kind, depth: frames.count, caller: callee.caller, target: target, value: callee.value,
                input: input, gas: Gas(callee.gas),
                callerGas: frames.isEmpty ? 0 : Gas(frames[frames.count - 1].gas)))
    }

    private func showEnd<Observer: Tracer>(_ status: Outcome.Status, _ used: Int64, _ tracer: inout Observer) {
        guard Observer.self != NoTracer.self else { return }
        tracer.end(TracedResult(depth: frames.count, status: status, gasUsed: Gas(used), output: returnData.copy))
    }
}

extension Overlay {
    /// Whether a transfer to the account would make it: there is none, or it is empty (EIP-161).
    func isDead(_ number: Int) -> Bool {
        accounts[number].current?.isEmpty ?? true
    }

    /// Whether moving `value` to the account costs what a new account costs (EIP-161; before, any call of an account
    /// that is not there).
    func isMade(_ number: Int, by value: UInt256, _ fork: Fork) -> Bool {
        fork.clearsEmptyAccounts ? !value.isZero && isDead(number) : accounts[number].current == nil
    }

    mutating func raiseNonce(_ number: Int) {
        var account = accounts[number].current ?? Account()
        account.nonce += 1
        set(number, to: account)
    }

    /// Whether a creation at this account has to know if there is storage.
    func needsStoragePresence(_ number: Int) -> Bool {
        let entry = accounts[number]
        guard entry.hasStorage == nil, let account = entry.current else { return false }
        return account.nonce == 0 && !account.hasCode
    }
}
