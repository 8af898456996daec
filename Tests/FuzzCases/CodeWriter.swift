import EVM
import Fixtures
import Primitives

/// Writes random code that has something to do: operands that fit, jumps that land, contracts that make contracts.
///
/// Random bytes alone die at the first opcode that lacks an operand.
struct CodeWriter {
    /// Where the code will run.
    struct Setting {
        var fork: Fork
        /// Accounts and precompiled contracts worth calling.
        var addresses: [Address]
        /// No loops and no calls of the contract itself: behind its one call of itself it goes deep but not wide.
        var isStraight = false
    }

    private enum Target {
        case label(Int)
        case blob(Int)
    }

    let setting: Setting
    var numbers: SeededNumbers
    private(set) var code: Bytes = []
    /// Words on the stack for certain: those since the last JUMPDEST.
    private(set) var height = 0
    /// Two-byte places that wait for a position.
    private var gaps: [(place: Int, target: Target)] = []
    private var labels: [Int: Int] = [:]
    /// Bytes behind the code: initcode, inputs.
    private var blobs: [Bytes] = []

    init(_ setting: Setting, _ numbers: SeededNumbers) {
        self.setting = setting
        self.numbers = numbers
    }

    // MARK: Whole contracts

    /// A contract of a few blocks that jump among each other.
    ///
    /// - Parameter opening: What runs before them.
    mutating func writeContract(opening: Bytes = [], nesting: Int, statements: Int) -> Bytes {
        code = opening
        let blocks = setting.isStraight ? 1 : 1 + numbers.below(5)
        for block in 0..<blocks {
            if block > 0 { place(label: block) }
            for _ in 0..<(1 + statements / blocks) { writeStatement(nesting: nesting) }
            if block + 1 < blocks { leaveBlock(block, of: blocks) }
        }
        end()
        return finish()
    }

    /// Initcode that does something, then deposits what it was given.
    mutating func writeInitcode(of runtime: Bytes, statements: Int) -> Bytes {
        for _ in 0..<statements { writeStatement(nesting: 0) }
        let position = numbers.below(64)
        copy(blob: runtime, to: position)
        // Now and then code that may not be deposited: too long (EIP-170).
        let length = chance(1, of: 40) ? 24_577 : runtime.count
        push(UInt256(UInt64(length)))
        push(UInt256(UInt64(position)))
        emit(chance(1, of: 20) ? 0xfd : 0xf3, takes: 2)
        return finish()
    }

    /// Appends the blobs and fills every gap.
    private mutating func finish() -> Bytes {
        var positions: [Int] = []
        for blob in blobs {
            positions.append(code.count)
            code += blob
        }
        for gap in gaps {
            let position =
                switch gap.target {
                case .label(let label): labels[label] ?? 0
                case .blob(let blob): positions[blob]
                }
            code[gap.place] = UInt8(truncatingIfNeeded: position >> 8)
            code[gap.place + 1] = UInt8(truncatingIfNeeded: position)
        }
        return code
    }

    // MARK: Jumps

    private mutating func place(label: Int) {
        labels[label] = code.count
        emit(0x5b)
        height = 0
    }

    /// On into the next block, or by a jump into any: backwards in a loop that is counted in memory.
    private mutating func leaveBlock(_ block: Int, of blocks: Int) {
        let ahead = block + 1 + numbers.below(blocks - block - 1)
        switch numbers.below(10) {
        case 0...2: break
        case 3, 4:
            push(label: ahead)
            emit(0x56, takes: 1)
        case 5, 6, 7:
            pushOperand(.word)
            push(label: ahead)
            emit(0x57, takes: 2)
        case 8 where block > 0:
            writeLoop(to: 1 + numbers.below(block))
        default:
            // To a place where no jump may land, if the word says so.
            push(chance(1, of: 8) ? drawWord() : 0)
            pushOperand(.offset)
            emit(0x57, takes: 2)
        }
    }

    private mutating func writeLoop(to label: Int) {
        let counter = UInt256(0x3e0)
        push(counter)
        emit(0x51, takes: 1, leaves: 1)
        push(1)
        emit(0x01, takes: 2, leaves: 1)
        emit(0x80, leaves: 1)
        push(counter)
        emit(0x52, takes: 2)
        push(UInt256(UInt64(2 + numbers.below(30))))
        emit(0x11, takes: 2, leaves: 1)
        push(label: label)
        emit(0x57, takes: 2)
    }

    // MARK: Statements

