import Primitives
import Storage
import Testing

/// Transactions that outlive the process.
@Suite struct TransactionJournalTests {
    private func envelope(_ number: Int, bytes: Int = 100) -> Bytes {
        (0..<bytes).map { UInt8(truncatingIfNeeded: number &+ $0 * 7) }
    }

    @Test func `what was noted is read again in its order, whatever was replaced before`() throws {
        let scratch = try Scratch()
        let path = scratch["transactions.log"]
        let first = try TransactionJournal.open(path: path)
        #expect(first.envelopes.isEmpty && first.bytesCut == 0)
        #expect(try first.journal.append([envelope(1), envelope(2)]) == 0)
        #expect(try first.journal.append([envelope(3)]) == 0)
        #expect(try TransactionJournal.open(path: path).envelopes == [envelope(1), envelope(2), envelope(3)])
        #expect(try first.journal.replace(with: [envelope(2)]) == 0)
        #expect(try first.journal.append([envelope(4)]) == 0)
        let last = try TransactionJournal.open(path: path)
        #expect(last.envelopes == [envelope(2), envelope(4)] && last.bytesCut == 0)
        #expect(last.journal.byteCount == first.journal.byteCount)
    }

    @Test func `a torn or damaged end is left out, and what is noted later stands in its place`() throws {
        let scratch = try Scratch()
        let path = scratch["transactions.log"]
        let journal = try TransactionJournal.open(path: path).journal
        _ = try journal.append([envelope(1), envelope(2)])
        let whole = try scratch.read("transactions.log")
        for cut in 1...107 {
            try scratch.write(whole.dropLast(cut), to: "transactions.log")
            let opened = try TransactionJournal.open(path: path)
            #expect(opened.envelopes == [envelope(1)] && opened.bytesCut == 108 - cut)
        }
        var damaged = whole
        damaged[damaged.count - 1] ^= 1
        try scratch.write(damaged, to: "transactions.log")
        let opened = try TransactionJournal.open(path: path)
        #expect(opened.envelopes == [envelope(1)] && opened.bytesCut == 108)
        _ = try opened.journal.append([envelope(3)])
        #expect(try TransactionJournal.open(path: path).envelopes == [envelope(1), envelope(3)])
        try scratch.write(Bytes("something else".utf8), to: "transactions.log")
        #expect(try TransactionJournal.open(path: path).envelopes.isEmpty)
        #expect(try TransactionJournal.open(path: path).bytesCut == 0)
    }

    @Test func `the file has so many bytes and no more, and says how many found no room`() throws {
        let scratch = try Scratch()
        let path = scratch["transactions.log"]
        // The magic and two records of 108 bytes.
        let journal = try TransactionJournal.open(path: path, fileBytesMax: 230).journal
        #expect(try journal.append([envelope(1), envelope(2), envelope(3)]) == 1)
        #expect(try journal.append([envelope(4)]) == 1)
        #expect(try journal.replace(with: [envelope(5)]) == 0)
        #expect(try journal.append([envelope(6)]) == 0)
        #expect(try TransactionJournal.open(path: path).envelopes == [envelope(5), envelope(6)])
    }

    @Test func `it is due to be rewritten after a megabyte, and again when it has doubled`() throws {
        let scratch = try Scratch()
        let journal = try TransactionJournal.open(path: scratch["transactions.log"]).journal
        let large = envelope(1, bytes: 100_000)
        while !journal.isDue { _ = try journal.append([large]) }
        #expect(journal.byteCount >= TransactionJournal.rewriteBytesMin)
        _ = try journal.replace(with: Array(repeating: large, count: 9))
        #expect(!journal.isDue)
        let start = journal.byteCount
        while !journal.isDue { _ = try journal.append([large]) }
        #expect(journal.byteCount >= 2 * start)
    }
}
