import Fixtures
import Primitives
import Testing

@testable import SystemContracts

/// Draws types and values of them.
struct ABIDrawing {
    var numbers: SeededNumbers

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
    }

    mutating func type(depth: Int = 3) -> ABIType {
        switch numbers.below(depth > 0 ? 11 : 7) {
        case 0: .uint(bits: 8 * (1 + numbers.below(32)))
        case 1: .int(bits: 8 * (1 + numbers.below(32)))
        case 2: .address
        case 3: .bool
        case 4: .fixedBytes(1 + numbers.below(32))
        case 5: .bytes
        case 6: .string
        case 7, 8: .array(of: type(depth: depth - 1))
        case 9: .fixedArray(of: type(depth: depth - 1), count: 1 + numbers.below(3))
        default: .tuple((0...numbers.below(3)).map { ABIParameter("field\($0)", type(depth: depth - 1)) })
        }
    }

    mutating func value(_ type: ABIType) -> ABIValue {
        switch type {
        case .uint(let bits): return .uint(word() >> (256 - bits))
        case .int(let bits): return .int(word().arithmeticShiftRight(256 - bits))
        case .address: return .address(Address(numbers.bytes(20)))
        case .bool: return .bool(numbers.below(2) == 1)
        case .fixedBytes(let count): return .fixedBytes(numbers.bytes(count))
        case .bytes: return .bytes(numbers.bytes(numbers.below(70)))
        case .string: return .string(String(repeating: "h\u{e9}\u{1f525}", count: numbers.below(12)))
        case .array(let element): return .array((0..<numbers.below(4)).map { _ in value(element) })
        case .fixedArray(let element, let count): return .tuple((0..<count).map { _ in value(element) })
        case .tuple(let components): return .tuple(components.map { value($0.type) })
        }
    }

    private mutating func word() -> UInt256 {
        // Extremes come more often than chance would have them.
        switch numbers.below(5) {
        case 0: 0
        case 1: .max
        default: UInt256(bigEndian: numbers.bytes(32))
        }
    }
}

extension ABIValue {
    /// The bytes that it holds at the least: what decoding it must have read.
    fileprivate var contentBytes: Int {
        switch self {
        case .uint, .int, .address, .bool, .fixedBytes: 32
        case .bytes(let content): 32 + content.count
        case .string(let text): 32 + text.utf8.count
        case .array(let elements): elements.reduce(32) { $0 + $1.contentBytes }
        case .tuple(let components): components.reduce(0) { $0 + $1.contentBytes }
        }
    }
}

struct `An encoding` {
    static let seeds = UInt64(0)..<300

    @Test(arguments: seeds)
    func `decodes to what was encoded, in whole words, wherever it stands`(seed: UInt64) throws {
        var drawing = ABIDrawing(seed: seed)
        let types = (0...drawing.numbers.below(4)).map { _ in drawing.type() }
        let values = types.map { drawing.value($0) }
        let bytes = ABIValue.encode(values)
        #expect(bytes.count.isMultiple(of: 32))
        #expect(try ABIValue.decode(bytes[...], as: types) == values)
        // Behind a selector, and with something behind it, as calls may come.
        let call = [1, 2, 3, 4] + bytes + drawing.numbers.bytes(drawing.numbers.below(40))
        #expect(try ABIValue.decode(call[4...], as: types) == values)
    }

    @Test(arguments: seeds)
    func `without its last word is refused`(seed: UInt64) {
        var drawing = ABIDrawing(seed: seed)
        let types = (0...drawing.numbers.below(4)).map { _ in drawing.type() }
        let bytes = ABIValue.encode(types.map { drawing.value($0) })
        #expect(throws: ABIError.self) { try ABIValue.decode(bytes.dropLast(32), as: types) }
    }

    /// Many damages leave a valid encoding. None may trap, and none may make more of the input than is in it.
    @Test(arguments: seeds)
    func `that is damaged is refused, or yields no more than it holds`(seed: UInt64) throws {
        var drawing = ABIDrawing(seed: seed)
        let types = (0...drawing.numbers.below(4)).map { _ in drawing.type() }
        let bytes = ABIValue.encode(types.map { drawing.value($0) })
        for _ in 0..<40 {
            var damaged = bytes
            let word = 32 * drawing.numbers.below(bytes.count / 32)
            switch drawing.numbers.below(3) {
            case 0: damaged[word + 31] = UInt8(truncatingIfNeeded: 32 * drawing.numbers.below(8))
            case 1: damaged[drawing.numbers.below(bytes.count)] ^= 1 << drawing.numbers.below(8)
            default: damaged.replaceSubrange(word..<word + 32, with: drawing.numbers.bytes(32))
            }
            guard let values = try? ABIValue.decode(damaged[...], as: types) else { continue }
            #expect(values.reduce(0) { $0 + $1.contentBytes } <= damaged.count)
            #expect(try ABIValue.decode(ABIValue.encode(values)[...], as: types) == values)
        }
    }

    @Test(
        arguments: [
            (.uint8, "100"), (.uint64, "10000000000000000"),
            (.uint(bits: 248), "1" + String(repeating: "0", count: 62)),
            (.int(bits: 8), "80"), (.int(bits: 8), "ff"), (.bool, "2"),
            (.address, "1" + String(repeating: "0", count: 40)),
            (.fixedBytes(31), "1"), (.fixedBytes(1), "1" + String(repeating: "0", count: 60)),
        ] as [(ABIType, String)])
    func `with stray bits beside a short type is refused`(type: ABIType, digits: String) throws {
        let bytes = try UInt256(hex: "0x" + digits).bigEndianBytes
        #expect(throws: ABIError.padding(at: 0, type)) { try ABIValue.decode(bytes[...], as: [type]) }
    }