    mutating func writeStatement(nesting: Int) {
        switch numbers.below(100) {
        case 0..<34: write(pick(OpcodeShape.arithmetic))
        case 34..<36 where setting.fork >= .osaka: write(OpcodeShape.countLeadingZeros)
        case 36..<48: write(pick(OpcodeShape.surroundings))
        case 48..<58: write(pick(OpcodeShape.memory))
        case 58..<68: write(pick(OpcodeShape.storage))
        case 68..<71: write(pick(OpcodeShape.logs))
        case 71..<82: write(pick(OpcodeShape.calls))
        case 82..<85: copyReturnData()
        case 85..<88: shuffle()
        case 88..<92: callPrecompile()
        case 92..<97 where nesting > 0: create(nesting: nesting)
        case 97 where !setting.isStraight && chance(1, of: 8):
            emit(drawOpcode())
            height = 0
        default: write(pick(OpcodeShape.memory))
        }
    }

    /// An opcode with operands under it, and what becomes of its result.
    private mutating func write(_ shape: OpcodeShape) {
        for operand in shape.operands.reversed() { pushOperand(operand) }
        emit(shape.opcode, takes: shape.operands.count, leaves: shape.results)
        if shape.results > 0 { settle() }
    }

    /// Keeps the top word on the stack, in memory or in storage: a wrong one must show in the end.
    private mutating func settle() {
        let kept = numbers.below(height > 10 ? 6 : 10)
        switch kept {
        case 0...2:
            pushOperand(.offset)
            emit(0x52, takes: 2)
        case 3, 4:
            pushOperand(.slot)
            emit(0x55, takes: 2)
        case 5: emit(0x50, takes: 1)
        default: break
        }
    }

    private mutating func copyReturnData() {
        if chance(1, of: 40) {
            write(OpcodeShape(0x3e, [.offset, .index, .index], 0))
        } else {
            emit(0x3d, leaves: 1)
            push(0)
            pushOperand(.offset)
            emit(0x3e, takes: 3)
        }
    }

    /// DUP, SWAP and POP over the words that are there; rarely over one that is not.
    private mutating func shuffle() {
        for _ in 0..<(1 + numbers.below(4)) {
            let reach = min(16, height)
            if chance(1, of: 400) {
                emit(0x80 + UInt8(numbers.below(32)))
                height = 0
            } else if reach == 0 {
                pushOperand(.word)
            } else if chance(1, of: 2) || reach < 2 {
                emit(0x7f + UInt8(1 + numbers.below(reach)), leaves: 1)
            } else {
                emit(0x8f + UInt8(1 + numbers.below(reach - 1)))
            }
        }
    }

    private mutating func callPrecompile() {
        let (address, input) = PrecompileInput.draw(with: &numbers)
        copy(blob: input, to: 0)
        let isStatic = chance(1, of: 2)
        push(UInt256(UInt64(numbers.below(80))))
        pushOperand(.offset)
        push(UInt256(UInt64(chance(1, of: 10) ? numbers.below(input.count + 40) : input.count)))
        push(0)
        if !isStatic { pushOperand(.value) }
        push(UInt256(address))
        emit(0x5a, leaves: 1)
        emit(isStatic ? 0xfa : 0xf1, takes: isStatic ? 6 : 7, leaves: 1)
        settle()
    }

    private mutating func create(nesting: Int) {
        var inner = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
        var runtime = inner.writeContract(nesting: nesting - 1, statements: 6)
        if chance(1, of: 30) { runtime.insert(0xef, at: 0) }
        var outer = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
        let initcode = outer.writeInitcode(of: runtime, statements: numbers.below(4))
        let isSalted = chance(1, of: 2)
        copy(blob: initcode, to: 0)
        if isSalted { push(UInt256(UInt64(numbers.below(3)))) }
        push(UInt256(UInt64(initcode.count)))
        push(0)
        pushOperand(.value)
        emit(isSalted ? 0xf5 : 0xf0, takes: isSalted ? 4 : 3, leaves: 1)
        guard chance(2, of: 3) else { return settle() }
        // Calls what it made: address below, six operands above it.
        for _ in 0..<4 { push(UInt256(UInt64(numbers.below(64)))) }
        pushOperand(.value)
        emit(0x85, leaves: 1)
        emit(0x5a, leaves: 1)
        emit(0xf1, takes: 7, leaves: 1)
        settle()
    }

