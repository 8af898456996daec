import Configuration
import Primitives
import Testing

@testable import Testnet

struct `Load` {
    @Test
    func `percentiles are of the nearest rank`() {
        let hundred = Percentiles((1...100).reversed().map { .milliseconds($0) })
        #expect(hundred.value(at: 50) == .milliseconds(50))
        #expect(hundred.value(at: 99) == .milliseconds(99))
        #expect(hundred.value(at: 99.1) == .milliseconds(100))
        #expect(hundred.value(at: 100) == .milliseconds(100))
        #expect(hundred.value(at: 0.001) == .milliseconds(1))
        #expect(Percentiles([.seconds(7)]).value(at: 50) == .seconds(7))
        #expect(Percentiles([]).value(at: 50) == nil)
        #expect(Percentiles([]).summary == "p50 -, p99 -")
    }

    @Test
    func `a queue takes from its senders in turn and keeps each one's order`() {
        var queue = LoadQueue([[0, 1, 2], [10], [20, 21]])
        #expect(queue.take(4).map(\.index) == [0, 10, 20, 1])
        #expect(queue.take(10).map(\.index) == [21, 2])
        #expect(queue.remaining == 0)
        #expect(queue.take(1).isEmpty)
    }

    @Test
    func `a refused transaction goes back with all that follow it`() {
        var queue = LoadQueue([[0, 1, 2, 3], [10, 11]])
        let items = queue.take(5)
        #expect(items.map(\.index) == [0, 10, 1, 11, 2])
        queue.putBack(items[2])
        queue.putBack(items[4])
        #expect(queue.remaining == 3)
        #expect(queue.take(10).map(\.index) == [1, 2, 3])
    }

    @Test
    func `a sender that lost a nonce is given up`() {
        var queue = LoadQueue([[0, 1, 2], [10, 11]])
        _ = queue.take(2)
        queue.drop(0)
        #expect(queue.take(10).map(\.index) == [11])
    }

    @Test
    func `a ledger counts a transaction once, from its first send to its first sight at the right node`() {
        let hashes = (0..<3).map { Hash32(0, 0, 0, $0) }
        let ledger = LoadLedger(hashes)
        let start = ContinuousClock.now
        ledger.sent([0, 1], at: start)
        ledger.sent([1], at: start + .seconds(5))
        #expect(ledger.outstanding == 2)
        ledger.included(hashes, at: start + .seconds(1), counts: { $0 == 0 })
        ledger.included(hashes, at: start + .seconds(2), counts: { $0 < 2 })
        ledger.refused("txpool is full")
        let report = ledger.report(from: start)
        #expect(report.sent == 2 && report.included == 2)
        #expect(report.latencies.value(at: 50) == .seconds(1))
        #expect(report.latencies.value(at: 99) == .seconds(2))
        #expect(report.transfersPerSecond == 1)
        #expect(report.refusals == ["txpool is full": 1])
    }

    @Test(arguments: [("+2", HeightWish.ahead(2)), ("120", .absolute(120))])
    func `a height is a number or a distance`(text: String, wish: HeightWish) {
        #expect(HeightWish(text: text) == wish)
        #expect(wish.height(from: 100) == (text == "+2" ? 102 : 120))
    }

    @Test(arguments: ["", "+", "0", "+0", "-1", "two", "+99999999999"])
    func `what is no height is refused`(text: String) {
        #expect(HeightWish(text: text) == nil)
    }

    @Test(arguments: [(1.005, 1, "1.0"), (0.25, 1, "0.3"), (12.0, 2, "12.00"), (-3.14159, 3, "-3.142"), (7.6, 0, "8")])
    func `decimals are rounded`(value: Double, digits: Int, text: String) {
        #expect(Duration.decimal(value, digits: digits) == text)
    }

    @Test(arguments: [
        ("0", "0"), ("10000000000000000000000", "10000"), ("9600000000000000000", "9.6"), ("1", "0.000000000000000001"),
    ])
    func `peb are shown as KLAY`(peb: String, klay: String) throws {
        #expect(Reports.klay(try UInt256(decimal: peb)) == klay)
    }
}
