import Primitives
import Storage
import Testing

@Suite
struct `The vote log` {
    let genesis = Hash32(1, 2, 3, 4)
    let validator = Address(Bytes(1...20))
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    func open(_ name: String = "votes.log", head: Height? = nil) throws -> VoteLog.Opening {
        try VoteLog.open(path: scratch[name], genesis: genesis, validator: validator, expectedAtHead: head)
    }

    /// The log as a killed process leaves it: its bytes opened again under another name.
    func reopen(_ name: String = "votes.log", head: Height? = nil) throws -> VoteLog.Opening {
        let bytes = try scratch.read(name)
        let copy = scratch.fresh("reopened.log")
        try scratch.write(bytes, to: copy)
        return try open(copy, head: head)
    }

    /// A log of three heights with two records each, closed; and the offset where its last record starts.
    func fill(_ name: String = "votes.log") throws -> (records: [VoteLog.Record], lastStart: Int) {
        let log = try open(name).log
        var records: [VoteLog.Record] = []
        var lastStart = 0
        for height in Height(1)...3 {
            for kind in UInt8(0)..<2 {
                lastStart = log.byteCount
                let payload = Bytes(repeating: UInt8(height) << 4 | kind, count: 40 + Int(height))
                try log.append([.init(height: height, payload: payload)])
                records.append(VoteLog.Record(height: height, payload: payload))
            }
        }
        return (records, lastStart)
    }

    @Test func `on a first start is fresh and empty`() throws {
        let opening = try open()
        #expect(opening.presence == .fresh)
        #expect(opening.records.isEmpty)
        #expect(opening.log.silentThrough == nil)
    }

    @Test func `gives back after a restart what was appended, in order`() throws {
        let records = try fill().records
        let opening = try open()
        #expect(opening.presence == .existing)
        #expect(opening.records == records)
        #expect(opening.bytesCut == 0)
    }

    @Test func `syncs once for each append, however many records it holds`() throws {
        let log = try open().log
        let before = log.syncCount
        try log.append([.init(height: 1, payload: [1]), .init(height: 1, payload: [2]), .init(height: 1, payload: [])])
        #expect(log.syncCount == before + 1)
        try log.append([.init(height: 1, payload: [3])])
        #expect(log.syncCount == before + 2)
        try log.append([])
        #expect(log.syncCount == before + 2)
    }

    @Test func `loses only the last record when it is cut anywhere in it, and says how much`() throws {
        let (records, lastStart) = try fill()
        let whole = try scratch.read("votes.log")
        for end in lastStart..<whole.count {
            try scratch.write(Bytes(whole[..<end]), to: "cut.log")
            let opening = try open("cut.log")
            #expect(opening.records == records.dropLast())
            #expect(opening.bytesCut == end - lastStart)
            try opening.log.append([.init(height: 9, payload: [7])])
            let again = try reopen("cut.log")
            #expect(again.records == records.dropLast() + [VoteLog.Record(height: 9, payload: [7])])
        }
    }

    @Test func `cuts a tail of zeros, which is what a crash leaves of bytes not yet written`() throws {
        let records = try fill().records
        let whole = try scratch.read("votes.log")
        for zeros in [1, 19, 20, 21, 4096] {
            try scratch.write(whole + Bytes(repeating: 0, count: zeros), to: "zeros.log")
            let opening = try open("zeros.log")
            #expect(opening.records == records)
            #expect(opening.bytesCut == zeros)
        }
    }