    /// RETURN mostly, so that what was computed is seen.
    private mutating func end() {
        let shape =
            switch numbers.below(40) {
            case 0...29: OpcodeShape.ends[0]
            case 30, 31: OpcodeShape.ends[1]
            case 32...35: OpcodeShape.ends[2]
            case 36...38: OpcodeShape.ends[3]
            default: OpcodeShape.ends[4]
            }
        write(shape)
    }

    /// Puts `blob` behind the code and has it copied to memory.
    private mutating func copy(blob: Bytes, to position: Int) {
        push(UInt256(UInt64(blob.count)))
        emit(0x61)
        gaps.append((code.count, .blob(blobs.count)))
        code += [0, 0]
        height += 1
        blobs.append(blob)
        push(UInt256(UInt64(position)))
        emit(0x39, takes: 3)
    }

    // MARK: Operands

    private mutating func pushOperand(_ operand: Operand) {
        let fits = [.word, .index, .slot].contains(operand)
        if fits, height > 0, chance(1, of: 3) {
            return emit(0x7f + UInt8(1 + numbers.below(min(16, height))), leaves: 1)
        }
        switch operand {
        case .gas where chance(1, of: 5): emit(0x5a, leaves: 1)
        case .address where !setting.isStraight && chance(1, of: 12): emit(0x30, leaves: 1)
        default: push(draw(operand))
        }
    }

    private mutating func draw(_ operand: Operand) -> UInt256 {
        switch operand {
        case .word: drawWord()
        case .index: chance(1, of: 12) ? drawWord() : UInt256(UInt64(numbers.below(chance(1, of: 2) ? 34 : 260)))
        case .offset: drawSize(usual: 256, seldom: 5_000)
        case .length: chance(1, of: 10) ? 0 : drawSize(usual: 100, seldom: 3_000)
        case .slot: chance(1, of: 20) ? drawWord() : UInt256(UInt64(numbers.below(5)))
        case .address:
            chance(1, of: 20) ? drawWord() : UInt256(setting.addresses[numbers.below(setting.addresses.count)])
        case .gas: chance(1, of: 10) ? drawWord() : UInt256(UInt64(numbers.below(100_000)))
        case .value: chance(7, of: 10) ? 0 : chance(1, of: 8) ? drawWord() : UInt256(UInt64(numbers.below(1_000)))
        case .blockNumber: UInt256(FuzzCase.blockNumber &+ 2 &- UInt64(numbers.below(262)))
        }
    }

    private mutating func drawSize(usual: Int, seldom: Int) -> UInt256 {
        switch numbers.below(2_000) {
        case 0: drawWord()
        case 1..<150: UInt256(UInt64(numbers.below(seldom)))
        case 150..<600: UInt256(UInt64(numbers.below(usual / 32) * 32))
        default: UInt256(UInt64(numbers.below(usual)))
        }
    }

    /// A word as tests for edges would choose it, or any.
    mutating func drawWord() -> UInt256 {
        switch numbers.below(12) {
        case 0: 0
        case 1: 1
        case 2: UInt256(UInt64(numbers.below(300)))
        case 3: .max
        case 4: UInt256.one << 255
        case 5: UInt256.one << numbers.below(256)
        case 6: (UInt256.one << numbers.below(256)) &- 1
        case 7: (.zero &- (UInt256.one << numbers.below(256)))
        case 8: UInt256(numbers.next())
        case 9: .zero &- UInt256(UInt64(numbers.below(300)))
        default: UInt256(bigEndian: numbers.bytes(1 + numbers.below(32)))
        }
    }

    /// Any byte at all, defined or not.
    private mutating func drawOpcode() -> UInt8 {
        UInt8(truncatingIfNeeded: numbers.next() >> 16)
    }

    // MARK: Bytes

    private mutating func emit(_ opcode: UInt8, takes: Int = 0, leaves: Int = 0) {
        code.append(opcode)
        height = max(0, height - takes) + leaves
    }

    private mutating func push(_ word: UInt256) {
        let bytes = word.minimalBytes
        emit(0x5f + UInt8(bytes.count), leaves: 1)
        code += bytes
    }

    private mutating func push(label: Int) {
        emit(0x61, leaves: 1)
        gaps.append((code.count, .label(label)))
        code += [0, 0]
    }

    private mutating func pick(_ shapes: [OpcodeShape]) -> OpcodeShape {
        shapes[numbers.below(shapes.count)]
    }

    private mutating func chance(_ favourable: Int, of all: Int) -> Bool {
        numbers.below(all) < favourable
    }
}
