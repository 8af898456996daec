import Foundation
import Synchronization

/// Processes that run the cases. A case that crashes or hangs takes its process along and nothing else: the case has
/// failed, and another process goes on behind it.
final class Workers: Sendable {
    static let countDefault = 2
    static let countMax = 64
    /// A case that takes longer has failed.
    static let caseSecondsMax = 30
    /// A file that takes longer to be read has failed: some unpack to hundreds of megabytes.
    static let fileSecondsMax = 300
    /// The highest time limit that can be asked for.
    static let caseSecondsLimit = 3_600
    /// After so many crashes and hangs the rest of a file is given up.
    static let deathsPerFileMax = 20
    /// How often the clock is looked at.
    private static let watchInterval = 0.05
    /// Seconds between two lines about progress.
    private static let progressInterval = 5

    private struct Slot {
        var child: WorkerProcess?
        var deadline: ContinuousClock.Instant?
        var isLate = false
    }

    private struct State {
        /// The next one is the last.
        var waiting: [FixtureFile] = []
        var slots: [Slot] = []
        var busySlots = 0
        var filesDone = 0
        var tally = Tally()
    }

    private let folder: String
    private let count: Int
    private let caseSeconds: Int
    private let state = Mutex(State())

    init(folder: FixtureFolder, count: Int, caseSeconds: Int) {
        self.folder = folder.url.path(percentEncoded: false)
        self.count = count
        self.caseSeconds = caseSeconds
    }

    /// Runs all cases of `files`.
    func run(_ files: [FixtureFile]) -> Tally {
        let count = min(count, files.count)
        state.withLock {
            // The largest first, so that none is left alone at the end.
            $0.waiting = files.sorted { ($0.bytes, $1.path) < ($1.bytes, $0.path) }
            $0.slots = Array(repeating: Slot(), count: count)
            $0.busySlots = count
        }
        for index in 0..<count {
            Thread { self.serve(index) }.start()
        }
        watch(files.count)
        return state.withLock(\.tally)
    }

    /// Ends processes whose case takes too long, until all files are done.
    private func watch(_ fileCount: Int) {
        var nextNote = ContinuousClock.now + .seconds(Workers.progressInterval)
        while state.withLock({ $0.busySlots > 0 }) {
            // A watch beside the workers: results do not wait for it.
            Thread.sleep(forTimeInterval: Workers.watchInterval)
            let now = ContinuousClock.now
            state.withLock { state in
                for index in state.slots.indices {
                    guard let deadline = state.slots[index].deadline, deadline < now else { continue }
                    state.slots[index].deadline = nil
                    state.slots[index].isLate = true
                    state.slots[index].child?.end()
                }
            }
            guard nextNote < now else { continue }
            nextNote = now + .seconds(Workers.progressInterval)
            let (done, tally) = state.withLock { ($0.filesDone, $0.tally) }
            note("\(done) of \(fileCount) files, \(tally.cases) cases, \(tally.failed) failed")
        }
    }

    // MARK: One slot

    private func serve(_ index: Int) {
        var child: WorkerProcess?
        while let file = state.withLock({ $0.waiting.popLast() }) {
            run(file, in: index, &child)
            state.withLock { $0.filesDone += 1 }
        }
        child?.finish()
        state.withLock { $0.busySlots -= 1 }
    }

    private func run(_ file: FixtureFile, in index: Int, _ child: inout WorkerProcess?) {
        var next = 0
        for _ in 0..<Workers.deathsPerFileMax {
            do {
                let running = try child ?? WorkerProcess(folder: folder)
                child = running
                state.withLock { $0.slots[index].child = running }
                guard let death = try run(file, from: next, in: index, on: running) else { return }
                child = nil
                add(.failed(death.reason), of: death.id, in: file)
                // Without a case it was the file itself.
                guard let position = death.position else { return }
                next = position + 1
            } catch {
                child = nil
                return add(.failed("\(error)"), of: "(the file)", in: file)
            }
        }
        add(.failed("given up after \(Workers.deathsPerFileMax) crashes"), of: "(the rest)", in: file)
    }

    /// The case under which a process ended; without a position it was still reading the file.
    private struct Death {
        let position: Int?
        let id: String
        let reason: String
    }

    private func run(
        _ file: FixtureFile, from first: Int, in index: Int, on child: WorkerProcess
    ) throws -> Death? {
        var running: (position: Int, id: String)?
        startClock(of: index, seconds: Workers.fileSecondsMax)
        try child.send(WorkerOrder(file: file, first: first))
        while let report = try child.next() {
            startClock(of: index, seconds: caseSeconds)
            switch report {
            case .begins(let position, let id): running = (position, id)
            case .ends(let id, let outcome): add(outcome, of: id, in: file)
            case .done:
                state.withLock { $0.slots[index].deadline = nil }
                return nil
            }
        }
        let isLate = state.withLock { state in
            defer { state.slots[index] = Slot() }
            return state.slots[index].isLate
        }
        let seconds = running == nil ? Workers.fileSecondsMax : caseSeconds
        let reason = isLate ? "not finished within \(seconds) s" : "crashed: \(child.ending())"
        return Death(position: running?.position, id: running?.id ?? "(the file)", reason: reason)
    }

    private func startClock(of index: Int, seconds: Int) {
        state.withLock { $0.slots[index].deadline = .now + .seconds(seconds) }
    }

    private func add(_ outcome: CaseOutcome, of id: String, in file: FixtureFile) {
        state.withLock { $0.tally.add(outcome, of: id, in: file) }
    }
}
