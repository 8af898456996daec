import Primitives

/// The registers of the call that runs. A local variable of the loop, so that all of it lives in the processor's own.
///
/// It vouches for the memory it points to: the loop checks the stack before each opcode, code is padded, and `reach`
/// comes before each access to memory.
@safe
struct Registers {
    /// The next opcode.
    var next: UnsafeMutablePointer<UInt8>
    /// The word on top of the stack.
    private var stack: UnsafeMutablePointer<UInt256>
    var gas: Int64
    private var memory: UnsafeMutableRawPointer
    private(set) var memoryCount: Int
    private var input: UnsafeRawPointer
    let inputCount: Int
    let code: UnsafeMutablePointer<UInt8>
    let codeCount: Int
    private let destinations: UnsafeMutablePointer<UInt64>
    /// One word below the bottom of the stack.
    private let floor: UnsafeMutablePointer<UInt256>
    /// Zero, which the compiler does not know: else it writes the upper limbs of a small word as vectors, and reading
    /// them one by one right after that waits until the cache has them.
    private let zero: UInt64

    @inline(__always)
    init(
        _ frame: borrowing Frame, _ code: Code, stack words: UnsafeMutablePointer<UInt256>,
        memory shared: UnsafeMutableRawPointer
    ) {
        unsafe self.code = code.bytes
        codeCount = code.count
        unsafe destinations = code.destinations
        unsafe next = code.bytes + frame.position
        unsafe floor = words + frame.stackBase - 1
        zero = Self.opaqueZero()
        unsafe stack = floor + frame.stackCount
        gas = frame.gas
        unsafe memory = shared + frame.memoryBase
        memoryCount = frame.memoryCount
        switch frame.input {
        case .outside(let bytes):
            unsafe input = bytes.baseAddress ?? UnsafeRawPointer(shared)
            inputCount = bytes.count
        case .memory(let start, let count):
            unsafe input = UnsafeRawPointer(shared + start)
            inputCount = count
        }
    }

    /// Puts the registers down, to go on later.
    @inline(__always)
    func save(to frame: inout Frame) {
        frame.position = unsafe next - code
        frame.stackCount = unsafe stack - floor
        frame.gas = gas
        frame.memoryCount = memoryCount
    }

    // MARK: Stack

    /// How many bytes of words are on the stack.
    @inline(__always)
    var stackBytes: Int { unsafe Int(bitPattern: stack) &- Int(bitPattern: floor) }

    var top: UInt256 {
        @inline(__always) get { unsafe stack.pointee }
        @inline(__always) nonmutating set { unsafe stack.pointee = newValue }
    }

    /// The word `depth` places below the top.
    @inline(__always)
    func word(_ depth: Int) -> UInt256 { unsafe stack[0 &- depth] }

    @inline(__always)
    mutating func pop() -> UInt256 {
        let word = unsafe stack.pointee
        unsafe stack -= 1
        return word
    }

    @inline(__always)
    mutating func drop(_ count: Int) {
        unsafe stack -= count
    }

    @inline(__always)
    mutating func push(_ word: UInt256) {
        unsafe stack += 1
        unsafe stack.pointee = word
    }

    @inline(__always)
    mutating func push(_ word: UInt64) {
        push(UInt256(limbs: word, zero, zero, zero))
    }

    @inline(never)
    @_optimize(none)
    private static func opaqueZero() -> UInt64 { 0 }

    @inline(__always)
    mutating func duplicate(_ depth: Int) {
        let word = unsafe stack[0 &- depth]
        push(word)
    }

    @inline(__always)
    func swapTop(with depth: Int) {
        let word = unsafe stack[0 &- depth]
        unsafe stack[0 &- depth] = stack[0]
        unsafe stack[0] = word
    }

    /// Topic `position` of a LOG whose offset and size have been popped; zero beyond `count`.
    @inline(__always)
    func topic(_ position: Int, of count: Int) -> Hash32 {
        position < count ? word(position).hash : .zero
    }

    // MARK: Code

    /// The `count` bytes behind the opcode as a word, for PUSH1 to PUSH8.
    @inline(__always)
    mutating func pushOperand(upToEight count: Int) {
        let bytes = unsafe UnsafeRawPointer(next).loadUnaligned(as: UInt64.self).bigEndian
        push(bytes &>> UInt64(64 &- 8 &* count))
        unsafe next += count
    }

    /// The same for any number of bytes.
    @inline(__always)
    mutating func pushOperand(_ count: Int) {
        let word = unsafe UInt256(bigEndianAt: UnsafeRawPointer(next))
        push(word >> (256 &- 8 &* count))
        unsafe next += count
    }

    /// Goes to `target`, or says that no jump may lead there.
    @inline(__always)
    mutating func jump(to target: UInt256) -> Bool {
        guard target.limb1 | target.limb2 | target.limb3 == 0, target.limb0 < UInt64(codeCount) else { return false }
        let position = Int(target.limb0)
        guard unsafe destinations[position &>> 6] &>> UInt64(position & 63) & 1 == 1 else { return false }
        unsafe next = code + position
        return true
    }

