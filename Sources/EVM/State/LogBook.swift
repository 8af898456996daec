import Primitives

/// The logs of the transaction under way, in flat memory, so that those of a failing call go by cutting the end off.
struct LogBook: ~Copyable {
    struct Entry: BitwiseCopyable {
        let address: Address
        let topicCount: Int
        let topics: (Hash32, Hash32, Hash32, Hash32)
        let dataStart: Int
        let dataCount: Int
        let isTransfer: Bool
    }

    struct Mark: Sendable {
        let entries: Int
        let bytes: Int
    }

    private var entries = Buffer<Entry>(capacity: 16)
    private var bytes = Buffer<UInt8>(capacity: 1_024)

    var mark: Mark { Mark(entries: entries.count, bytes: bytes.count) }

    /// Apart from the machine's loop, and with no more arguments than opcodes have: as it lies in memory with one more,
    /// PUSH1 and ADD take three times as long on an AMD EPYC (Zen), though their own instructions stay the same.
    @inline(never)
    mutating func append(
        _ address: Address, topicCount: Int, _ topics: (Hash32, Hash32, Hash32, Hash32),
        data: UnsafeRawBufferPointer
    ) {
        unsafe append(address, topicCount: topicCount, topics, data: data, isTransfer: false)
    }

    /// A log that no code left.
    mutating func appendTransfer(
        _ address: Address, topicCount: Int, _ topics: (Hash32, Hash32, Hash32, Hash32),
        data: UnsafeRawBufferPointer
    ) {
        unsafe append(address, topicCount: topicCount, topics, data: data, isTransfer: true)
    }

    private mutating func append(
        _ address: Address, topicCount: Int, _ topics: (Hash32, Hash32, Hash32, Hash32),
        data: UnsafeRawBufferPointer, isTransfer: Bool
    ) {
        let start = bytes.count
        unsafe bytes.extend(to: start + data.count)
        if let source = data.baseAddress, data.count > 0 {
            unsafe UnsafeMutableRawPointer(bytes.pointer(at: start)).copyMemory(from: source, byteCount: data.count)
        }
        entries.append(
            Entry(
                address: address, topicCount: topicCount, topics: topics, dataStart: start, dataCount: data.count,
                isTransfer: isTransfer))
    }

    mutating func cut(to mark: Mark) {
        entries.truncate(to: mark.entries)
        bytes.truncate(to: mark.bytes)
    }

    mutating func removeAll() {
        entries.removeAll()
        bytes.removeAll()
    }

    /// All logs in order, as values of their own.
    var records: [LogRecord] {
        var records: [LogRecord] = []
        records.reserveCapacity(entries.count)
        for index in 0..<entries.count {
            let entry = entries[index]
            let topics = [entry.topics.0, entry.topics.1, entry.topics.2, entry.topics.3].prefix(entry.topicCount)
            let data = unsafe Bytes(
                UnsafeRawBufferPointer(start: bytes.pointer(at: entry.dataStart), count: entry.dataCount))
            records.append(
                LogRecord(address: entry.address, topics: Array(topics), data: data, isTransfer: entry.isTransfer))
        }
        return records
    }
}
