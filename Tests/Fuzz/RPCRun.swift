import ArgumentParser
import Foundation
import Primitives
import RPCCases

/// Asks a JSON-RPC service everything, right and wrong, and looks at its answers and its memory.
final class RPCRun {
    /// One case may take so long on the processor: its calls have a gas limit of 2,000,000.
    private static let bound = Duration.seconds(20)
    /// Cases until caches are full and memory must not grow any more.
    private static let warmUp = 4_000
    /// Cases between two looks at the memory.
    private static let interval = 1_000
    /// What memory may be above its height after the warm-up, in bytes.
    private static let growthMax = 64 << 20

    private let cases: RPCCases
    private var count = 0
    private var settled: Int?

    init() async throws {
        cases = try await RPCCases()
        note("\(cases.methodCount) methods")
    }

    /// Asks what `seed` draws. The line has no digest: ids of filters differ from process to process.
    func runCase(_ seed: UInt64, _ patience: Patience) async throws {
        patience.begin(seed)
        let start = processorTime()
        let finding = await cases.run(seed: seed)
        let time = processorTime() - start
        var fault = finding.fault
        if time > Self.bound { fault = "\(finding.name) took \(time)" }
        count += 1
        if count.isMultiple(of: Self.interval) { fault = fault ?? growth() }
        if let fault {
            note("seed \(seed): \(fault)")
            note("again: fuzz --kind rpc --seed \(seed) --count 1")
            throw ExitCode.failure
        }
        write("\(seed) \(finding.name)\n")
    }

    /// What memory has grown too much, if it has.
    private func growth() -> String? {
        let bytes = residentBytes()
        guard let settled else {
            if count >= Self.warmUp { settled = bytes }
            return nil
        }
        guard bytes > settled + Self.growthMax else { return nil }
        return "memory grew from \(settled >> 20) MiB after \(Self.warmUp) cases to \(bytes >> 20) MiB after \(count)"
    }

    /// What the run came to.
    func summary() -> String {
        "memory: \((settled ?? residentBytes()) >> 20) MiB after the first cases, \(residentBytes() >> 20) MiB now"
    }
}

/// The memory of this process that is in use, in bytes; 0 where the system does not tell.
private func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
}
