import Crypto
import Primitives

// What the opcodes do that open calls: one step between two runs of the loop.

extension CallStack {
    /// CALL, CALLCODE, DELEGATECALL or STATICCALL of the frame on top.
    mutating func call(
        _ opcode: UInt8, _ overlay: inout Overlay, in environment: borrowing Environment,
        tracer: inout some Tracer
    ) -> Step {
        let level = frames.count - 1
        let frame = frames[level]
        let takesValue = opcode == Instruction.call.rawValue || opcode == Instruction.callcode.rawValue
        let target = Address(truncating: operand(1))
        let value = takesValue ? operand(2) : 0
        let firstRange = takesValue ? 3 : 2
        let number = overlay.number(of: target)
        guard overlay.accounts[number].isLoaded else { return .need(.account(number)) }
        guard var code = overlay.code(of: number) else { return .need(.code(number)) }
        var codeAddress: Address? = target
        var delegateNumber: Int?
        if environment.block.fork >= .prague, let delegate = code.delegate {
            let named = overlay.number(of: delegate)
            guard overlay.accounts[named].isLoaded else { return .need(.account(named)) }
            guard let delegated = overlay.code(of: named) else { return .need(.code(named)) }
            (code, codeAddress, delegateNumber) = (delegated, nil, named)
        }
        // From here on nothing is lacking.
        guard let input = range(firstRange), let output = range(firstRange + 2) else {
            return halt(.outOfGas, &overlay, &tracer)
        }
        let isCall = opcode == Instruction.call.rawValue
        let fork = environment.block.fork
        var cost = overlay.accessCost(number, fork)
        if fork < .berlin { cost = fork.callGas }
        if let delegateNumber { cost += overlay.accessCost(delegateNumber, environment.block.fork) }
        if !value.isZero { cost += DynamicGas.callValue }
        if isCall, overlay.isMade(number, by: value, fork) { cost += DynamicGas.newAccount }
        let memoryEnd = max(input.end, output.end)
        let gas = grow(frame.memoryBase, from: frame.memoryCount, to: memoryEnd, gas: frame.gas) - cost
        guard gas >= 0 else { return halt(.outOfGas, &overlay, &tracer) }
        if isCall, !value.isZero, frame.isStatic { return halt(.staticViolation, &overlay, &tracer) }
        // EIP-150: a 64th stays with the caller; before, the caller gives what it says or fails.
        let grantedMax = fork.keepsGasBack ? gas - gas / 64 : gas
        guard fork.keepsGasBack || operand(0) <= UInt256(UInt64(gas)) else { return halt(.outOfGas, &overlay, &tracer) }
        let granted = operand(0).clamped(to: grantedMax)
        frames[level].gas = gas - granted
        frames[level].memoryCount = max(frame.memoryCount, Self.wholeWords(memoryEnd))
        frames[level].stackCount -= firstRange + 4
        returnData.removeAll()
        let childGas = granted + (value.isZero ? 0 : DynamicGas.callStipend)
        if let halt = refusal(of: value, by: frame.account, overlay) {
            let bytes = Input.memory(start: frame.memoryBase + input.start, count: input.count)
            showRefused(halt, Self.kind(of: opcode), frame, target, value, bytes, childGas, gas - granted, &tracer)
            frames[level].gas += childGas
            push(0)
            return .proceed
        }
        let isDelegate = opcode == Instruction.delegatecall.rawValue
        let runsHere = isDelegate || opcode == Instruction.callcode.rawValue
        return open(
            Callee(
                kind: Self.kind(of: opcode), account: runsHere ? frame.account : number,
                address: runsHere ? frame.address : target, caller: isDelegate ? frame.caller : frame.address,
                value: isDelegate ? frame.value : value, movesValue: isCall,
                input: .memory(start: frame.memoryBase + input.start, count: input.count), gas: childGas,
                isStatic: frame.isStatic || opcode == Instruction.staticcall.rawValue, codeAddress: codeAddress,
                code: code, outputStart: output.start, outputCount: output.count, payer: frame.account),
            target: target, &overlay, in: environment, &tracer)
    }

    /// CREATE or CREATE2 of the frame on top, whose gas and memory have been paid.
    mutating func create(
        _ creation: Creation, _ overlay: inout Overlay, in environment: borrowing Environment,
        tracer: inout some Tracer
    ) -> Step {
        let level = frames.count - 1
        let frame = frames[level]
        let creator = overlay.accounts[frame.account].current ?? Account()
        var creation = creation
        let target = creation.target ?? self.target(of: creation, frame, nonce: creator.nonce)
        creation.target = target
        pending = .create(creation)
        let number = overlay.number(of: target.address)
        guard overlay.accounts[number].isLoaded else { return .need(.account(number)) }
        if overlay.needsStoragePresence(number) { return .need(.storagePresence(number)) }
        // From here on nothing is lacking.
        returnData.removeAll()
        // EIP-150: a 64th stays with the creator.
        let granted = environment.block.fork.keepsGasBack ? frame.gas - frame.gas / 64 : frame.gas
        let kind: TracedCall.Kind = creation.salt == nil ? .create : .create2
        let halt =
            refusal(of: creation.value, by: frame.account, overlay) ?? (creator.nonce == .max ? .nonceOverflow : nil)
        if let halt {
            let initCode = Input.memory(start: frame.memoryBase + creation.start, count: creation.count)
            showRefused(
                halt, kind, frame, target.address, creation.value, initCode, granted, frame.gas - granted, &tracer)
            push(0)
            return .proceed
        }
        frames[level].gas -= granted
        overlay.access(number)
        overlay.warm(number)
        overlay.raiseNonce(frame.account)
        return openCreation(
            Callee(
                kind: kind, account: number, address: target.address, caller: frame.address, value: creation.value,
                movesValue: true, input: .memory(start: 0, count: 0), gas: granted, isStatic: false, codeAddress: nil,
                code: target.code, payer: frame.account),
            &overlay, in: environment, &tracer)
    }

