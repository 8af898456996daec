internal import Primitives

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file operation that the system refused.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, as the manual names it.
    public let operation: String
    public let path: String
    /// The system's error number.
    public let errno: Int32

    /// Whether space ran out, which the node survives by reading only.
    public var isDiskFull: Bool { errno == ENOSPC || errno == EDQUOT }

    public var description: String {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
        return "\(path): \(operation) failed: \(reason)"
    }
}

/// An open file descriptor: the few calls an append-only log needs, with errors that say which one failed.
final class File {
    let path: String
    private let descriptor: Int32

    enum Mode {
        /// Reads and writes a file that exists.
        case existing
        /// Reads and writes; makes the file, or empties it.
        case empty
        /// Reads and writes; makes the file if it is absent.
        case any
        /// A directory, to sync the names in it.
        case directory
    }

    init(_ path: String, _ mode: Mode) throws(FileError) {
        let flags =
            switch mode {
            case .existing: O_RDWR | O_CLOEXEC
            case .empty: O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
            case .any: O_RDWR | O_CREAT | O_CLOEXEC
            case .directory: O_RDONLY | O_CLOEXEC
            }
        let opened = unsafe open(path, flags, 0o644)
        guard opened >= 0 else { throw FileError(operation: "open", path: path, errno: errno) }
        self.path = path
        self.descriptor = opened
    }

    deinit {
        _ = close(descriptor)
    }

    /// Takes the file for this process until it is closed; false if another one holds it.
    func lock() throws(FileError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw failure("flock") }
        return false
    }

    func byteCount() throws(FileError) -> Int {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw failure("lseek") }
        return Int(end)
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    func read(count: Int, at offset: Int) throws(FileError) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure("pread") }
            guard got > 0 else { break }
            done += got
        }
        bytes.removeLast(count - done)
        return bytes
    }

    func write(_ bytes: Bytes, at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
            if put < 0 && errno == EINTR { continue }
            guard put >= 0 else { throw failure("pwrite") }
            done += put
        }
    }

    func truncate(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw failure("ftruncate") }
    }

    /// Returns when the bytes are on the medium.
    func sync() throws(FileError) {
        #if canImport(Darwin)
            // On Darwin fsync leaves the bytes in the drive's cache.
            guard fcntl(descriptor, F_FULLFSYNC) == 0 || fsync(descriptor) == 0 else { throw failure("fsync") }
        #else
            guard fdatasync(descriptor) == 0 else { throw failure("fdatasync") }
        #endif
    }

    /// Makes the names in the directory of `path` durable: a file renamed without this may come back old.
    static func syncDirectory(of path: String) throws(FileError) {
        let directory = try File(directoryName(of: path), .directory)
        guard fsync(directory.descriptor) == 0 else { throw directory.failure("fsync") }
    }

    static func rename(_ from: String, to target: String) throws(FileError) {
        let code = unsafe from.withCString { old in
            unsafe target.withCString { new in unsafe renameFile(old, new) }
        }
        guard code == 0 else { throw FileError(operation: "rename", path: from, errno: errno) }
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    private static func directoryName(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func failure(_ operation: String) -> FileError {
        FileError(operation: operation, path: path, errno: errno)
    }
}

/// `rename(2)` under a name that `File.rename` does not hide.
private func renameFile(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> Int32 {
    unsafe rename(old, new)
}
