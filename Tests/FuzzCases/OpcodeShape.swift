/// What an operand is for, so that one can be drawn with which the opcode has something to do.
enum Operand {
    case word
    /// A position or count of bits or bytes within a word, or just beyond.
    case index
    /// A position in memory, input or code.
    case offset
    /// A number of bytes.
    case length
    case slot
    case address
    case gas
    case value
    case blockNumber
}

/// What an opcode takes, the top of the stack first, and how many words it leaves.
struct OpcodeShape {
    let opcode: UInt8
    let operands: [Operand]
    let results: Int

    init(_ opcode: UInt8, _ operands: [Operand], _ results: Int) {
        self.opcode = opcode
        self.operands = operands
        self.results = results
    }

    /// Opcodes that go on behind themselves. Jumps, DUP, SWAP and PUSH are the writer's own affair.
    static let arithmetic: [OpcodeShape] =
        (0x01...0x07).map { OpcodeShape($0, [.word, .word], 1) }
        + (0x08...0x09).map {
            OpcodeShape($0, [.word, .word, .word], 1)
        } + [OpcodeShape(0x0a, [.word, .word], 1), OpcodeShape(0x0b, [.index, .word], 1)]
        + (0x10...0x14).map { OpcodeShape($0, [.word, .word], 1) } + [OpcodeShape(0x15, [.word], 1)]
        + (0x16...0x18).map { OpcodeShape($0, [.word, .word], 1) } + [OpcodeShape(0x19, [.word], 1)]
        + (0x1a...0x1d).map { OpcodeShape($0, [.index, .word], 1) } + [OpcodeShape(0x20, [.offset, .length], 1)]

    /// CLZ: there since Osaka.
    static let countLeadingZeros = OpcodeShape(0x1e, [.word], 1)

    static let surroundings: [OpcodeShape] =
        [
            OpcodeShape(0x30, [], 1), OpcodeShape(0x31, [.address], 1), OpcodeShape(0x32, [], 1),
            OpcodeShape(0x33, [], 1), OpcodeShape(0x34, [], 1), OpcodeShape(0x35, [.offset], 1),
            OpcodeShape(0x36, [], 1), OpcodeShape(0x37, [.offset, .offset, .length], 0), OpcodeShape(0x38, [], 1),
            OpcodeShape(0x39, [.offset, .offset, .length], 0), OpcodeShape(0x3a, [], 1),
            OpcodeShape(0x3b, [.address], 1), OpcodeShape(0x3c, [.address, .offset, .offset, .length], 0),
            OpcodeShape(0x3d, [], 1), OpcodeShape(0x3f, [.address], 1), OpcodeShape(0x40, [.blockNumber], 1),
            OpcodeShape(0x49, [.index], 1), OpcodeShape(0x4a, [], 1),
        ] + (0x41...0x48).map { OpcodeShape($0, [], 1) }

    static let memory: [OpcodeShape] = [
        OpcodeShape(0x51, [.offset], 1), OpcodeShape(0x52, [.offset, .word], 0),
        OpcodeShape(0x53, [.offset, .word], 0), OpcodeShape(0x59, [], 1),
        OpcodeShape(0x5e, [.offset, .offset, .length], 0), OpcodeShape(0x58, [], 1), OpcodeShape(0x5a, [], 1),
        OpcodeShape(0x5f, [], 1),
    ]

    static let storage: [OpcodeShape] = [
        OpcodeShape(0x54, [.slot], 1), OpcodeShape(0x55, [.slot, .word], 0), OpcodeShape(0x5c, [.slot], 1),
        OpcodeShape(0x5d, [.slot, .word], 0),
    ]

    static let logs: [OpcodeShape] = (0...4).map { topics in
        OpcodeShape(0xa0 + UInt8(topics), [.offset, .length] + Array(repeating: .word, count: topics), 0)
    }

    static let calls: [OpcodeShape] = [
        OpcodeShape(0xf1, [.gas, .address, .value, .offset, .length, .offset, .length], 1),
        OpcodeShape(0xf2, [.gas, .address, .value, .offset, .length, .offset, .length], 1),
        OpcodeShape(0xf4, [.gas, .address, .offset, .length, .offset, .length], 1),
        OpcodeShape(0xfa, [.gas, .address, .offset, .length, .offset, .length], 1),
    ]

    /// What ends a call, in the order of `CodeWriter.end`.
    static let ends: [OpcodeShape] = [
        OpcodeShape(0xf3, [.offset, .length], 0), OpcodeShape(0x00, [], 0), OpcodeShape(0xfd, [.offset, .length], 0),
        OpcodeShape(0xff, [.address], 0), OpcodeShape(0xfe, [], 0),
    ]
}