    @Test(
        arguments: [
            ([65, 0], .bytes, .offset(at: 0, 65)), ([.max, 0], .bytes, .offset(at: 0, .max)),
            ([64], .bytes, .offset(at: 0, 64)), ([32], .bytes, .truncated(at: 32, needed: 32, found: 0)),
            ([32, 1], .bytes, .length(at: 32, 1)), ([32, .max], .string, .length(at: 32, .max)),
            ([32, 2, 0], .array(of: .bool), .length(at: 32, 2)),
            ([32, UInt256(limbs: 0, 1, 0, 0), 0], .array(of: .bool), .length(at: 32, UInt256(limbs: 0, 1, 0, 0))),
            ([32, UInt256(UInt64(Int.max)), 0], .array(of: .bytes), .length(at: 32, UInt256(UInt64(Int.max)))),
            ([32, 1, 0], .array(of: .fixedArray(of: .bool, count: 2)), .length(at: 32, 1)),
            ([], .bool, .truncated(at: 0, needed: 32, found: 0)),
        ] as [([UInt256], ABIType, ABIError)])
    func `that leads out of itself is refused`(words: [UInt256], type: ABIType, error: ABIError) {
        let bytes = words.flatMap(\.bigEndianBytes)
        #expect(throws: error) { try ABIValue.decode(bytes[...], as: [type]) }
    }

    @Test
    func `with a string that is not UTF-8 is refused`() {
        let bytes = ABIValue.encode([.bytes([0xc3, 0x28])])
        #expect(throws: ABIError.notUTF8(at: 32)) { try ABIValue.decode(bytes[...], as: [.string]) }
    }

    /// A hundred offsets to one array of a hundred: ten thousand words out of two hundred.
    @Test
    func `whose values share bytes is refused before it costs more than it has bytes`() {
        let inner = [UInt256(100)] + (0..<100).map { UInt256(UInt64($0)) }
        let offsets = [UInt256](repeating: 3_200, count: 100)
        let bytes = ([32, 100] + offsets + inner).flatMap(\.bigEndianBytes)
        #expect {
            try ABIValue.decode(bytes[...], as: [.array(of: .array(of: .uint256))])
        } throws: { error in
            if case ABIError.overlap = error { true } else { false }
        }
    }

    @Test
    func `is accepted with tails in any order, gaps, and no padding at the end, as by solc`() throws {
        let words: [UInt256] = [128, 64, 1, UInt256(7) << 248, 2]
        let bytes = words.flatMap(\.bigEndianBytes) + [8, 9]
        #expect(try ABIValue.decode(bytes[...], as: [.bytes, .bytes]) == [.bytes([8, 9]), .bytes([7])])
    }
}

struct `A Swift type` {
    @Test
    func `stands for one of the ABI, and comes back as it was`() throws {
        try roundTrip(UInt256.max, "uint256")
        try roundTrip(UInt64.max, "uint64")
        try roundTrip(UInt8.max, "uint8")
        try roundTrip(Address(Bytes(0..<20)), "address")
        try roundTrip(true, "bool")
        try roundTrip(Hash32(Bytes(0..<32)), "bytes32")
        try roundTrip("fire", "string")
        try roundTrip([1, 2, 3] as Bytes, "bytes")
        try roundTrip([[], [1]] as [Bytes], "bytes[]")
        try roundTrip([[1, 2], []] as [[UInt64]], "uint64[][]")
    }

    private func roundTrip<Value: ABICodable & Equatable>(_ value: Value, _ type: String) throws {
        #expect(Value.abiType.description == type)
        let bytes = ABIValue.encode([value.abiValue])
        let decoded = try #require(try ABIValue.decode(bytes[...], as: [Value.abiType]).first)
        #expect(try Value(abiValue: decoded) == value)
    }

    @Test
    func `refuses a value of another type`() {
        let number = ABIValue.uint(300)
        #expect(throws: ABIError.mismatch(expected: .uint8, found: number)) { try UInt8(abiValue: number) }
        #expect(throws: ABIError.mismatch(expected: .uint64, found: .uint(.max))) { try UInt64(abiValue: .uint(.max)) }
        #expect(throws: ABIError.mismatch(expected: .uint256, found: .bool(true))) {
            try UInt256(abiValue: .bool(true))
        }
        #expect(throws: ABIError.mismatch(expected: .address, found: number)) { try Address(abiValue: number) }
        #expect(throws: ABIError.mismatch(expected: .bool, found: number)) { try Bool(abiValue: number) }
        #expect(throws: ABIError.mismatch(expected: .string, found: number)) { try String(abiValue: number) }
        #expect(throws: ABIError.mismatch(expected: .bytes32, found: .fixedBytes([1]))) {
            try Hash32(abiValue: .fixedBytes([1]))
        }
        #expect(throws: ABIError.mismatch(expected: .bytes, found: .array([]))) { try Bytes(abiValue: .array([])) }
        #expect(throws: ABIError.mismatch(expected: .array(of: .bool), found: .bytes([1]))) {
            try [Bool](abiValue: .bytes([1]))
        }
        #expect(throws: ABIError.mismatch(expected: .bool, found: number)) { try [Bool](abiValue: .array([number])) }
    }
}
