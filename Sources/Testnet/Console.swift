#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Standard output without a buffer: a line is out when `print` returns, also into a pipe or a file.
public enum Console {
    public static func print(_ line: String) {
        write(line + "\n")
    }

    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            #if canImport(Glibc)
                let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            #else
                let count = unsafe rest.withUnsafeBytes { unsafe Darwin.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            #endif
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            // The reader has gone; there is nobody left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
