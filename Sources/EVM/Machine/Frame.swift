import Primitives

/// A call that is open: its context, and its registers while it is not the one that runs.
///
/// Frames lie on a stack of their own, so that a depth of 1,024 takes nothing of the thread's stack.
struct Frame: BitwiseCopyable {
    // Registers
    /// The position of the next opcode.
    var position = 0
    var gas: Int64
    /// Words on the stack.
    var stackCount = 0
    /// In bytes, a multiple of 32.
    var memoryCount = 0

    // Where it begins in what all calls share
    let stackBase: Int
    let memoryBase: Int

    // Context
    let kind: TracedCall.Kind
    /// The number of the account whose storage and balance are in use.
    let account: Int
    let address: Address
    let caller: Address
    let value: UInt256
    let input: Input
    let isStatic: Bool

    // What to do at its end
    /// Where in the caller's memory the return data goes.
    let outputStart: Int
    let outputCount: Int
    let checkpoint: Checkpoint
    let gasAtStart: Int64

    var isCreation: Bool { kind == .create || kind == .create2 }
}

/// Where the data of a call lies.
@safe
enum Input: BitwiseCopyable {
    /// Outside the machine: the outermost call's.
    case outside(UnsafeRawBufferPointer)
    /// In the memory of calls below, from this byte of the shared memory on.
    case memory(start: Int, count: Int)
}

/// The memories of all open calls, one behind the other.
@safe
struct SharedMemory: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int

    private static var capacityAtStart: Int { 64 << 10 }

    init() {
        capacity = Self.capacityAtStart
        unsafe base = .allocate(byteCount: capacity, alignment: 32)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Makes bytes `start` to `end` there, all zero.
    mutating func extend(from start: Int, to end: Int) {
        if end > capacity { grow(to: end, keeping: start) }
        unsafe (base + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
    }

    /// Gives memory back that an unusual message took.
    mutating func shrink() {
        guard capacity > MachineLimits.memoryBytesKept else { return }
        unsafe base.deallocate()
        capacity = Self.capacityAtStart
        unsafe base = .allocate(byteCount: capacity, alignment: 32)
    }

    @inline(never)
    private mutating func grow(to end: Int, keeping count: Int) {
        let newCapacity = max(end, capacity * 2)
        let grown = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 32)
        unsafe grown.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = grown
        capacity = newCapacity
    }
}

/// Bytes that one call leaves for another: return data.
@safe
struct ReturnData: ~Copyable {
    private var bytes = Buffer<UInt8>(capacity: 256)

    var count: Int {
        @inline(__always) get { bytes.count }
    }

    @unsafe
    var base: UnsafeMutablePointer<UInt8> { unsafe bytes.pointer(at: 0) }

    var copy: Bytes { unsafe Bytes(UnsafeBufferPointer(start: bytes.pointer(at: 0), count: bytes.count)) }

    mutating func removeAll() {
        bytes.removeAll()
    }

    @unsafe
    mutating func set(_ source: UnsafeRawPointer, count: Int) {
        bytes.removeAll()
        unsafe bytes.extend(to: count)
        unsafe UnsafeMutableRawPointer(bytes.pointer(at: 0)).copyMemory(from: source, byteCount: count)
    }

    mutating func set(_ source: Bytes) {
        unsafe source.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe set(base, count: source.count) } else { removeAll() }
        }
    }
}