    @Test func `refuses to open when any bit of it has changed`() throws {
        _ = try fill()
        let whole = try scratch.read("votes.log")
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 1 << UInt8(position % 8)
            try scratch.write(damaged, to: "damaged.log")
            #expect(throws: VoteLogError.self, "byte \(position)") { try open("damaged.log") }
        }
    }

    @Test func `names the place of the damage and what to do`() throws {
        let lastStart = try fill().lastStart
        var bytes = try scratch.read("votes.log")
        bytes[lastStart + 25] ^= 1
        try scratch.write(bytes, to: "votes.log")
        let error = #expect(throws: VoteLogError.self) { try open() }
        #expect(
            error
                == .damaged(
                    path: scratch["votes.log"], offset: lastStart + 20, reason: "a record fails its checksum"))
        #expect(error?.description.contains(scratch["votes.log"]) == true)
    }

    @Test func `of another chain or validator is refused`() throws {
        _ = try fill()
        #expect(throws: VoteLogError.self) {
            try VoteLog.open(
                path: scratch["votes.log"], genesis: .zero, validator: validator, expectedAtHead: nil)
        }
        #expect(throws: VoteLogError.self) {
            try VoteLog.open(path: scratch["votes.log"], genesis: genesis, validator: .zero, expectedAtHead: nil)
        }
        try scratch.write(Bytes("# votes".utf8), to: "text.log")
        #expect(throws: VoteLogError.notAVoteLog(path: scratch["text.log"])) { try open("text.log") }
    }

    @Test func `is open in one place only`() throws {
        let first = try open()
        #expect(throws: VoteLogError.inUse(path: scratch["votes.log"])) { try open() }
        withExtendedLifetime(first) {}
    }

    @Test func `that is gone though the chain remembers it asks for silence, and remembers that`() throws {
        let opening = try open(head: 41)
        #expect(opening.presence == .missingButExpected)
        #expect(opening.log.silentThrough == 42)
        let again = try reopen(head: 41)
        #expect(again.presence == .existing)
        #expect(again.log.silentThrough == 42)
        try opening.log.append([.init(height: 43, payload: [1])])
        try opening.log.append([.init(height: 44, payload: [2])])
        try opening.log.discard(through: 43, anyway: true)
        #expect(try reopen(head: 44).log.silentThrough == 42)
    }

    @Test func `discards finalised heights and never a newer one`() throws {
        let records = try fill().records
        for limit in Height(0)...4 {
            try scratch.write(scratch.read("votes.log"), to: "discard.log")
            let opening = try open("discard.log")
            try opening.log.discard(through: limit, anyway: true)
            try opening.log.append([.init(height: 4, payload: [9])])
            let again = try reopen("discard.log")
            let expected = records.filter { $0.height > limit } + [VoteLog.Record(height: 4, payload: [9])]
            #expect(again.records == expected)
        }
    }

    @Test func `does not rewrite the file for a few bytes`() throws {
        _ = try fill()
        let log = try open().log
        let (bytes, syncs) = (log.byteCount, log.syncCount)
        try log.discard(through: 2)
        #expect(log.byteCount == bytes)
        #expect(log.syncCount == syncs)
    }

    @Test func `rewrites the file once enough of it is finalised, with the directory synced`() throws {
        let log = try open().log
        let block = Bytes(repeating: 0xbb, count: 1 << 20)
        for height in Height(1)...5 { try log.append([.init(height: height, payload: block)]) }
        let syncs = log.syncCount
        try log.discard(through: 4)
        #expect(log.byteCount < 2 << 20)
        #expect(log.syncCount == syncs + 2)
        #expect(!scratch.exists("votes.log.new"))
    }

    @Test func `survives a crash between writing the new file and renaming it`() throws {
        let records = try fill().records
        try scratch.write([1, 2, 3], to: "votes.log.new")
        let opening = try open()
        #expect(opening.records == records)
        try opening.log.discard(through: 2, anyway: true)
        #expect(try reopen().records == records.filter { $0.height >= 3 })
    }

    @Test func `refuses a record over its limit, and stays usable`() throws {
        let log = try open().log
        let bytes = Bytes(repeating: 1, count: VoteLog.recordBytesMax + 1)
        #expect(throws: VoteLogError.recordTooLarge(bytes: bytes.count, bytesMax: VoteLog.recordBytesMax)) {
            try log.append([.init(height: 1, payload: bytes)])
        }
        try log.append([.init(height: 1, payload: [1])])
    }
}
