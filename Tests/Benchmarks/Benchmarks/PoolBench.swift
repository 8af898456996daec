import ArgumentParser
import Chain
import Crypto
import EVM
import Node
import Primitives

/// `benchmarks pool`: what a pool full of transfers costs a node.
struct PoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Taking transactions in and picking the next block's out of many that wait.")

    @Option(help: "Transactions that wait.")
    var waiting = 20_000
    @Option(help: "Accounts that sent them, in turn.")
    var senders: [Int] = [20_000, 1_000, 20]
    @Option(help: "How often the next block's are picked.")
    var picks = 50

    func validate() throws {
        guard (1...PoolLimits().slotsMax).contains(waiting), senders.allSatisfy({ $0 >= 1 }), picks >= 1 else {
            throw ValidationError("expected 1 to \(PoolLimits().slotsMax) transactions, senders and picks")
        }
    }

    func run() throws {
        print("\(waiting) transfers wait, 3000 are picked for a block; medians of \(picks)")
        for count in senders { try PoolBench(waiting: waiting, senders: count).run(picks: picks) }
    }
}

private struct PoolBench {
    private let entries: [PoolEntry]
    private let senders: Int
    private static let baseFee: UInt256 = 25_000_000_000
    private static let gasLimit: Gas = 60_000_000
    private static let rich = Account(balance: UInt256(1) << 100)

    /// Signatures are not looked at by a pool: each is a number that makes the hash another.
    init(waiting: Int, senders: Int) {
        self.senders = senders
        let addresses = (0..<senders).map { Address(lastBytesOf: keccak256(Bytes("sender \($0)".utf8))) }
        entries = (0..<waiting).map { index in
            let tip = UInt256(1_000_000_000 + UInt64(index) * 7_919 % 1_000_003)
            let content = Transaction.Content(
                chainID: 7, nonce: UInt64(index / senders), maxPriorityFeePerGas: tip,
                maxFeePerGas: Self.baseFee * 2 + tip, to: .zero, value: 1)
            let signature = AccountSignature(r: UInt256(UInt64(index) + 1), s: 1, yParity: false)
            return PoolEntry(
                transaction: Transaction(content, signature: signature), sender: addresses[index % senders],
                account: Self.rich)
        }
    }

    func run(picks: Int) throws {
        let clock = ContinuousClock()
        var pool = TransactionPool(rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero))
        let conditions = PoolConditions(gasLimit: Self.gasLimit, baseFee: Self.baseFee)
        let filling = try clock.measure {
            for entry in entries { try pool.add(entry, in: conditions) }
        }
        var picked = 0
        var times = (0..<picks).map { _ in
            clock.measure { picked = pool.candidates(baseFee: Self.baseFee, max: 3_000).count }
        }
        times.sort()
        let asking = clock.measure { for _ in 0..<1_000 { _ = pool.hasCandidate(baseFee: Self.baseFee) } }
        print(
            "\(senders) senders: add \(filling / entries.count) each, candidates() \(times[times.count / 2]) "
                + "for \(picked), hasCandidate() \(asking / 1_000)")
    }
}
