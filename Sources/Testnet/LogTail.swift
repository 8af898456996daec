internal import Primitives

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The last lines of a node's log, for an error message.
public struct LogTail: Sendable, CustomStringConvertible {
    public let path: String
    public let lines: [String]

    public static let lineMax = 15
    static let bytesMax = 64 << 10

    public init(path: String, lines: Int = Self.lineMax) {
        self.path = path
        guard let size = LogReader.size(path) else {
            self.lines = []
            return
        }
        let start = size > UInt64(Self.bytesMax) ? size - UInt64(Self.bytesMax) : 0
        let text = String(decoding: LogReader.read(path, from: start, max: Self.bytesMax), as: UTF8.self)
        var all = text.split(separator: "\n", omittingEmptySubsequences: true)
        // A tail that starts inside the file most likely starts inside a line.
        if start > 0, !all.isEmpty { all.removeFirst() }
        self.lines = all.suffix(lines).map(String.init)
    }

    public var description: String {
        guard !lines.isEmpty else { return "    (nothing in its log, \(path))" }
        return (["    last lines of \(path):"] + lines.map { "    | \($0)" }).joined(separator: "\n")
    }
}

/// Reads pieces of a file that another process appends to.
enum LogReader {
    static func size(_ path: String) -> UInt64? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return UInt64(status.st_size)
    }

    /// Up to `max` bytes from offset `start`; empty at the end and where there is no file.
    static func read(_ path: String, from start: UInt64, max: Int) -> Bytes {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return unsafe Bytes(unsafeUninitializedCapacity: max) { buffer, count in
            count = Swift.max(0, unsafe pread(file, buffer.baseAddress, max, off_t(start)))
        }
    }
}