    /// SELFDESTRUCT of the frame on top: what it owns goes; from Cancun on it goes itself only if it came in this
    /// transaction (EIP-6780).
    mutating func selfDestruct(
        _ overlay: inout Overlay, in environment: borrowing Environment, tracer: inout some Tracer
    ) -> Step {
        let level = frames.count - 1
        let frame = frames[level]
        let heir = Address(truncating: operand(0))
        let number = overlay.number(of: heir)
        guard overlay.accounts[number].isLoaded else { return .need(.account(number)) }
        let balance = overlay.accounts[frame.account].current?.balance ?? 0
        // Unlike others, SELFDESTRUCT pays nothing for a warm account.
        let access = overlay.accessCost(number, environment.block.fork)
        var cost = access == DynamicGas.warmAccess ? 0 : access
        let fork = environment.block.fork
        if fork.keepsGasBack, overlay.isMade(number, by: balance, fork) { cost += DynamicGas.newAccount }
        guard frame.gas >= cost else { return halt(.outOfGas, &overlay, &tracer) }
        frames[level].gas -= cost
        frames[level].stackCount -= 1
        tracer.begin(
            TracedCall(
                kind: .selfDestruct, depth: frames.count, caller: frame.address, target: heir, value: balance,
                input: [], gas: 0, callerGas: Gas(frames[level].gas)))
        tracer.end(TracedResult(depth: frames.count, status: .success, gasUsed: 0, output: []))
        if environment.logsTransfers, !balance.isZero {
            overlay.logTransfer(from: frame.address, to: heir, balance)
        }
        overlay.debit(frame.account, balance)
        overlay.credit(number, balance)
        if !overlay.accounts[frame.account].isDestroyed { overlay.refund += fork.selfDestructRefund }
        if overlay.accounts[frame.account].isCreated || !fork.keepsOldContracts {
            // What it inherited from itself is burned.
            overlay.debit(frame.account, overlay.accounts[frame.account].current?.balance ?? 0)
            overlay.markDestroyed(frame.account)
        }
        returnData.removeAll()
        return close(.success, &overlay, &tracer)
    }

    // MARK: Parts

    /// The operand `depth` places below the top of the saved frame.
    private func operand(_ depth: Int) -> UInt256 {
        let frame = frames[frames.count - 1]
        return unsafe words[frame.stackBase + frame.stackCount - 1 - depth]
    }

    /// The range of memory whose offset is the operand `depth` places below the top, and whose size is the next; nil
    /// if no gas could reach there.
    private func range(_ depth: Int) -> MemoryRange? {
        let offset = operand(depth)
        guard let end = Self.end(offset, operand(depth + 1)) else { return nil }
        return end == 0
            ? MemoryRange(start: 0, count: 0) : MemoryRange(start: Int(offset.limb0), count: end - Int(offset.limb0))
    }

    /// Puts a word on the saved frame's stack.
    mutating func push(_ word: UInt256) {
        let level = frames.count - 1
        unsafe words[frames[level].stackBase + frames[level].stackCount] = word
        frames[level].stackCount += 1
    }

    /// Why a call cannot be opened though its opcode runs: then it fails without a cost.
    private func refusal(of value: UInt256, by payer: Int, _ overlay: borrowing Overlay) -> Halt? {
        // The outermost call has depth 0, so this many are open below the next one.
        if frames.count > MachineLimits.depthMax { return .callDepth }
        let balance = overlay.accounts[payer].current?.balance ?? 0
        return balance < value ? .insufficientBalance : nil
    }

    private func target(of creation: Creation, _ frame: Frame, nonce: UInt64) -> Creation.Target {
        let bytes = unsafe UnsafeRawBufferPointer(
            start: memory.base + frame.memoryBase + creation.start, count: creation.count)
        let address =
            if let salt = creation.salt {
                unsafe creationAddress(of: frame.address, salt: salt, initCodeHash: keccak256(bytes))
            } else {
                creationAddress(of: frame.address, nonce: nonce)
            }
        return unsafe Creation.Target(address: address, code: Code(Bytes(bytes)))
    }

    private static func kind(of opcode: UInt8) -> TracedCall.Kind {
        switch opcode {
        case Instruction.callcode.rawValue: .callCode
        case Instruction.delegatecall.rawValue: .delegateCall
        case Instruction.staticcall.rawValue: .staticCall
        case Instruction.create.rawValue: .create
        case Instruction.create2.rawValue: .create2
        default: .call
        }
    }

    private func showRefused<Observer: Tracer>(
        _ halt: Halt, _ kind: TracedCall.Kind, _ frame: Frame, _ target: Address, _ value: UInt256, _ input: Input,
        _ gas: Int64, _ callerGas: Int64, _ tracer: inout Observer
    ) {
        guard Observer.self != NoTracer.self else { return }
        tracer.begin(
            TracedCall(
                kind: kind, depth: frames.count, caller: frame.address, target: target,
                value: kind == .delegateCall ? frame.value : value, input: unsafe Bytes(bytes(of: input)),
                gas: Gas(gas), callerGas: Gas(callerGas)))
        tracer.end(TracedResult(depth: frames.count, status: .halted(halt), gasUsed: 0, output: []))
    }
}

extension UInt256 {
    /// This, or `limit` if that is less.
    fileprivate func clamped(to limit: Int64) -> Int64 {
        guard let small = asInt, small < limit else { return limit }
        return Int64(small)
    }
}
