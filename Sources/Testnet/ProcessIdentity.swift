internal import Configuration

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What a process does as seen from outside.
public enum ProcessState: String, Sendable {
    case running
    /// Stopped by SIGSTOP; it holds its memory and sockets and does nothing.
    case paused
    /// There is no such process.
    case stopped
}

/// One process of this machine, told apart from a later one that got the same number.
public struct ProcessIdentity: Hashable, Sendable {
    public let id: Int32
    /// When the process started, in the kernel's words; on Linux with the boot it belongs to.
    public let started: String

    public init(id: Int32, started: String) {
        (self.id, self.started) = (id, started)
    }

    /// The process that has number `id` now; nil if there is none or it has ended.
    public init?(running id: Int32) {
        guard let look = Self.look(id) else { return nil }
        self.init(id: id, started: look.started)
    }

    /// The state of exactly this process: another one with its number counts as `.stopped`.
    public var state: ProcessState {
        guard let look = Self.look(id), look.started == started else { return .stopped }
        return look.paused ? .paused : .running
    }

    /// Sends `signal` to exactly this process. Answers false if it no longer exists.
    @discardableResult
    public func send(_ signal: Int32) -> Bool {
        guard id > 1, state != .stopped else { return false }
        return kill(id, signal) == 0
    }

    private struct Look {
        let started: String
        let paused: Bool
    }

    #if os(Linux)
        private static func look(_ id: Int32) -> Look? {
            // A child that ended stays a zombie until it is waited for; in a long-lived launcher it may be ours.
            guard id > 0, let line = try? SettingsFile.read("/proc/\(id)/stat") else { return nil }
            // The second field is the command in parentheses and may hold anything, ")" too.
            let text = String(decoding: line, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            // Field 3 is the state, field 22 the start in ticks since boot (proc(5)).
            guard fields.count > 19 else { return nil }
            if fields[0] == "Z" || fields[0] == "X" {
                _ = waitpid(id, nil, WNOHANG)
                return nil
            }
            let boot = (try? SettingsFile.read("/proc/sys/kernel/random/boot_id")) ?? []
            let bootText = String(decoding: boot.prefix { $0 != 10 }, as: UTF8.self)
            return Look(started: "\(bootText)/\(fields[19])", paused: fields[0] == "T" || fields[0] == "t")
        }
    #else
        private static func look(_ id: Int32) -> Look? {
            guard id > 0 else { return nil }
            var info = proc_bsdinfo()
            let size = Int32(MemoryLayout<proc_bsdinfo>.size)
            guard unsafe proc_pidinfo(id, PROC_PIDTBSDINFO, 0, &info, size) == size else { return nil }
            if info.pbi_status == UInt32(SZOMB) {
                _ = waitpid(id, nil, WNOHANG)
                return nil
            }
            let started = "\(info.pbi_start_tvsec).\(info.pbi_start_tvusec)"
            return Look(started: started, paused: info.pbi_status == UInt32(SSTOP))
        }
    #endif
}

/// What a process uses of the machine's memory.
public struct ProcessMemory: Sendable {
    /// Resident bytes, shared pages counted whole.
    public let resident: UInt64
    /// Proportional bytes: shared pages divided among those who share them; nil where the system does not say.
    public let proportional: UInt64?

    /// nil where the system does not say (it is read from /proc).
    public init?(of id: Int32) {
        guard let status = try? SettingsFile.read("/proc/\(id)/status"),
            let resident = Self.kilobytes("VmRSS:", in: status)
        else { return nil }
        self.resident = resident << 10
        let rollup = (try? SettingsFile.read("/proc/\(id)/smaps_rollup")) ?? []
        proportional = Self.kilobytes("Pss:", in: rollup).map { $0 << 10 }
    }

    private static func kilobytes(_ label: String, in bytes: [UInt8]) -> UInt64? {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(label) {
            return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        }
        return nil
    }
}
