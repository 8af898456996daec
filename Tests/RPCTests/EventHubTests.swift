import Chain
import Crypto
import Primitives
import Synchronization
import Testing

@testable import RPC

/// Where clients hear of what happens in the node.
struct EventHubTests {
    private func sent(_ count: Int, from first: UInt64 = 0) throws -> [SentTransaction] {
        let key = try World.account(0)
        return (0..<UInt64(count)).map {
            SentTransaction(World.transfer(from: key, nonce: first + $0), sender: key.address)
        }
    }

    private func heights(_ events: [NodeEvent]) -> [Height] {
        events.compactMap { if case .head(let height) = $0 { height } else { nil } }
    }

    @Test func `a reader gets every event since it began, in order, once`() throws {
        let hub = EventHub()
        hub.publish(.head(1))
        let reader = try #require(hub.reader {})
        for height in 2...9 as ClosedRange<Height> { hub.publish(.head(height)) }
        #expect(heights(reader.take().events) == Array(2...9))
        #expect(reader.take().events.isEmpty)
        hub.publish(.head(10))
        #expect(heights(reader.take().events) == [10])
    }

    @Test func `a reader is woken once for all that waits`() throws {
        let hub = EventHub()
        let wakes = Mutex(0)
        let reader = try #require(hub.reader { wakes.withLock { $0 += 1 } })
        for height in 1...5 as ClosedRange<Height> { hub.publish(.head(height)) }
        #expect(wakes.withLock { $0 } == 1)
        _ = reader.take()
        hub.publish(.head(6))
        #expect(wakes.withLock { $0 } == 2)
    }

    @Test func `a reader that does not read loses the oldest, and learns how many`() throws {
        let hub = EventHub()
        let reader = try #require(hub.reader {})
        let count = Height(EventHub.waitingMax)
        for height in 1...count + 1 { hub.publish(.head(height)) }
        let (events, lost) = reader.take()
        #expect(lost == EventHub.waitingMax / 2)
        #expect(heights(events) == Array(Height(lost) + 1...count + 1))
        #expect(reader.take().lost == 0)
    }

    @Test func `transactions take as much of a reader's room as they are many`() throws {
        let hub = EventHub()
        let reader = try #require(hub.reader {})
        let batch = try Array(repeating: sent(1)[0], count: EventHub.waitingMax)
        hub.publish(.head(1))
        hub.publish(.pending(batch))
        let (events, lost) = reader.take()
        #expect(lost == 1)
        #expect(events.count == 1)
    }

    @Test func `there are so many readers and no more, and a freed place is given again`() throws {
        let hub = EventHub()
        var readers: [EventReader] = []
        for _ in 0..<EventHub.readersMax { readers.append(try #require(hub.reader {})) }
        #expect(hub.reader {} == nil)
        hub.remove(readers[0])
        hub.publish(.head(1))
        #expect(readers[0].take().events.isEmpty)
        #expect(hub.reader {} != nil)
    }

    @Test func `a filter gets the transactions since it asked last`() throws {
        let hub = EventHub()
        #expect(!hub.isWatched)
        let transactions = try sent(5)
        hub.publish(.pending(Array(transactions[..<2])))
        let start = hub.nextTransaction
        #expect(start == 2)
        hub.publish(.pending(Array(transactions[2...])))
        let answer = hub.transactions(from: start)
        #expect(answer.hashes == transactions[2...].map(\.transaction.hash))
        #expect(!answer.areMissing)
        #expect(hub.transactions(from: answer.next).hashes.isEmpty)
        #expect(hub.transactions(from: .max).hashes.isEmpty)
    }

    @Test func `a filter that asks too late gets the latest, and learns that some are missing`() throws {
        let hub = EventHub()
        let transactions = try sent(3)
        let known = Array(repeating: transactions[0], count: EventHub.rememberedTransactionsMax)
        hub.publish(.pending(known))
        #expect(!hub.transactions(from: 0).areMissing)
        hub.publish(.pending([transactions[1], transactions[2]]))
        let answer = hub.transactions(from: 0)
        #expect(answer.areMissing)
        #expect(answer.hashes.count == EventHub.rememberedTransactionsMax)
        #expect(answer.hashes.suffix(2) == transactions[1...].map(\.transaction.hash))
        #expect(!hub.transactions(from: 2).areMissing)
    }
}
