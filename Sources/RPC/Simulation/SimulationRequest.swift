import Chain
import Primitives

/// The payload of eth_simulateV1: blocks of calls, each on what the one before it left.
struct SimulationRequest {
    /// One block, as far as the caller says.
    struct BlockRequest {
        var overrides: BlockOverrides
        let stateOverrides: StateOverrides
        let calls: [CallRequest]

        /// A block in which nothing happens.
        static let empty = BlockRequest(overrides: .none, stateOverrides: .none, calls: [])

        fileprivate init(overrides: BlockOverrides, stateOverrides: StateOverrides, calls: [CallRequest]) {
            (self.overrides, self.stateOverrides, self.calls) = (overrides, stateOverrides, calls)
        }

        fileprivate init(_ value: JSONValue) throws(ArgumentError) {
            let object = try objectArgument(value)
            overrides = try member(object, "blockOverrides", BlockOverrides.init) ?? .none
            stateOverrides = try member(object, "stateOverrides", StateOverrides.init) ?? .none
            calls = try elements(object, "calls", CallRequest.init)
        }
    }

    let blocks: [BlockRequest]
    /// Whether each transfer of value is told of in the logs.
    let tracesTransfers: Bool
    /// Whether nonces and fees must be those of real blocks.
    let isValidated: Bool
    /// Whether blocks show transactions and not their hashes.
    let showsTransactions: Bool

    init(_ argument: JSONValue) throws(ArgumentError) {
        let object = try objectArgument(argument)
        blocks = try elements(object, "blockStateCalls", BlockRequest.init)
        tracesTransfers = try member(object, "traceTransfers", booleanArgument) ?? false
        isValidated = try member(object, "validation", booleanArgument) ?? false
        showsTransactions = try member(object, "returnFullTransactions", booleanArgument) ?? false
    }
}

extension SimulationRequest {
    /// Seconds between a block and the next one where the caller does not say, as geth has them.
    static let blockTime: UInt64 = 12

    /// The blocks that come after `number`, each with its number and time: gaps are filled with empty ones.
    func sequence(
        after number: Height, _ timestamp: UInt64, _ limits: RPCLimits
    ) throws(RPCError) -> [BlockRequest] {
        guard !blocks.isEmpty else { throw .invalidParameters("empty input") }
        guard UInt64(blocks.count) <= limits.simulatedBlocksMax else {
            throw .simulation(.clientLimit, "too many blocks")
        }
        let calls = blocks.reduce(0) { $0 + $1.calls.count }
        guard calls <= limits.simulatedCallsMax else {
            throw .simulation(.clientLimit, "too many calls: \(calls) > \(limits.simulatedCallsMax)")
        }
        var sequence: [BlockRequest] = []
        var (lastNumber, lastTime) = (number, timestamp)
        for var block in blocks {
            let next = block.overrides.number ?? lastNumber &+ 1
            guard next > lastNumber else {
                throw .simulation(.blockNumber, "block numbers must be in order: \(next) <= \(lastNumber)")
            }
            guard next - number <= limits.simulatedBlocksMax else {
                throw .simulation(.clientLimit, "too many blocks")
            }
            while lastNumber + 1 < next {
                lastNumber += 1
                lastTime = try Self.time(nil, after: lastTime)
                var filler = BlockRequest.empty
                (filler.overrides.number, filler.overrides.time) = (lastNumber, lastTime)
                sequence.append(filler)
            }
            lastTime = try Self.time(block.overrides.time, after: lastTime)
            lastNumber = next
            (block.overrides.number, block.overrides.time) = (next, lastTime)
            sequence.append(block)
        }
        return sequence
    }

    private static func time(_ asked: UInt64?, after last: UInt64) throws(RPCError) -> UInt64 {
        let time = asked ?? last &+ blockTime
        guard time > last else {
            throw .simulation(.blockTimestamp, "block timestamps must be in order: \(time) <= \(last)")
        }
        return time
    }
}

/// What can be wrong with a simulation, by the codes of the specification (execution-apis, eth_simulateV1).
enum SimulationFault: Int {
    case nonceTooLow = -38010
    case nonceTooHigh = -38011
    case baseFee = -38012
    case intrinsicGas = -38013
    case funds = -38014
    case blockGas = -38015
    case blockNumber = -38020
    case blockTimestamp = -38021
    case initCode = -38025
    case clientLimit = -38026
    /// An error of the machine, in the result of a call.
    case machine = -32015
    /// What geth has no code for.
    case unnamed = -32603

    init(_ kind: CallObstacle.Kind) {
        self =
            switch kind {
            case .nonceTooLow: .nonceTooLow
            case .nonceTooHigh: .nonceTooHigh
            case .nonceMax: .unnamed
            case .feeCap: .baseFee
            case .intrinsicGas: .intrinsicGas
            case .funds: .funds
            case .initCode: .initCode
            }
    }
}

extension RPCError {
    static func simulation(_ fault: SimulationFault, _ message: String) -> RPCError {
        RPCError(code: fault.rawValue, message: message)
    }
}
