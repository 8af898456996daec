public import Primitives

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Reads and writes small files, with the operating system's reason in the error.
public enum SettingsFile {
    /// No file of settings is larger; a genesis with ten thousand accounts fits.
    public static let bytesMax = 64 << 20

    /// The whole content of the file at `path`.
    public static func read(_ path: String) throws(ConfigurationError) -> Bytes {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw refusal(path) }
        defer { close(file) }
        var bytes = Bytes()
        var chunk = Bytes(repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Self.readSome(file, $0) }
            guard count >= 0 else { throw refusal(path) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= bytesMax else {
                throw .inaccessible(file: path, reason: "larger than \(bytesMax) bytes")
            }
            bytes += chunk[..<count]
        }
    }

    private static func readSome(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            #if canImport(Glibc)
                let count = unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
            #else
                let count = unsafe Darwin.read(file, buffer.baseAddress, buffer.count)
            #endif
            if count < 0, errno == EINTR { continue }
            return count
        }
    }

    /// Writes `bytes` to a new file beside `path` and renames it: readers see the old content or the new.
    ///
    /// - Parameter mode: Permission bits; 0o600 for secrets.
    public static func write(_ bytes: Bytes, to path: String, mode: UInt16 = 0o644) throws(ConfigurationError) {
        let draft = "\(path).draft-\(getpid())"
        _ = unsafe unlink(draft)
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard file >= 0 else { throw refusal(path) }
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe systemWrite(file, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = refusal(path)
                close(file)
                _ = unsafe unlink(draft)
                throw error
            }
            offset += count
        }
        close(file)
        guard unsafe rename(draft, path) == 0 else { throw refusal(path) }
    }

    private static func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(file, bytes, count)
        #else
            unsafe Darwin.write(file, bytes, count)
        #endif
    }

    /// The permission bits of the file at `path`, or nil if there is none.
    static func mode(_ path: String) -> UInt16? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return UInt16(status.st_mode & 0o777)
    }

    private static func refusal(_ path: String) -> ConfigurationError {
        .inaccessible(file: path, reason: unsafe String(cString: strerror(errno)))
    }
}

/// Paths as settings write them: relative ones start at the folder of the file that names them,
/// so that a network's folder can be moved as a whole.
public enum SettingsPath {
    /// `path` as seen from the folder of `file`; absolute paths stay.
    public static func resolve(_ path: String, besides file: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
