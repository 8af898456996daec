import Primitives

// What opcodes share that take ranges of memory. The parts that are called from the loop are inlined, and hand only
// values to the parts that are not: a register whose address is taken would live in memory.

extension CallStack {
    /// A range of the running call's memory. It starts at 0 where it is empty.
    struct MemoryRange {
        let start: Int
        let count: Int

        var end: Int { start + count }
    }

    /// Makes the memory hold `count` bytes from `offset` on, and pays for it.
    @inline(__always)
    mutating func reach(_ offset: UInt256, _ count: Int, _ r: inout Registers, _ frame: borrowing Frame) -> Bool {
        guard let end = Self.end(offset, UInt256(UInt64(count))) else { return false }
        let gas = grow(frame.memoryBase, from: r.memoryCount, to: end, gas: r.gas)
        if gas < 0 { return false }
        r.gas = gas
        if end > r.memoryCount { unsafe r.memoryGrew(to: Self.wholeWords(end), in: memory.base, frame) }
        return true
    }

    /// The same for a count out of the stack, with a price for each of its words. Nil for want of gas.
    @inline(__always)
    mutating func reach(
        _ offset: UInt256, _ count: UInt256, _ r: inout Registers, _ frame: borrowing Frame, perWord: Int64
    ) -> MemoryRange? {
        guard let end = Self.end(offset, count) else { return nil }
        if end == 0 { return MemoryRange(start: 0, count: 0) }
        let size = Int(truncatingIfNeeded: count.limb0)
        var gas = r.gas &- perWord &* Int64((size &+ 31) / 32)
        if gas < 0 { return nil }
        if end > r.memoryCount {
            gas = grow(frame.memoryBase, from: r.memoryCount, to: end, gas: gas)
            if gas < 0 { return nil }
            unsafe r.memoryGrew(to: Self.wholeWords(end), in: memory.base, frame)
        }
        r.gas = gas
        return MemoryRange(start: Int(truncatingIfNeeded: offset.limb0), count: size)
    }

    /// CALLDATACOPY and its like: takes target, start and count off the stack.
    @inline(__always)
    mutating func copy(
        _ source: UnsafeRawPointer, _ sourceCount: Int, _ r: inout Registers, _ frame: borrowing Frame
    ) -> Bool {
        let (target, start, count) = (r.pop(), r.pop(), r.pop())
        // The source may lie in the shared memory, which may move.
        let isInput = unsafe source == r.inputStart
        guard let range = reach(target, count, &r, frame, perWord: DynamicGas.copiedWord) else { return false }
        if range.count > 0 {
            unsafe r.copy(isInput ? r.inputStart : source, sourceCount, from: start, to: range.start, range.count)
        }
        return true
    }

    /// MCOPY (EIP-5656).
    @inline(__always)
    mutating func move(_ r: inout Registers, _ frame: borrowing Frame) -> Bool {
        let (target, source, count) = (r.pop(), r.pop(), r.pop())
        // The one that reaches further pays for both.
        guard let range = reach(max(target, source), count, &r, frame, perWord: DynamicGas.copiedWord) else {
            return false
        }
        if range.count > 0 {
            r.move(
                from: Int(truncatingIfNeeded: source.limb0), to: Int(truncatingIfNeeded: target.limb0), range.count)
        }
        return true
    }

    /// Where a range ends: 0 if it is empty, nil if no gas could reach there.
    @inline(__always)
    static func end(_ offset: UInt256, _ count: UInt256) -> Int? {
        if count.isZero { return 0 }
        guard offset.limb1 | offset.limb2 | offset.limb3 | count.limb1 | count.limb2 | count.limb3 == 0,
            offset.limb0 <= UInt64(MachineLimits.memoryBytesMax), count.limb0 <= UInt64(MachineLimits.memoryBytesMax)
        else { return nil }
        return Int(truncatingIfNeeded: offset.limb0 &+ count.limb0)
    }

    @inline(__always)
    static func wholeWords(_ count: Int) -> Int { (count &+ 31) & ~31 }

    /// What a memory of `count` bytes has cost in all (Yellow Paper, equation 326).
    static func memoryCost(_ count: Int) -> Int64 {
        let words = Int64((count + 31) / 32)
        return 3 * words + words * words / 512
    }