    /// The position of the opcode that was fetched last.
    @inline(__always)
    var position: Int { unsafe next - code - 1 }

    /// Back to before the opcode that was fetched last, which has to wait.
    @inline(__always)
    mutating func stepBack(_ rule: OpcodeRule) {
        unsafe next -= 1
        gas &+= Int64(rule.gas)
    }

    /// Why the opcode may not run whose table entry is `rule`: its gas has been taken.
    func reason(for rule: OpcodeRule) -> Halt {
        if rule.needed == OpcodeRule.undefined.needed { return .undefinedOpcode }
        if stackBytes < Int(rule.needed) { return .stackUnderflow }
        return gas < 0 ? .outOfGas : .stackOverflow
    }

    // MARK: Memory

    /// Whether the memory holds `count` bytes (at most 32) from `offset` on.
    @inline(__always)
    func holds(_ offset: UInt256, _ count: Int) -> Bool {
        offset.limb1 | offset.limb2 | offset.limb3 == 0 && offset.limb0 < UInt64(MachineLimits.memoryBytesMax)
            && Int(truncatingIfNeeded: offset.limb0) &+ count <= memoryCount
    }

    @inline(__always)
    func loadWord(_ offset: Int) -> UInt256 {
        unsafe UInt256(bigEndianAt: UnsafeRawPointer(memory + offset))
    }

    @inline(__always)
    func storeWord(_ word: UInt256, at offset: Int) {
        unsafe word.storeBigEndian(to: memory + offset)
    }

    @inline(__always)
    func storeByte(_ byte: UInt8, at offset: Int) {
        unsafe memory.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    @unsafe
    func memory(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: memory + offset, count: count)
    }

    /// Copies `count` bytes of `source` from `start` on; behind its end there are zeros.
    func copy(_ source: UnsafeRawPointer, _ sourceCount: Int, from start: UInt256, to offset: Int, _ count: Int) {
        let begin = min(start.asInt ?? sourceCount, sourceCount)
        let there = min(count, sourceCount - begin)
        if there > 0 { unsafe (memory + offset).copyMemory(from: source + begin, byteCount: there) }
        if there < count {
            unsafe (memory + offset + there).initializeMemory(as: UInt8.self, repeating: 0, count: count - there)
        }
    }

    /// EIP-5656: as if through a buffer in between.
    func move(from source: Int, to target: Int, _ count: Int) {
        unsafe (memory + target).copyMemory(from: memory + source, byteCount: count)
    }

    /// The memory has grown, and perhaps moved.
    mutating func memoryGrew(to count: Int, in shared: UnsafeMutableRawPointer, _ frame: borrowing Frame) {
        memoryCount = count
        unsafe memory = shared + frame.memoryBase
        if case .memory(let start, _) = frame.input { unsafe input = UnsafeRawPointer(shared + start) }
    }

    // MARK: Input

    @inline(__always)
    func inputWord(_ offset: UInt256) -> UInt256 {
        guard let start = offset.asInt, start < inputCount else { return 0 }
        if inputCount &- start >= 32 { return unsafe UInt256(bigEndianAt: input + start) }
        return unsafe UInt256(bigEndianStartAt: input + start, count: inputCount &- start)
    }

    @unsafe
    var inputStart: UnsafeRawPointer { unsafe input }

    // MARK: Tracing

    @unsafe
    var stackWords: UnsafeBufferPointer<UInt256> {
        unsafe UnsafeBufferPointer(start: floor + 1, count: stack - floor)
    }
}

extension UInt256 {
    @inline(__always)
    @unsafe
    init(bigEndianAt bytes: UnsafeRawPointer) {
        unsafe self.init(
            limbs: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self).byteSwapped,
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).byteSwapped,
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).byteSwapped,
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self).byteSwapped)
    }

    /// The first bytes of a word whose others are zero.
    @inline(never)
    @unsafe
    init(bigEndianStartAt bytes: UnsafeRawPointer, count: Int) {
        let start = unsafe UInt256(bigEndian: UnsafeRawBufferPointer(start: bytes, count: count))
        self = start << (256 - 8 * count)
    }

    @inline(__always)
    @unsafe
    func storeBigEndian(to bytes: UnsafeMutableRawPointer) {
        unsafe bytes.storeBytes(of: limb3.byteSwapped, toByteOffset: 0, as: UInt64.self)
        unsafe bytes.storeBytes(of: limb2.byteSwapped, toByteOffset: 8, as: UInt64.self)
        unsafe bytes.storeBytes(of: limb1.byteSwapped, toByteOffset: 16, as: UInt64.self)
        unsafe bytes.storeBytes(of: limb0.byteSwapped, toByteOffset: 24, as: UInt64.self)
    }
}
