#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Starts processes that outlive the launcher.
enum Spawn {
    /// Runs `executable` in a session of its own, so that no terminal's hang-up or Ctrl-C reaches it.
    ///
    /// Its input is /dev/null and both outputs append to `log`; it inherits no other file and no signal setting.
    /// - Returns: The number of the process.
    static func detached(
        executable: String, arguments: [String], log: String
    ) throws(TestnetError) -> Int32 {
        closeOnExec()
        #if canImport(Glibc)
            var actions = unsafe posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t? = nil
            var attributes: posix_spawnattr_t? = nil
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        var everySignal = sigset_t()
        var noSignal = sigset_t()
        unsafe sigfillset(&everySignal)
        unsafe sigemptyset(&noSignal)
        unsafe posix_spawnattr_setsigdefault(&attributes, &everySignal)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignal)
        #if canImport(Glibc)
            // glibc ≥ 2.26 has POSIX_SPAWN_SETSID; its header hides the name from Swift behind _GNU_SOURCE.
            let newSession: Int32 = 0x80
        #else
            let newSession = POSIX_SPAWN_SETSID | POSIX_SPAWN_CLOEXEC_DEFAULT
        #endif
        let flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(newSession)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }.sorted()
        var id: pid_t = 0
        let code = unsafe withCStrings([executable] + arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe posix_spawn(&id, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw .operation("cannot start \(executable)", reason: systemReason(code)) }
        return id
    }

    /// Marks every open file of this process beyond the standard three as closed for programs it starts:
    /// a node must not hold the pipe or the lock of whoever called the launcher.
    private static func closeOnExec() {
        let limit = min(4096, Int32(clamping: sysconf(Int32(_SC_OPEN_MAX))))
        for file in 3..<max(3, limit) where fcntl(file, F_GETFD) >= 0 {
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
    }

    /// `texts` as a null-terminated array of C strings for the duration of `body`.
    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>
            .allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { unsafe pointers[index] = strdup(text) }
        unsafe pointers[texts.count] = nil
        defer {
            for index in texts.indices { unsafe free(pointers[index]) }
            unsafe pointers.deallocate()
        }
        return unsafe body(pointers.baseAddress!)
    }
}

/// The program that is running, for starting more of it.
public enum ThisProgram {
    public static func path() throws(TestnetError) -> String {
        #if os(Linux)
            let path = System.absolute("/proc/self/exe")
            guard path != "/proc/self/exe" else {
                throw .operation("cannot find the running program", reason: "/proc/self/exe is not readable")
            }
            return path
        #else
            var size = UInt32(4096)
            var buffer = [CChar](repeating: 0, count: Int(size))
            guard unsafe _NSGetExecutablePath(&buffer, &size) == 0 else {
                throw .operation("cannot find the running program", reason: "its path is longer than \(size) bytes")
            }
            let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return System.absolute(String(decoding: bytes, as: UTF8.self))
        #endif
    }
}
