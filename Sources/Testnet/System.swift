#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What the operating system says about its last refusal.
func systemReason(_ code: Int32 = errno) -> String {
    unsafe String(cString: strerror(code))
}

/// Small wrappers of the system calls that a launcher needs.
enum System {
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Makes the folder at `path` unless it is there.
    static func makeDirectory(_ path: String, mode: UInt16 = 0o755) throws(TestnetError) {
        guard unsafe mkdir(path, mode_t(mode)) != 0, errno != EEXIST else { return }
        throw .operation("cannot make \(path)", reason: systemReason())
    }

    static func removeFile(_ path: String) {
        _ = unsafe unlink(path)
    }

    /// The names in a folder, sorted, without "." and "..".
    static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder and everything below it; follows no symbolic link.
    static func removeTree(_ path: String) throws(TestnetError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        if status.st_mode & mode_t(S_IFMT) == mode_t(S_IFDIR) {
            for name in names(in: path) { try removeTree("\(path)/\(name)") }
            guard unsafe rmdir(path) == 0 else { throw .operation("cannot remove \(path)", reason: systemReason()) }
        } else {
            guard unsafe unlink(path) == 0 else { throw .operation("cannot remove \(path)", reason: systemReason()) }
        }
    }

    /// `path` from the root, without links; `path` itself if it does not exist.
    static func absolute(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else {
            if path.hasPrefix("/") { return path }
            guard let here = unsafe getcwd(nil, 0) else { return path }
            defer { unsafe free(here) }
            return unsafe String(cString: here) + "/" + path
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The number of this process.
    static var processID: Int { Int(getpid()) }

    /// Milliseconds since 1970, by the machine's clock.
    static func wallMilliseconds() -> UInt64 {
        UInt64(max(0, Date().timeIntervalSince1970 * 1000))
    }

    /// Whether standard output is a terminal, and its columns and rows.
    static func terminalSize() -> (columns: Int, rows: Int)? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (100, 40) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether a TCP server could listen at `host`:`port` now; else the reason why not. `host` is numeric IPv4.
    static func bindRefusal(host: String, port: Int) -> String? {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let socket = socket(AF_INET, stream, 0)
        guard socket >= 0 else { return systemReason() }
        defer { close(socket) }
        var reuse: Int32 = 1
        unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return bound == 0 ? nil : systemReason()
    }
}

/// Waits. The launcher polls processes and sockets that cannot call back; every caller has a deadline.
func pause(_ duration: Duration) async {
    // A cancelled wait ends early, which is what its caller wants then.
    try? await Task.sleep(for: duration)
}
