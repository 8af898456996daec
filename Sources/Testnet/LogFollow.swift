internal import Configuration
internal import Primitives

/// `logs`: the last lines of nodes, and what they append from then on.
public struct LogFollow: Sendable {
    let network: LocalNetwork
    let nodes: [NodeRecord]

    /// - Parameter names: All nodes if empty.
    public init(_ network: LocalNetwork, names: [String]) throws(TestnetError) {
        self.network = network
        nodes = try network.nodes(names)
    }

    /// Prints the last `lines` of each node, prefixed with its name if there are several.
    ///
    /// - Parameter follow: Goes on printing until Ctrl-C.
    public func run(lines: Int, follow: Bool) async {
        var offsets: [UInt64] = []
        for node in nodes {
            let path = network.folder.logPath(of: node.name)
            offsets.append(LogReader.size(path) ?? 0)
            for line in LogTail(path: path, lines: lines).lines { Console.print(prefix(node) + line) }
        }
        guard follow else { return }
        let start = offsets
        await untilInterrupted { await self.follow(from: start) }
    }

    private func prefix(_ node: NodeRecord) -> String {
        nodes.count > 1 ? "\(node.name) | " : ""
    }

    private func follow(from start: [UInt64]) async {
        var offsets = start
        var partial = [Bytes](repeating: [], count: nodes.count)
        while !Task.isCancelled {
            for (index, node) in nodes.enumerated() {
                let path = network.folder.logPath(of: node.name)
                // A log that became shorter was replaced: begin again.
                if let size = LogReader.size(path), size < offsets[index] { offsets[index] = 0 }
                let piece = LogReader.read(path, from: offsets[index], max: LogTail.bytesMax)
                offsets[index] += UInt64(piece.count)
                partial[index] += piece
                while let end = partial[index].firstIndex(of: 10) {
                    Console.print(prefix(node) + String(decoding: partial[index][..<end], as: UTF8.self))
                    partial[index].removeFirst(end + 1)
                }
            }
            await pause(.milliseconds(100))
        }
    }
}
