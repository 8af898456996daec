import Chain
import Primitives

/// Which logs a caller wants: eth_getLogs' argument.
struct LogFilter {
    enum Span: Equatable {
        case block(Hash32)
        case range(from: BlockReference, to: BlockReference)
    }

    let span: Span
    /// Logs of any of these; of all contracts where it is empty.
    let addresses: [Address]
    /// By position one of these; anything at a position where none is named.
    let topics: [[Hash32]]

    /// Addresses and topics that it names.
    var termCount: Int { topics.reduce(addresses.count) { $0 + $1.count } }

    /// Alternatives of one position, and addresses.
    static let alternativesMax = 1_000

    init(_ argument: JSONValue) throws(ArgumentError) {
        guard let object = argument.object else {
            throw ArgumentError("expected a filter object, found \(argument.kind)")
        }
        func present(_ name: String) -> JSONValue? {
            guard let value = object[name], !value.isNull else { return nil }
            return value
        }
        let (from, to) = (present("fromBlock"), present("toBlock"))
        if let hash = present("blockHash") {
            guard from == nil, to == nil else {
                throw ArgumentError("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other")
            }
            span = .block(try hashArgument(hash))
        } else {
            span = .range(
                from: try from.map(blockNumberArgument) ?? .latest, to: try to.map(blockNumberArgument) ?? .latest)
        }
        addresses =
            try present("address").map { value throws(ArgumentError) in
                try alternatives(value, addressArgument)
            } ?? []
        topics = try topicsArgument(present("topics"))
    }

    /// What of that part of the chain the filter means; nil where it means none of it.
    func part(from start: LogPlace, through last: Height) -> (LogPlace, Height)? {
        guard case .range(let from, let to) = span else { return nil }
        var (start, last) = (start, last)
        if case .height(let height) = from, height > start.height { start = LogPlace(height: height) }
        if case .height(let height) = to { last = min(last, height) }
        return start.height <= last ? (start, last) : nil
    }

    /// Refuses what can never tell anything new, in geth's words: a range that goes backwards.
    func checkRange() throws(RPCError) {
        switch span {
        case .range(.height(let from), .height(let to)) where from > to: throw .invalidBlockRange
        case .range(.latest, .height): throw .invalidBlockRange
        case .range(.pending, _), .range(_, .pending): throw .pendingLogs
        case .range, .block: break
        }
    }

    /// Whether the logs under `bloom` may have one that is wanted.
    func mayMatch(_ bloom: LogsBloom) -> Bool {
        guard addresses.isEmpty || addresses.contains(where: bloom.mayContain) else { return false }
        return topics.allSatisfy { $0.isEmpty || $0.contains(where: bloom.mayContain) }
    }

    func matches(_ log: Log) -> Bool {
        guard addresses.isEmpty || addresses.contains(log.address), topics.count <= log.topics.count else {
            return false
        }
        return zip(topics, log.topics).allSatisfy { $0.isEmpty || $0.contains($1) }
    }
}

/// One value, or an array of alternatives.
private func alternatives<Value>(
    _ value: JSONValue, _ read: (JSONValue) throws(ArgumentError) -> Value
) throws(ArgumentError) -> [Value] {
    guard let elements = value.array else { return [try read(value)] }
    guard elements.count <= LogFilter.alternativesMax else {
        throw ArgumentError("exceed max addresses or topics per search position: \(LogFilter.alternativesMax)")
    }
    var values: [Value] = []
    for element in elements { values.append(try read(element)) }
    return values
}

private func topicsArgument(_ value: JSONValue?) throws(ArgumentError) -> [[Hash32]] {
    guard let value else { return [] }
    guard let positions = value.array else { throw ArgumentError("topics: expected an array, found \(value.kind)") }
    guard positions.count <= Log.topicsMax else { throw ArgumentError("exceed max topics: \(Log.topicsMax)") }
    var topics: [[Hash32]] = []
    for position in positions {
        // Null stands for anything, alone or among alternatives.
        let isWild = position.isNull || position.array?.contains { $0.isNull } == true
        topics.append(isWild ? [] : try alternatives(position, hashArgument))
    }
    return topics
}

extension RPCError {
    static let pendingLogs = server("pending logs are not supported")
    static let invalidBlockRange = invalidParameters("invalid block range params")
}
