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
            switch opcode {
            case 0x00:
                r.save(to: &frames[level])
                return .stopped

            // Arithmetic
            case 0x01:
                let left = r.pop()
                r.top = left &+ r.top
            case 0x02:
                let left = r.pop()
                r.top = left &* r.top
            case 0x03:
                let left = r.pop()
                r.top = left &- r.top
            case 0x04:
                let left = r.pop()
                r.top = r.top.isZero ? 0 : left / r.top
            case 0x05:
                let left = r.pop()
                r.top = left.sdiv(r.top)
            case 0x06:
                let left = r.pop()
                r.top = r.top.isZero ? 0 : left % r.top
            case 0x07:
                let left = r.pop()
                r.top = left.smod(r.top)
            case 0x08:
                let left = r.pop()
                let right = r.pop()
                r.top = left.addmod(right, r.top)
            case 0x09:
                let left = r.pop()
                let right = r.pop()
                r.top = left.mulmod(right, r.top)
            case 0x0a:
                let base = r.pop()
                r.gas &-= DynamicGas.exponentByte &* Int64(r.top.byteCount)
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = base.exp(r.top)
            case 0x0b:
                let index = r.pop()
                r.top = r.top.signextend(index)

            // Comparison and bits
            case 0x10:
                let left = r.pop()
                r.top = UInt256(left < r.top ? 1 : 0)
            case 0x11:
                let left = r.pop()
                r.top = UInt256(r.top < left ? 1 : 0)
            case 0x12:
                let left = r.pop()
                r.top = UInt256(left.signedLess(r.top) ? 1 : 0)
            case 0x13:
                let left = r.pop()
                r.top = UInt256(r.top.signedLess(left) ? 1 : 0)
            case 0x14:
                let left = r.pop()
                r.top = UInt256((left ^ r.top).isZero ? 1 : 0)
            case 0x15: r.top = UInt256(r.top.isZero ? 1 : 0)
            case 0x16:
                let left = r.pop()
                r.top = left & r.top
            case 0x17:
                let left = r.pop()
                r.top = left | r.top
            case 0x18:
                let left = r.pop()
                r.top = left ^ r.top
            case 0x19: r.top = ~r.top
            case 0x1a:
                let index = r.pop()
                r.top = index < 32 ? UInt256(UInt64(r.top.byte(Int(index.limb0)))) : 0
            case 0x1b:
                let bits = r.pop()
                r.top = bits < 256 ? r.top << Int(bits.limb0) : 0
            case 0x1c:
                let bits = r.pop()
                r.top = bits < 256 ? r.top >> Int(bits.limb0) : 0
            case 0x1d:
                let bits = r.pop()
                r.top = r.top.arithmeticShiftRight(bits < 256 ? Int(bits.limb0) : 256)
            case 0x1e: r.top = UInt256(UInt64(r.top.leadingZeroBitCount))

            case 0x20:
                let offset = r.pop()
                guard let range = reach(offset, r.top, &r, frame, perWord: DynamicGas.hashedWord) else {
                    return .halted(.outOfGas)
                }
                r.top = unsafe UInt256(keccak256(r.memory(range.start, range.count)))

            // Context
            case 0x30: r.push(UInt256(frame.address))
            case 0x31:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = overlay.accounts[number].current?.balance ?? 0
            case 0x32: r.push(UInt256(environment.origin))
            case 0x33: r.push(UInt256(frame.caller))
            case 0x34: r.push(frame.value)
            case 0x35: r.top = r.inputWord(r.top)
            case 0x36: r.push(UInt64(r.inputCount))
            case 0x37:
                guard unsafe copy(r.inputStart, r.inputCount, &r, frame) else { return .halted(.outOfGas) }
            case 0x38: r.push(UInt64(r.codeCount))
            case 0x39:
                guard unsafe copy(UnsafeRawPointer(r.code), r.codeCount, &r, frame) else { return .halted(.outOfGas) }
            case 0x3a: r.push(environment.gasPrice)
            case 0x3b:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                guard let code = overlay.code(of: number) else { return lack(.code(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                r.top = UInt256(UInt64(code.count))
            case 0x3c:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                guard let code = overlay.code(of: number) else { return lack(.code(number), rule, r) }
                r.drop(1)
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                guard unsafe copy(UnsafeRawPointer(code.bytes), code.count, &r, frame) else {
                    return .halted(.outOfGas)
                }
            case 0x3d: r.push(UInt64(returnData.count))
            case 0x3e:
                let (start, count) = (r.word(1), r.word(2))
                // Strict, unlike the other copies (EIP-211).
                let (end, overflow) = start.addingReportingOverflow(count)
                if overflow || end > UInt256(UInt64(returnData.count)) { return .halted(.returnDataOutOfBounds) }
                guard unsafe copy(UnsafeRawPointer(returnData.base), returnData.count, &r, frame) else {
                    return .halted(.outOfGas)
                }
            case 0x3f:
                let number = overlay.number(of: Address(truncating: r.top))
                if !overlay.accounts[number].isLoaded { return lack(.account(number), rule, r) }
                r.gas &-= overlay.accessCost(number, environment.block.fork) &- DynamicGas.warmAccess
                if r.gas < 0 { return .halted(.outOfGas) }
                let account = overlay.accounts[number].current ?? Account()
                // EIP-1052: an account that is empty counts as absent.
                r.top = account.isEmpty ? 0 : UInt256(account.codeHash)

            // The block
            case 0x40:
                let current = environment.block.number
                guard let number = r.top.asUInt64, number < current, current - number <= 256 else {
                    r.top = 0
                    continue
                }
                guard let hash = knownBlockHash(number) else { return lack(.blockHash(number), rule, r) }
                r.top = UInt256(hash)
            case 0x41: r.push(UInt256(environment.block.beneficiary))
            case 0x42: r.push(environment.block.timestamp)
            case 0x43: r.push(environment.block.number)
            case 0x44: r.push(UInt256(environment.block.prevRandao))
            case 0x45: r.push(environment.block.gasLimit)
            case 0x46: r.push(environment.block.chainID)
            case 0x47: r.push(overlay.accounts[frame.account].current?.balance ?? 0)
            case 0x48: r.push(environment.block.baseFeePerGas)
            case 0x49:
                let hashes = environment.blobHashes
                r.top = r.top < UInt256(UInt64(hashes.count)) ? UInt256(hashes[Int(r.top.limb0)]) : 0
            case 0x4a: r.push(environment.block.blobBaseFee)

            // Stack, memory, storage, flow
            case 0x50: r.drop(1)
            case 0x51:
                let offset = r.top
                if !r.holds(offset, 32), !reach(offset, 32, &r, frame) { return .halted(.outOfGas) }
                r.top = r.loadWord(Int(truncatingIfNeeded: offset.limb0))
            case 0x52:
                let offset = r.pop()
                if !r.holds(offset, 32), !reach(offset, 32, &r, frame) { return .halted(.outOfGas) }
                r.storeWord(r.pop(), at: Int(truncatingIfNeeded: offset.limb0))
            case 0x53:
                let offset = r.pop()
                if !r.holds(offset, 1), !reach(offset, 1, &r, frame) { return .halted(.outOfGas) }
                r.storeByte(UInt8(truncatingIfNeeded: r.pop().limb0), at: Int(truncatingIfNeeded: offset.limb0))
            case 0x54:
                let cell = overlay.number(of: r.top, in: frame.account)
                if !overlay.cells[cell].isLoaded { return lack(.cell(cell), rule, r) }
                if !overlay.cells[cell].isWarm {
                    r.gas &-= DynamicGas.coldSlot &- DynamicGas.warmAccess
                    if r.gas < 0 { return .halted(.outOfGas) }
                    overlay.warm(cell: cell)
                }
                overlay.access(cell: cell)
                r.top = overlay.cells[cell].current
            case 0x55:
                if r.gas <= DynamicGas.storeSentry { return .halted(.outOfGas) }
                if frame.isStatic { return .halted(.staticViolation) }
                let cell = overlay.number(of: r.top, in: frame.account)
                if !overlay.cells[cell].isLoaded { return lack(.cell(cell), rule, r) }
                r.gas &-= overlay.storeCost(cell, r.word(1))
                if r.gas < 0 { return .halted(.outOfGas) }
                overlay.store(r.word(1), in: cell)
                r.drop(2)
            case 0x56:
                if !r.jump(to: r.pop()) { return .halted(.invalidJump) }
            case 0x57:
                let target = r.pop()
                if !r.pop().isZero, !r.jump(to: target) { return .halted(.invalidJump) }
            case 0x58: r.push(UInt64(r.position))
            case 0x59: r.push(UInt64(r.memoryCount))
            case 0x5a: r.push(UInt64(r.gas))
            case 0x5b: break
            case 0x5c: r.top = overlay.transient(r.top, in: frame.account)
            case 0x5d:
                if frame.isStatic { return .halted(.staticViolation) }
                let slot = r.pop()
                overlay.setTransient(slot, in: frame.account, to: r.pop())
            case 0x5e:
                if !move(&r, frame) { return .halted(.outOfGas) }

            case 0x5f: r.push(UInt64(0))
            case 0x60:
                r.push(UInt64(unsafe r.next.pointee))
                unsafe r.next += 1
            case 0x61...0x67: r.pushOperand(upToEight: Int(opcode) &- 0x5f)
            case 0x68...0x7e: r.pushOperand(Int(opcode) &- 0x5f)
            case 0x7f: r.pushOperand(32)
            case 0x80...0x8f: r.duplicate(Int(opcode) &- 0x80)
            case 0x90...0x9f: r.swapTop(with: Int(opcode) &- 0x8f)

            case 0xa0...0xa4:
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
            case 0xf0, 0xf5:
                if frame.isStatic { return .halted(.staticViolation) }
                let (value, offset, count) = (r.pop(), r.pop(), r.pop())
                guard count <= UInt256(UInt64(MachineLimits.initCodeBytesMax)) else {
                    return .halted(.initCodeTooLarge)
                }
                // EIP-3860; the hash is CREATE2's.
                let perWord = DynamicGas.initCodeWord &+ (opcode == 0xf5 ? DynamicGas.hashedWord : 0)
                guard let range = reach(offset, count, &r, frame, perWord: perWord) else { return .halted(.outOfGas) }
                let salt = opcode == 0xf5 ? r.pop() : nil
                r.save(to: &frames[level])
                return .pending(.create(Creation(value: value, salt: salt, start: range.start, count: range.count)))
            case 0xf1, 0xf2, 0xf4, 0xfa:
                r.save(to: &frames[level])
                return .pending(.call(opcode))
            case 0xf3, 0xfd:
                let offset = r.pop()
                guard let range = reach(offset, r.pop(), &r, frame, perWord: 0) else { return .halted(.outOfGas) }
                r.save(to: &frames[level])
                return opcode == 0xf3
                    ? .returned(start: range.start, count: range.count)
                    : .reverted(start: range.start, count: range.count)
            case 0xff:
                if frame.isStatic { return .halted(.staticViolation) }
                r.save(to: &frames[level])
                return .pending(.selfDestruct)
            default: return .halted(.undefinedOpcode)
            }
        }
    }
}
