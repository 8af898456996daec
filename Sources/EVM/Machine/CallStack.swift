import Primitives

/// The open calls with their stacks and memories: all that the machine is, without what it runs on.
@safe
struct CallStack: ~Copyable {
    var frames = Buffer<Frame>(capacity: 16)
    /// The code of each frame.
    var codes: [Code] = []
    /// The stacks of all frames, one behind the other. Pages that are never used are never there.
    let words: UnsafeMutablePointer<UInt256>
    var memory = SharedMemory()
    /// What the last call returned to the one that runs (EIP-211).
    var returnData = ReturnData()
    /// What the frame on top has asked for and not got yet.
    var pending: Pending?
    /// The opcode that runs next has been shown to the tracer already.
    var isRepeating = false
    /// Where to go back to if the native contract that runs does not succeed.
    var nativeCheckpoint: Checkpoint?
    /// Block hashes that were asked for.
    private var blockHashes: [Height: Hash32] = [:]
    /// Set when the outermost call has ended.
    var outcome: Outcome?
    /// The rules of the message that runs.
    private(set) var fork = Fork.osaka

    private static var wordsMax: Int { (MachineLimits.depthMax + 1) * OpcodeRule.stackWordsMax }

    init() {
        // Aligned, so that no word lies across two lines of the cache.
        unsafe words = UnsafeMutableRawPointer.allocate(
            byteCount: Self.wordsMax * OpcodeRule.wordBytes, alignment: 64
        ).bindMemory(to: UInt256.self, capacity: Self.wordsMax)
    }

    deinit {
        unsafe words.deallocate()
    }

    /// Makes it ready for a message under the rules of `fork`, whatever became of the last one.
    mutating func clear(for fork: Fork) {
        self.fork = fork
        frames.removeAll()
        codes.removeAll(keepingCapacity: true)
        returnData.removeAll()
        memory.shrink()
        pending = nil
        isRepeating = false
        outcome = nil
        nativeCheckpoint = nil
        if !blockHashes.isEmpty { blockHashes.removeAll(keepingCapacity: true) }
    }

    func knownBlockHash(_ number: Height) -> Hash32? { blockHashes[number] }

    mutating func load(blockHash: Hash32, of number: Height) {
        blockHashes[number] = blockHash
    }

    /// `advance` with nobody watching.
    @inline(never)
    mutating func advance(_ overlay: inout Overlay, in environment: borrowing Environment) -> Step {
        var nobody = NoTracer()
        return advance(&overlay, in: environment, tracer: &nobody)
    }

    /// Goes on until the frame on top ends or opens another, or until something is lacking.
    mutating func advance(
        _ overlay: inout Overlay, in environment: borrowing Environment, tracer: inout some Tracer
    ) -> Step {
        if let pending { return resolve(pending, &overlay, in: environment, &tracer) }
        switch execute(&overlay, in: environment, tracer: &tracer) {
        case .stopped:
            returnData.removeAll()
            return close(.success, &overlay, &tracer)
        case .returned(let start, let count):
            keep(start, count)
            return close(.success, &overlay, &tracer)
        case .reverted(let start, let count):
            keep(start, count)
            return close(.reverted, &overlay, &tracer)
        case .halted(let reason): return halt(reason, &overlay, &tracer)
        case .pending(let pending):
            self.pending = pending
            return resolve(pending, &overlay, in: environment, &tracer)
        case .need(let need): return .need(need)
        }
    }

    /// Takes the step that an opcode left to be taken, or says what it still needs.
    private mutating func resolve(
        _ pending: Pending, _ overlay: inout Overlay, in environment: borrowing Environment,
        _ tracer: inout some Tracer
    ) -> Step {
        let step =
            switch pending {
            case .call(let opcode): call(opcode, &overlay, in: environment, tracer: &tracer)
            case .create(let creation): create(creation, &overlay, in: environment, tracer: &tracer)
            case .selfDestruct: selfDestruct(&overlay, in: environment, tracer: &tracer)
            }
        if case .need = step { return step }
        self.pending = nil
        return step
    }

    /// Keeps a range of the running call's memory as return data.
    private mutating func keep(_ start: Int, _ count: Int) {
        unsafe returnData.set(UnsafeRawPointer(memory.base + frames[frames.count - 1].memoryBase + start), count: count)
    }

    /// The depth of the call that runs; 0 for the outermost.
    var depth: Int { frames.count - 1 }
}

/// An opcode that takes more than one step.
enum Pending {
    case call(UInt8)
    case create(Creation)
    case selfDestruct
}

/// Why the loop, or a step between two runs of it, stopped.
enum Pause {
    case stopped
    case returned(start: Int, count: Int)
    case reverted(start: Int, count: Int)
    case halted(Halt)
    case pending(Pending)
    case need(Need)
}

/// What the machine has to know of the state before it can go on. It asks before it changes anything, so that whoever
/// cannot answer can throw.
enum Need {
    /// The account with this number.
    case account(Int)
    /// The code of the account with this number.
    case code(Int)
    /// The cell with this number.
    case cell(Int)
    /// Whether the account with this number has storage.
    case storagePresence(Int)
    case blockHash(Height)
}

/// What a step between two runs of the loop led to.
enum Step {
    case proceed
    case need(Need)
    /// A native contract is to run.
    case native(Callee)
}