    /// Makes a call's memory reach `end`, and says what is left of `gas`; negative if that is not enough.
    @inline(never)
    mutating func grow(_ base: Int, from count: Int, to end: Int, gas: Int64) -> Int64 {
        if end <= count { return gas }
        let left = gas - (Self.memoryCost(end) - Self.memoryCost(count))
        if left >= 0 { memory.extend(from: base + count, to: base + Self.wholeWords(end)) }
        return left
    }

    /// Notes that the opcode cannot run before `need` is met, and goes back to before it.
    @inline(never)
    mutating func lack(_ need: Need, _ rule: OpcodeRule, _ registers: Registers) -> Pause {
        var registers = registers
        registers.stepBack(rule)
        registers.save(to: &frames[frames.count - 1])
        isRepeating = true
        return .need(need)
    }

    /// Shows the tracer what is about to run, once.
    @inline(never)
    mutating func show<Observer: Tracer>(
        _ opcode: UInt8, _ r: Registers, _ frame: Frame, _ overlay: borrowing Overlay, _ tracer: inout Observer
    ) {
        guard !isRepeating else {
            isRepeating = false
            return
        }
        // Where there is no code nothing runs, though the machine finds a STOP behind the end.
        guard r.codeCount > 0 else { return }
        let step = unsafe TracedStep(
            opcode: opcode, position: r.position + 1, gas: Gas(max(r.gas, 0)), depth: depth, address: frame.address,
            refund: overlay.refund, stack: r.stackWords, memory: r.memory(0, r.memoryCount),
            returned: UnsafeRawBufferPointer(start: returnData.base, count: returnData.count))
        tracer.step(step)
    }
}

extension Overlay {
    /// What it costs to look at an account (EIP-2929), which is warm and accessed from here on. Before Berlin it is
    /// all in the opcode's own price, as if the account was warm.
    mutating func accessCost(_ number: Int, _ fork: Fork) -> Int64 {
        access(number)
        guard fork >= .berlin else { return DynamicGas.warmAccess }
        if warm(number) { return DynamicGas.warmAccess }
        // Precompiled contracts are warm from the start.
        return Precompile.at(accounts[number].address, fork) == nil ? DynamicGas.coldAccount : DynamicGas.warmAccess
    }

    /// What SSTORE costs in all (EIP-2200, EIP-2929).
    @inline(__always)
    func storeCost(_ index: Int, _ word: UInt256, _ fork: Fork) -> Int64 {
        let cell = unsafe cells.pointer(at: index)
        if fork < .berlin { return earlyStoreCost(index, word, fork) }
        let access = unsafe cell.pointee.isWarm ? 0 : DynamicGas.coldSlot
        let current = unsafe cell.pointee.current
        guard current != word, unsafe current == cell.pointee.atStart else { return access &+ DynamicGas.warmAccess }
        return access &+ (current.isZero ? DynamicGas.storeNew : DynamicGas.storeChanged)
    }

    @inline(never)
    private func earlyStoreCost(_ index: Int, _ word: UInt256, _ fork: Fork) -> Int64 {
        EarlyStore.cost(atStart: cells[index].atStart, current: cells[index].current, new: word, fork)
    }

    /// SSTORE: writes the word, and keeps the refund's account (EIP-3529).
    mutating func store(_ word: UInt256, in index: Int, _ fork: Fork) {
        let cell = cells[index]
        if fork < .berlin {
            refund += EarlyStore.refund(atStart: cell.atStart, current: cell.current, new: word, fork)
            access(cell: index)
            if cell.current != word { set(cell: index, to: word) }
            return
        }
        let cleared = fork < .london ? EarlyStore.cleared : DynamicGas.storeCleared
        warm(cell: index)
        access(cell: index)
        guard cell.current != word else { return }
        if !cell.atStart.isZero {
            if cell.current.isZero {
                refund -= cleared
            } else if word.isZero {
                refund += cleared
            }
        }
        if cell.atStart == word {
            refund +=
                word.isZero
                ? DynamicGas.storeNew - DynamicGas.warmAccess : DynamicGas.storeChanged - DynamicGas.warmAccess
        }
        set(cell: index, to: word)
    }
}
