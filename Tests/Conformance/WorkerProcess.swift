import Foundation

/// What a worker is told: one line of JSON.
struct WorkerOrder: Codable {
    let file: FixtureFile
    /// The first case to run; those before it have been run.
    let first: Int
}

/// What a worker says: one line of JSON.
enum WorkerReport: Codable {
    case begins(position: Int, id: String)
    case ends(id: String, CaseOutcome)
    /// The file is finished.
    case done
}

/// A second process of this program that runs the cases of one file after the other. Used by one thread, but that
/// another may end it.
final class WorkerProcess: Sendable {
    // Foundation's own locks guard both; only the reading thread touches `reader`.
    private let process: Process
    private let orders = Pipe()
    private let reports = Pipe()
    private nonisolated(unsafe) var reader = LineReader()

    init(folder: String) throws {
        process = Process()
        process.executableURL = Bundle.main.executableURL
        process.arguments = ["--worker", "--fixtures", folder]
        // A crash is reported by name; a backtrace of each would hide the report, and take longer than the case.
        let quiet = ["SWIFT_BACKTRACE": "enable=no"]
        process.environment = ProcessInfo.processInfo.environment.merging(quiet) { given, _ in given }
        process.standardInput = orders
        process.standardOutput = reports
        try process.run()
    }

    func send(_ order: WorkerOrder) throws {
        try orders.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(order) + [10])
    }

    /// The next report, or nil where the process has ended.
    func next() throws -> WorkerReport? {
        while true {
            if let line = unsafe reader.line() {
                return try JSONDecoder().decode(WorkerReport.self, from: line)
            }
            let data = reports.fileHandleForReading.availableData
            guard !data.isEmpty else { return nil }
            unsafe reader.append(data)
        }
    }

    /// How the process ended, once it has.
    func ending() -> String {
        process.waitUntilExit()
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? "signal \(status)" : "exit code \(status)"
    }

    /// Ends the process at once. It cannot refuse, also where whoever started us has blocked gentler signals.
    func end() {
        kill(process.processIdentifier, SIGKILL)
    }

    /// Lets the process end by itself: there are no more files.
    func finish() {
        try? orders.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// Cuts a stream of bytes into lines.
private struct LineReader {
    private var buffer = Data()
    private var start = 0

    mutating func append(_ data: Data) {
        buffer.removeSubrange(0..<start)
        buffer = Data(buffer) + data
        start = 0
    }

    mutating func line() -> Data? {
        guard let end = buffer[start...].firstIndex(of: 10) else { return nil }
        defer { start = end + 1 }
        return buffer[start..<end]
    }
}

/// The worker's side: runs the files that standard input names, until it ends.
func serveFiles(of folder: FixtureFolder) {
    let thread = Thread {
        while let line = readLine() {
            do {
                let order = try JSONDecoder().decode(WorkerOrder.self, from: Data(line.utf8))
                serve(order, of: folder)
            } catch {
                note("a worker was told nonsense: \(error)")
                exit(1)
            }
        }
        exit(0)
    }
    thread.stackSize = workerStackBytes
    thread.start()
    // The thread ends the process.
    while true { Thread.sleep(forTimeInterval: 3_600) }
}

/// Calls nest 1,024 deep; how much stack each takes is the machine's affair, and should not decide these tests.
private let workerStackBytes = 256 << 20

private func serve(_ order: WorkerOrder, of folder: FixtureFolder) {
    do {
        let cases = try conformanceCases(in: folder.document(order.file), name: order.file.name)
        var tools = CaseTools()
        for (position, item) in cases.enumerated().dropFirst(order.first) {
            report(.begins(position: position, id: item.id))
            report(.ends(id: item.id, outcome(of: item, &tools)))
        }
    } catch {
        report(.ends(id: "(the file)", .failed("\(error)")))
    }
    report(.done)
}

private func outcome(of item: ConformanceCase, _ tools: inout CaseTools) -> CaseOutcome {
    do {
        return try item.run(&tools)
    } catch {
        return .failed("\(error)")
    }
}

private func report(_ report: WorkerReport) {
    do {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(report) + [10])
    } catch {
        // Nobody listens any more.
        exit(1)
    }
}
