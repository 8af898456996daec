import EVM
import Primitives

/// What a caller of debug_trace* wants watched, and for how long (geth's TraceConfig).
struct TraceOptions {
    /// Who watches.
    enum Watcher {
        /// Writes down every opcode.
        case opcodes(StructLogger.Options)
        case calls(CallTracer.Options)
        case flatCalls(FlatCallOptions)
        case prestate(PrestateOptions)
        case selectors
        case nobody
        /// Several of the named ones, each once: muxTracer.
        case together([Named])

        /// Those that watch.
        var all: [Watcher] {
            if case .together(let tracers) = self { tracers.map(\.watcher) } else { [self] }
        }
    }

    struct Named {
        let name: String
        let watcher: Watcher
    }

    /// What flatCallTracer shows.
    struct FlatCallOptions {
        /// Errors in Parity's words instead of geth's.
        var convertsErrors = false
        /// Also calls of precompiled contracts.
        var showsPrecompiles = false
    }

    /// What prestateTracer shows.
    struct PrestateOptions {
        /// Only what has changed, before and after.
        var difference = false
        var hidesCode = false
        var hidesStorage = false
        /// Also accounts that were not there.
        var showsEmpty = false
    }

    let watcher: Watcher
    /// For one transaction.
    let timeout: Duration
    /// What debug_traceCall supposes; the others have no use for it.
    let stateOverrides: StateOverrides
    let blockOverrides: BlockOverrides

    /// - Throws: -32602 for what is no option, -32000 for a tracer that there is not.
    init(_ arguments: Arguments, _ index: Int, _ limits: RPCLimits) throws(RPCError) {
        let given = try arguments.readOptional(index, Given.init) ?? Given()
        guard let watcher = given.watcher else {
            throw .server(
                "tracer \(given.tracer.prefix(RPCError.echoedTextMax)) is not supported: there are callTracer, "
                    + "flatCallTracer, prestateTracer, 4byteTracer, noopTracer, muxTracer of these, and the struct "
                    + "logger without a name")
        }
        self.watcher = watcher
        (stateOverrides, blockOverrides) = (given.stateOverrides, given.blockOverrides)
        guard !given.timeout.isEmpty else {
            timeout = limits.traceTimeout
            return
        }
        guard let named = Duration(goText: given.timeout) else {
            throw .server("time: invalid duration \"\(given.timeout.prefix(RPCError.echoedTextMax))\"")
        }
        timeout = min(named, limits.traceTimeoutMax)
    }
}

/// The object that a caller gives.
private struct Given {
    var tracer = ""
    var timeout = ""
    /// Nil for a tracer that there is not.
    var watcher: TraceOptions.Watcher? = .opcodes(StructLogger.Options())
    var stateOverrides = StateOverrides.none
    var blockOverrides = BlockOverrides.none

    init() {}

    init(_ value: JSONValue) throws(ArgumentError) {
        let options = try objectArgument(value)
        tracer = try member(options, "tracer", Self.text) ?? ""
        timeout = try member(options, "timeout", Self.text) ?? ""
        stateOverrides = try member(options, "stateOverrides", StateOverrides.init) ?? .none
        blockOverrides = try member(options, "blockOverrides", BlockOverrides.init) ?? .none
        let details = try member(options, "tracerConfig", objectArgument) ?? JSONObject()
        switch tracer {
        case "": watcher = .opcodes(try Self.structLogger(options))
        case "muxTracer": watcher = try together(details)
        default: watcher = try Self.named(tracer, details)
        }
    }

    /// One of the tracers that stand alone and in muxTracer; nil for a name that none has.
    private static func named(
        _ name: String, _ details: JSONObject
    ) throws(ArgumentError) -> TraceOptions.Watcher? {
        switch name {
        case "callTracer":
            .calls(
                CallTracer.Options(logs: try flag(details, "withLog"), onlyOutermost: try flag(details, "onlyTopCall")))
        case "flatCallTracer":
            .flatCalls(
                TraceOptions.FlatCallOptions(
                    convertsErrors: try flag(details, "convertParityErrors"),
                    showsPrecompiles: try flag(details, "includePrecompiles")))
        case "prestateTracer":
            .prestate(
                TraceOptions.PrestateOptions(
                    difference: try flag(details, "diffMode"), hidesCode: try flag(details, "disableCode"),
                    hidesStorage: try flag(details, "disableStorage"), showsEmpty: try flag(details, "includeEmpty")))
        case "4byteTracer": .selectors
        case "noopTracer": .nobody
        default: nil
        }
    }

    /// What muxTracer brings together: by name the configuration of each. Of two with one name the later counts.
    private mutating func together(_ tracers: JSONObject) throws(ArgumentError) -> TraceOptions.Watcher? {
        var named: [TraceOptions.Named] = []
        for name in Set(tracers.members.map(\.name)).sorted() {
            let details = try member(tracers, name, objectArgument) ?? JSONObject()
            guard let watcher = try Self.named(name, details) else {
                tracer = name
                return nil
            }
            named.append(TraceOptions.Named(name: name, watcher: watcher))
        }
        return .together(named)
    }

    private static func structLogger(_ options: JSONObject) throws(ArgumentError) -> StructLogger.Options {
        let limit = try member(options, "limit") { value throws(ArgumentError) in
            guard let limit = value.int64, limit >= 0 else {
                throw ArgumentError("expected a whole number, found \(value.kind)")
            }
            return Int(limit)
        }
        return StructLogger.Options(
            stack: try !flag(options, "disableStack"), memory: try flag(options, "enableMemory"),
            storage: try !flag(options, "disableStorage"), returnData: try flag(options, "enableReturnData"),
            entriesWanted: limit ?? 0)
    }

    // MARK: Members

    private static func text(_ value: JSONValue) throws(ArgumentError) -> String {
        guard let text = value.string else { throw ArgumentError("expected a string, found \(value.kind)") }
        return text
    }

    private static func flag(_ object: JSONObject, _ name: String) throws(ArgumentError) -> Bool {
        try member(object, name) { value throws(ArgumentError) in
            guard let flag = value.bool else { throw ArgumentError("expected true or false, found \(value.kind)") }
            return flag
        } ?? false
    }
}
