import FoundationEssentials
import Primitives
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A directory of one test's own, removed when the test lets go of it.
final class Scratch: Sendable {
    let path: String
    private static let made = Atomic<Int>(0)

    init() throws {
        let number = Self.made.add(1, ordering: .relaxed).newValue
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "firetower-storage-\(getpid())-\(number)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A name that no file here has.
    func fresh(_ name: String) -> String {
        (0...).lazy.map { "\($0)-\(name)" }.first { !exists($0) }!
    }

    subscript(name: String) -> String { "\(path)/\(name)" }

    func read(_ name: String) throws -> Bytes {
        try Bytes(Data(contentsOf: URL(filePath: self[name])))
    }

    func write(_ bytes: Bytes, to name: String) throws {
        try Data(bytes).write(to: URL(filePath: self[name]))
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: self[name])
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self[name])
    }

    /// Copies a database with its write-ahead log as it lies there: what a killed process leaves behind.
    func copyDatabase(_ name: String, to copy: String) throws {
        for suffix in ["", "-wal"] where exists(name + suffix) {
            try write(read(name + suffix), to: copy + suffix)
        }
    }
}

/// A small deterministic generator (xorshift64*), so that a failing seed is the whole report.
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
