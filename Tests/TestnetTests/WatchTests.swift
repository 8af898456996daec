import Configuration
import Primitives
import Testing

@testable import Testnet

struct `The live view` {
    private static let addresses = (1...3).map { Address(Bytes(repeating: $0, count: 20)) }

    private static let record = NetworkRecord(
        chainID: 1337, genesisHash: .zero, basePort: 8545, blockTime: .seconds(1), mnemonic: "",
        nodes: zip(["cn1", "cn2", "rn1"], addresses).map { name, address in
            NodeRecord(
                name: name, role: name.hasPrefix("c") ? .council : .ranger, address: address,
                rewardAddress: Address(address.bytes.reversed().map { $0 &+ 100 }),
                rpc: Endpoint(host: "127.0.0.1", port: 1), listen: Endpoint(host: "127.0.0.1", port: 2))
        }, accounts: [])

    private static func frame(height: Height = 12, verdict: String? = nil, flags: Int = 0) -> WatchFrame {
        let statuses = record.nodes.map { node in
            var status = NodeStatus(node: node, logPath: "", state: .running)
            status.height = height
            status.round = 1
            status.headHash = "0xabc"
            status.beneficiary = record.nodes[0].rewardAddress?.hex
            status.sealers = [addresses[0].hex, addresses[1].hex]
            status.deciding = NodeStatus.Deciding(
                height: height + 1, round: 0, proposer: addresses[1].hex, verdict: verdict)
            if node.role == .ranger {
                status.ranger = NodeStatus.RangerStatus(["faults": .integer(Int64(flags)), "validatedHeight": "0xb"])
            }
            return status
        }
        let fault: JSONValue = [
            "id": "0x1", "kind": "execution", "rule": "stateRoot", "height": "0xb", "round": "0x0",
            "guilty": [.string(addresses[0].hex)], "expected": "0x11", "found": "0x22",
        ]
        return WatchFrame(
            record: record, statuses: statuses,
            flags: (0..<flags).map { _ in FaultLab.Flag(ranger: "rn1", fault: fault) })
    }

    @Test
    func `says who proposed and who sealed, by name`() {
        #expect(Self.frame().headLine == "block 12 in round 1 by cn1, sealed by cn1 cn2")
        #expect(Self.frame(verdict: "no proposal").decidingLine == "deciding 13, round 0: cn2 proposes; no proposal")
    }

    @Test
    func `shows flags in red`() throws {
        let lines = Self.frame(flags: 1).lines(columns: 120, rows: 40)
        let line = try #require(lines.last)
        #expect(line.hasPrefix("\u{1B}[1;31m") && line.hasSuffix("\u{1B}[0m"))
        #expect(line.contains("rn1  execution stateRoot, block 11, round 0: guilty cn1; expected 0x11, found 0x22"))
    }

    @Test(arguments: [
        ("0x11", "0x11"), ("", ""), ("no state root", "no state root"),
        ("0x48ceaf849cc5e512b41f883ef8801d21ef1bc651", "0x48ceaf84…"),
        ("blocks 0x48ceaf849cc5e512b41f883ef8801d21ef1bc651, and one", "blocks 0x48ceaf84…, and one"),
    ])
    func `hashes in words are shortened`(text: String, short: String) {
        #expect(FaultLab.Flag.shortened(text) == short)
    }

    @Test(arguments: [(20, 5), (80, 24), (1, 1), (200, 3)])
    func `never exceeds the terminal`(columns: Int, rows: Int) {
        let lines = Self.frame(flags: 50).lines(columns: columns, rows: rows)
        #expect(lines.count <= max(1, rows))
        for line in lines {
            var text = line
            for code in ["1", "1;31", "33", "0"] { text = text.replacing("\u{1B}[\(code)m", with: "") }
            #expect(text.count <= columns)
        }
    }

    @Test
    func `lets nothing that a node says command the terminal`() {
        let frame = Self.frame(verdict: "\u{1B}[2J\u{7}gone\u{9B}31m")
        let text = frame.lines(columns: 200, rows: 40).joined()
        #expect(!text.contains("\u{1B}[2J") && !text.contains("\u{7}") && !text.contains("\u{9B}"))
    }

    @Test
    func `without a terminal prints a line for each new block, change and flag`() {
        var mode = LineMode()
        let first = Self.frame()
        #expect(mode.lines(first, fresh: []) == [first.headLine])
        #expect(mode.lines(first, fresh: []).isEmpty)
        let flagged = Self.frame(height: 13, flags: 1)
        #expect(mode.lines(flagged, fresh: flagged.flags).count == 2)
    }
}
