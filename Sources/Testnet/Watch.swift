internal import Configuration
internal import Dispatch
internal import Primitives

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The live view of a network: redrawn in place on a terminal, one line an event elsewhere.
public struct Watch: Sendable {
    let network: LocalNetwork

    static let interval = Duration.milliseconds(250)

    public init(_ network: LocalNetwork) {
        self.network = network
    }

    /// Shows the network until Ctrl-C or SIGTERM.
    public func run() async {
        await untilInterrupted { await show() }
    }

    private func show() async {
        let reader = StatusReader(network, timeout: .seconds(1))
        let canvas = System.terminalSize() == nil ? nil : Canvas()
        canvas?.open()
        var flags = FlagFollower(network)
        var lineMode = LineMode()
        while !Task.isCancelled {
            let statuses = await reader.read()
            let fresh = await flags.follow(statuses)
            let frame = WatchFrame(record: network.record, statuses: statuses, flags: flags.all)
            if let canvas {
                let size = System.terminalSize() ?? (columns: 100, rows: 40)
                canvas.draw(frame.lines(columns: size.columns, rows: size.rows))
            } else {
                for line in lineMode.lines(frame, fresh: fresh) { Console.print(line) }
            }
            await pause(Self.interval)
        }
        canvas?.close()
        reader.close()
    }
}

/// Reads a ranger's list of faults whenever its count has changed.
struct FlagFollower {
    private let network: LocalNetwork
    private var counts: [String: UInt64] = [:]
    private var seen: Set<String> = []
    /// In the order in which they appeared; at most `flagsMax`, the oldest go first.
    private(set) var all: [FaultLab.Flag] = []

    static let flagsMax = 1000

    init(_ network: LocalNetwork) {
        self.network = network
    }

    /// The flags that are new since the last call.
    mutating func follow(_ statuses: [NodeStatus]) async -> [FaultLab.Flag] {
        var changed = false
        for status in statuses {
            guard let count = status.ranger?.faults, counts[status.node.name] != count else { continue }
            counts[status.node.name] = count
            changed = changed || count > 0
        }
        guard changed, let flags = try? await FaultLab(network).flags() else { return [] }
        let fresh = flags.filter { seen.insert("\($0.ranger) \($0.id)").inserted }
        all = (all + fresh).suffix(Self.flagsMax)
        return fresh
    }
}

/// What to print where no terminal is: a line for each new head, each change of a node's state and each flag.
struct LineMode {
    private var head: Height?
    private var states: [String: ProcessState] = [:]

    mutating func lines(_ frame: WatchFrame, fresh: [FaultLab.Flag]) -> [String] {
        var lines: [String] = []
        for status in frame.statuses where states[status.node.name] != status.state {
            if states[status.node.name] != nil { lines.append("\(status.node.name) is \(status.state.rawValue)") }
            states[status.node.name] = status.state
        }
        if let height = frame.leader?.height, height != head {
            head = height
            lines.append(frame.headLine)
        }
        return lines + fresh.map { "FLAG \(frame.flagLine($0))" }
    }
}

/// The terminal's second screen, so that the first comes back as it was.
private struct Canvas {
    func open() { put("\u{1B}[?1049h\u{1B}[?25l") }
    func close() { put("\u{1B}[?25h\u{1B}[?1049l") }

    /// Overwrites line by line instead of clearing first: nothing flickers.
    func draw(_ lines: [String]) {
        put("\u{1B}[H" + lines.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    private func put(_ text: String) {
        Console.write(text)
    }
}

/// Runs `body` and cancels it on Ctrl-C (SIGINT) or SIGTERM; returns when it has ended.
func untilInterrupted(_ body: @Sendable @escaping () async -> Void) async {
    let task = Task { await body() }
    let sources = [SIGINT, SIGTERM].map { number in
        // The default action would end the process before it can put the terminal right.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
    await task.value
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
}
