internal import Configuration

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

/// The conditions under which something was measured.
struct Machine {
    let processor: String
    let cores: Int
    let memoryBytes: UInt64
    /// How long one small durable append takes on the disk in question; nil if it could not be tried.
    let sync: Percentiles?

    /// - Parameter directory: A folder on the disk in question.
    init(directory: String) {
        let lines = (try? SettingsFile.read("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor =
            model?.split(separator: ":").dropFirst().first.map { $0.drop { $0 == " " } }.map(String.init)
            ?? "unknown processor"
        cores = ProcessInfo.processInfo.activeProcessorCount
        memoryBytes = ProcessInfo.processInfo.physicalMemory
        sync = Self.measureSync("\(directory)/.sync")
    }

    private static let syncs = 100

    private static func measureSync(_ path: String) -> Percentiles? {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer {
            close(file)
            System.removeFile(path)
        }
        let clock = ContinuousClock()
        let record = [UInt8](repeating: 7, count: 128)
        var durations: [Duration] = []
        for _ in 0..<syncs {
            let start = clock.now
            let count = unsafe record.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            guard count == record.count, fsync(file) == 0 else { return nil }
            durations.append(clock.now - start)
        }
        return Percentiles(durations)
    }

    var lines: [String] {
        [
            "\(processor), \(cores) cores, \(memoryBytes >> 30) GiB",
            "a durable append of 128 bytes here: \(sync?.summary ?? "not measured")",
        ]
    }
}
