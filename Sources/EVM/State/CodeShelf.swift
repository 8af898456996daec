import Primitives

/// Code that a journal has read or been given, by hash.
///
/// What was given is kept; what was read can be read again, and goes when the shelf is full.
struct CodeShelf: ~Copyable {
    /// Bytes of code that are kept ready to run: more than one transaction can touch. At 2,600 gas for each first look
    /// (EIP-2929), 2^24 gas reach 6,452 contracts of 24,576 bytes, 159 MB. With less room a transaction could go
    /// around and around, and pay 100 gas for what has to be read anew each time.
    static let bytesMax = 160 << 20

    private let limit: Int
    private var positions: [Hash32: Int] = [:]
    private var ready: [Code] = []
    private var readyBytes = 0
    private var given: [Hash32: Bytes] = [:]

    init(bytesMax limit: Int = CodeShelf.bytesMax) {
        self.limit = limit
    }

    subscript(position: Int) -> Code { ready[position] }

    func position(of hash: Hash32) -> Int? { positions[hash] }

    func hasRoom(for code: Bytes) -> Bool {
        readyBytes + code.count <= limit
    }

    mutating func load(_ code: Bytes, hash: Hash32) {
        guard positions[hash] == nil else { return }
        positions[hash] = ready.count
        ready.append(Code(code))
        readyBytes += code.count
    }

    /// Forgets what can be read or made again. All positions end.
    mutating func removeLoaded() {
        positions.removeAll(keepingCapacity: true)
        ready.removeAll(keepingCapacity: true)
        readyBytes = 0
    }

    mutating func give(_ code: Bytes, hash: Hash32) {
        given[hash] = code
    }

    func given(_ hash: Hash32) -> Bytes? { given[hash] }

    /// Code that was given, of those hashes that are `wanted`, in ascending order of hash.
    func added(where wanted: (Hash32) -> Bool) -> [StateChanges.NewCode] {
        given.filter { wanted($0.key) }.map { StateChanges.NewCode(hash: $0.key, code: $0.value) }
            .sorted { $0.hash < $1.hash }
    }

    /// Forgets what was given. What is ready stays: a hash names the same code in every state.
    mutating func removeGiven() {
        if !given.isEmpty { given.removeAll(keepingCapacity: true) }
    }
}
