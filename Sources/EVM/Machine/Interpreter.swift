import Crypto
import Primitives

extension CallStack {
    /// Runs the frame on top until it ends, opens another, or lacks something.
    ///
    /// The one loop of the machine. Before each opcode its table entry says what it costs and how much stack it needs;
    /// so the bodies are bare arithmetic. One function, because all registers then stay registers; it is long
    /// because there are 150 opcodes.
    mutating func execute<Observer: Tracer>(
        _ overlay: inout Overlay, in environment: borrowing Environment, tracer: inout Observer
    ) -> Pause {
        let level = frames.count - 1
        let frame = frames[level]
        let rules = unsafe OpcodeRules.of(environment.block.fork).rules
        var r = unsafe Registers(frame, codes[level], stack: words, memory: memory.base)
        while true {
            let opcode = unsafe r.next.pointee
            let rule = unsafe rules[Int(opcode)]
            if Observer.self != NoTracer.self {
                show(opcode, r, frame, overlay, &tracer)
            }
            r.gas &-= Int64(rule.gas)
            if r.gas < 0 || UInt(bitPattern: r.stackBytes &- Int(rule.needed)) > UInt(rule.spare) {
                return .halted(r.reason(for: rule))
            }
            unsafe r.next += 1
            switch Instruction(opcode) {
            case .stop:
                r.save(to: &frames[level])
                return .stopped

            // Arithmetic
            case .add:
                let left = r.pop()
                r.top = left &+ r.top
            case .mul:
                let left = r.pop()
                r.top = left &* r.top
            case .sub:
                let left = r.pop()
                r.top = left &- r.top
            case .div:
                let left = r.pop()
                r.top = r.top.isZero ? 0 : left / r.top
            case .sdiv:
                let left = r.pop()
                r.top = left.sdiv(r.top)
            case .mod:
                let left = r.pop()
                r.top = r.top.isZero ? 0 : left % r.top
            case .smod:
                let left = r.pop()
                r.top = left.smod(r.top)
            case .addmod:
                let left = r.pop()
                let right = r.pop()
                r.top = left.addmod(right, r.top)
            case .mulmod:
                let left = r.pop()
                let right = r.pop()
                r.top = left.mulmod(right, r.top)
            case .exp:
                let base = r.pop()
                r.gas &-= environment.block.fork.exponentByteGas &* Int64(r.top.byteCount)
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = base.exp(r.top)
            case .signextend:
                let index = r.pop()
                r.top = r.top.signextend(index)

            // Comparison and bits
            case .lt:
                let left = r.pop()
                r.top = UInt256(left < r.top ? 1 : 0)
            case .gt:
                let left = r.pop()
                r.top = UInt256(r.top < left ? 1 : 0)
            case .slt:
                let left = r.pop()
                r.top = UInt256(left.signedLess(r.top) ? 1 : 0)
            case .sgt:
                let left = r.pop()
                r.top = UInt256(r.top.signedLess(left) ? 1 : 0)
            case .eq:
                let left = r.pop()
                r.top = UInt256((left ^ r.top).isZero ? 1 : 0)
            case .iszero: r.top = UInt256(r.top.isZero ? 1 : 0)
            case .and:
                let left = r.pop()
                r.top = left & r.top
            case .or:
                let left = r.pop()
                r.top = left | r.top
            case .xor:
                let left = r.pop()
                r.top = left ^ r.top
            case .not: r.top = ~r.top
            case .byte:
                let index = r.pop()
                r.top = index < 32 ? UInt256(UInt64(r.top.byte(Int(index.limb0)))) : 0
            case .shl:
                let bits = r.pop()
                r.top = bits < 256 ? r.top << Int(bits.limb0) : 0
            case .shr:
                let bits = r.pop()
                r.top = bits < 256 ? r.top >> Int(bits.limb0) : 0
            case .sar:
                let bits = r.pop()
                r.top = r.top.arithmeticShiftRight(bits < 256 ? Int(bits.limb0) : 256)
            case .clz: r.top = UInt256(UInt64(r.top.leadingZeroBitCount))

            case .keccak256:
                let offset = r.pop()
                guard let range = reach(offset, r.top, &r, frame, perWord: DynamicGas.hashedWord) else {
                    return .halted(.outOfGas)
                }
                r.top = unsafe UInt256(keccak256(r.memory(range.start, range.count)))

            // Context
            case .address: r.push(UInt256(frame.address))
            case .balance:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = overlay.accounts[number].current?.balance ?? 0
            case .origin: r.push(UInt256(environment.origin))
            case .caller: r.push(UInt256(frame.caller))
            case .callvalue: r.push(frame.value)
            case .calldataload: r.top = r.inputWord(r.top)
            case .calldatasize: r.push(UInt64(r.inputCount))
            case .calldatacopy:
                guard unsafe copy(r.inputStart, r.inputCount, &r, frame) else { return .halted(.outOfGas) }
            case .codesize: r.push(UInt64(r.codeCount))
            case .codecopy:
                guard unsafe copy(UnsafeRawPointer(r.code), r.codeCount, &r, frame) else { return .halted(.outOfGas) }
            case .gasprice: r.push(environment.gasPrice)
            case .extcodesize:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                guard let code = overlay.code(of: number) else { return lack(.code(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = UInt256(UInt64(code.count))
            case .extcodecopy:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                guard let code = overlay.code(of: number) else { return lack(.code(number), rule, r) }
                r.drop(1)
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                guard unsafe copy(UnsafeRawPointer(code.bytes), code.count, &r, frame) else {
                    return .halted(.outOfGas)
                }
            case .returndatasize: r.push(UInt64(returnData.count))
            case .returndatacopy:
                let (start, count) = (r.word(1), r.word(2))
                // Strict, unlike the other copies (EIP-211).
                let (end, overflow) = start.addingReportingOverflow(count)
                if overflow || end > UInt256(UInt64(returnData.count)) { return .halted(.returnDataOutOfBounds) }
                guard unsafe copy(UnsafeRawPointer(returnData.base), returnData.count, &r, frame) else {
                    return .halted(.outOfGas)
                }
            case .extcodehash:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                let account = overlay.accounts[number].current ?? Account()
                // EIP-1052: an account that is empty counts as absent.
                r.top = account.isEmpty ? 0 : UInt256(account.codeHash)

            // The block
            case .blockhash:
                let current = environment.block.number
                guard let number = r.top.asUInt64, number < current, current - number <= 256 else {
                    r.top = 0
                    continue
                }
                guard let hash = knownBlockHash(number) else { return lack(.blockHash(number), rule, r) }
                r.top = UInt256(hash)
            case .coinbase: r.push(UInt256(environment.block.beneficiary))
            case .timestamp: r.push(environment.block.timestamp)
            case .number: r.push(environment.block.number)
            case .prevrandao: r.push(UInt256(environment.block.prevRandao))
            case .gaslimit: r.push(environment.block.gasLimit)
            case .chainid: r.push(environment.block.chainID)
            case .selfbalance: r.push(overlay.accounts[frame.account].current?.balance ?? 0)
            case .basefee: r.push(environment.block.baseFeePerGas)
            case .blobhash:
                let hashes = environment.blobHashes
                r.top = r.top < UInt256(UInt64(hashes.count)) ? UInt256(hashes[Int(r.top.limb0)]) : 0
            case .blobbasefee: r.push(environment.block.blobBaseFee)

            // Stack, memory, storage, flow
            case .pop: r.drop(1)
            case .mload:
                let offset = r.top
                if !r.holds(offset, 32), !reach(offset, 32, &r, frame) { return .halted(.outOfGas) }
                r.top = r.loadWord(Int(truncatingIfNeeded: offset.limb0))
            case .mstore:
                let offset = r.pop()
                if !r.holds(offset, 32), !reach(offset, 32, &r, frame) { return .halted(.outOfGas) }
                r.storeWord(r.pop(), at: Int(truncatingIfNeeded: offset.limb0))
            case .mstore8:
                let offset = r.pop()
                if !r.holds(offset, 1), !reach(offset, 1, &r, frame) { return .halted(.outOfGas) }
                r.storeByte(UInt8(truncatingIfNeeded: r.pop().limb0), at: Int(truncatingIfNeeded: offset.limb0))
            case .sload:
                let cell = overlay.number(of: r.top, in: frame.account)
                if !overlay.cells[cell].isLoaded { return lack(.cell(cell), rule, r) }
                if !overlay.cells[cell].isWarm, environment.block.fork >= .berlin {
                    r.gas &-= DynamicGas.coldSlot &- DynamicGas.warmAccess
                    if r.gas < 0 { return .halted(.outOfGas) }
                    overlay.warm(cell: cell)
                }
                overlay.access(cell: cell)
                r.top = overlay.cells[cell].current
            case .sstore:
                if r.gas <= DynamicGas.storeSentry, environment.block.fork >= .istanbul { return .halted(.outOfGas) }
                if frame.isStatic { return .halted(.staticViolation) }
                let cell = overlay.number(of: r.top, in: frame.account)
                if !overlay.cells[cell].isLoaded { return lack(.cell(cell), rule, r) }
                r.gas &-= overlay.storeCost(cell, r.word(1), environment.block.fork)
                if r.gas < 0 { return .halted(.outOfGas) }
                overlay.store(r.word(1), in: cell, environment.block.fork)
                r.drop(2)
            case .jump:
                if !r.jump(to: r.pop()) { return .halted(.invalidJump) }
            case .jumpi:
                let target = r.pop()
                if !r.pop().isZero, !r.jump(to: target) { return .halted(.invalidJump) }
            case .pc: r.push(UInt64(r.position))
            case .msize: r.push(UInt64(r.memoryCount))
            case .gas: r.push(UInt64(r.gas))
            case .jumpdest: break
            case .tload: r.top = overlay.transient(r.top, in: frame.account)
            case .tstore:
                if frame.isStatic { return .halted(.staticViolation) }
                let slot = r.pop()
                overlay.setTransient(slot, in: frame.account, to: r.pop())
            case .mcopy:
                if !move(&r, frame) { return .halted(.outOfGas) }

            case .push0: r.push(UInt64(0))
            case .push1:
                r.push(UInt64(unsafe r.next.pointee))
                unsafe r.next += 1
            case .push2, .push3, .push4, .push5, .push6, .push7, .push8: r.pushOperand(upToEight: Int(opcode) &- 0x5f)
            case .push9, .push10, .push11, .push12, .push13, .push14, .push15, .push16, .push17, .push18, .push19,
                .push20, .push21, .push22, .push23, .push24, .push25, .push26, .push27, .push28, .push29, .push30,
                .push31:
                r.pushOperand(Int(opcode) &- 0x5f)
            case .push32: r.pushOperand(32)
            case .dup1, .dup2, .dup3, .dup4, .dup5, .dup6, .dup7, .dup8, .dup9, .dup10, .dup11, .dup12, .dup13, .dup14,
                .dup15, .dup16:
                r.duplicate(Int(opcode) &- 0x80)
            case .swap1, .swap2, .swap3, .swap4, .swap5, .swap6, .swap7, .swap8, .swap9, .swap10, .swap11, .swap12,
                .swap13, .swap14, .swap15, .swap16:
                r.swapTop(with: Int(opcode) &- 0x8f)

            case .log0, .log1, .log2, .log3, .log4:
                if frame.isStatic { return .halted(.staticViolation) }
                let topicCount = Int(opcode) &- 0xa0
                let (offset, count) = (r.pop(), r.pop())
                guard let range = reach(offset, count, &r, frame, perWord: 0) else { return .halted(.outOfGas) }
                r.gas &-= DynamicGas.logByte &* Int64(range.count)
                if r.gas < 0 { return .halted(.outOfGas) }
                unsafe overlay.logs.append(
                    frame.address, topicCount: topicCount,
                    (
                        r.topic(0, of: topicCount), r.topic(1, of: topicCount), r.topic(2, of: topicCount),
                        r.topic(3, of: topicCount)
                    ), data: r.memory(range.start, range.count))
                r.drop(topicCount)

            // Calls
            case .create, .create2:
                if frame.isStatic { return .halted(.staticViolation) }
                let (value, offset, count) = (r.pop(), r.pop(), r.pop())
                let fork = environment.block.fork
                if fork.limitsInitCode, count > UInt256(UInt64(MachineLimits.initCodeBytesMax)) {
                    return .halted(.initCodeTooLarge)
                }
                // EIP-3860; the hash is CREATE2's.
                let isSalted = opcode == Instruction.create2.rawValue
                let perWord = fork.initCodeWordGas &+ (isSalted ? DynamicGas.hashedWord : 0)
                guard let range = reach(offset, count, &r, frame, perWord: perWord) else { return .halted(.outOfGas) }
                let salt = isSalted ? r.pop() : nil
                r.save(to: &frames[level])
                return .pending(.create(Creation(value: value, salt: salt, start: range.start, count: range.count)))
            case .call, .callcode, .delegatecall, .staticcall:
                r.save(to: &frames[level])
                return .pending(.call(opcode))
            case .return, .revert:
                let offset = r.pop()
                guard let range = reach(offset, r.pop(), &r, frame, perWord: 0) else { return .halted(.outOfGas) }
                r.save(to: &frames[level])
                return opcode == Instruction.return.rawValue
                    ? .returned(start: range.start, count: range.count)
                    : .reverted(start: range.start, count: range.count)
            case .selfdestruct:
                if frame.isStatic { return .halted(.staticViolation) }
                r.save(to: &frames[level])
                return .pending(.selfDestruct)
            // Every other byte: no stack satisfies its table entry.
            default: return .halted(.undefinedOpcode)
            }
        }
    }
}
