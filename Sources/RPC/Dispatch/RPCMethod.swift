import Primitives

/// One row of the method table: the dispatcher runs it, and documentation is generated from it.
struct RPCMethod: Sendable {
    /// What a method does where it runs.
    enum Body: Sendable {
        /// From memory, in microseconds: may run on the event loop.
        case immediate(@Sendable (Arguments, inout JSONWriter) throws(RPCError) -> Void)
        /// Reads the chain and may block: runs on a worker.
        case reading(@Sendable (Arguments, inout JSONWriter) throws(RPCError) -> Void)
        /// Asks the running node, which answers when it can.
        case asking(@Sendable (Arguments, inout JSONWriter) async throws(RPCError) -> Void)
        /// Talks back later: from memory, and only where the caller can be talked to.
        case subscribing(@Sendable (Arguments, Caller, inout JSONWriter) throws(RPCError) -> Void)
        /// Takes neighbouring calls of one batch together; one result for each, in order.
        case together(@Sendable ([Arguments]) async -> [Result<Hash32, RPCError>])
    }

    let description: MethodDescription
    let body: Body

    var name: String { description.name }
    var summary: String { description.summary }
    var parameters: [Parameter] { description.parameters }
    var result: String { description.result }

    init(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [], result: String, _ body: Body
    ) {
        let description = MethodDescription(name: name, summary: summary, parameters: parameters, result: result)
        self.init(description, body)
    }

    init(_ description: MethodDescription, _ body: Body) {
        (self.description, self.body) = (description, body)
    }

    /// The arguments of a call, if they fit the table.
    func arguments(_ values: [JSONValue]) throws(RPCError) -> Arguments {
        guard values.count <= parameters.count else { throw .tooManyArguments(max: parameters.count) }
        for index in parameters.indices where parameters[index].isRequired {
            guard index < values.count, !values[index].isNull else { throw .missingArgument(index) }
        }
        return Arguments(values: values)
    }
}

/// What documentation says of a method.
struct MethodDescription: Sendable {
    let name: String
    let summary: String
    let parameters: [Parameter]
    /// What the result is, in words that `Vocabulary` knows where they have a shape.
    let result: String
}

/// The documentation of one positional parameter.
struct Parameter: Sendable {
    enum Kind: String, Sendable {
        case address = "20 bytes in hex"
        case hash = "32 bytes in hex"
        case data = "bytes in hex"
        case quantity = "hex number without leading zeros"
        case wideQuantity = "hex number of at most 256 bits without leading zeros"
        case storageKey = "up to 32 bytes in hex"
        case storageKeys = "array of up to 32 bytes in hex"
        case payloadAttributes =
            "object: timestamp, prevRandao, suggestedFeeRecipient, withdrawals, parentBeaconBlockRoot"
        case transactions = "array of signed transactions in hex"
        case text = "text"
        case typedData = "typed data of EIP-712, as an object or as its text"
        case storageRequests = "object of arrays of storage keys by address"
        case block = "number, latest, safe, finalized, pending or earliest"
        case blockOrHash = "number, tag, block hash, or EIP-1898 object"
        case flag = "true or false"
        case call = "transaction object"
        case logFilter = "filter object: fromBlock and toBlock or blockHash, address, topics"
        case count = "whole number, in hex or not"
        case milliseconds = "number of milliseconds above zero"
        case traceOptions =
            "object: tracer, tracerConfig, timeout, options of the struct logger; for calls stateOverrides, blockOverrides"
        case stateOverrides =
            "object: by address nonce, balance, code, state or stateDiff, movePrecompileToAddress"
        case blockOverrides =
            "object: number, time, gasLimit, feeRecipient, prevRandao, baseFeePerGas, blobBaseFee, difficulty"
        case simulation = "object: blockStateCalls, traceTransfers, validation, returnFullTransactions"
        case percentiles = "array of numbers from 0 to 100, ascending"
        case fault = "fault request object"
        case links = "array of link objects"
        case subscription = "newHeads, logs, newPendingTransactions or syncing"
        case subscriptionOptions = "for logs: address and topics; for newPendingTransactions: whether in full"
        case rangerSubscription = "faults or verdicts"
        case councilSubscription = "rounds"
    }

    let name: String
    let kind: Kind
    let isRequired: Bool

    static func required(_ name: String, _ kind: Kind) -> Parameter {
        Parameter(name: name, kind: kind, isRequired: true)
    }

    static func optional(_ name: String, _ kind: Kind) -> Parameter {
        Parameter(name: name, kind: kind, isRequired: false)
    }
}
