/// A limit of a node that its configuration may set, by its name under the key "limits".
///
/// There are many more limits; these are the ones that depend on what a network is for.
public enum NodeLimit: String, Sendable, CaseIterable {
    /// Slots of 4 KiB that all waiting transactions take, each one for every 4 KiB that it begins.
    case poolSlotsMax
    /// Transactions that wait behind a gap of nonces.
    case poolQueuedMax
    /// Transactions of one sender that wait.
    case poolPerSenderMax
    /// How long one waits behind a gap; looked after once a minute.
    case poolQueuedLifetime
    /// What a replacement pays more, in percent of both fees.
    case poolReplacementPercent
    /// The least tip, in peb per gas.
    case poolTipMin
    /// Gas of one call of JSON-RPC: eth_call, a run of eth_estimateGas, eth_simulateV1, debug_traceCall.
    case callGasMax
    /// The time of one such call, looked at whenever it reads state.
    case callTimeout
    /// Blocks that one eth_getLogs looks at.
    case logBlocksMax

    /// What a node takes where nothing is set; a time in milliseconds.
    public var usual: UInt64 {
        switch self {
        case .poolSlotsMax: 32_768
        case .poolQueuedMax: 16_384
        case .poolPerSenderMax: 1_024
        case .poolQueuedLifetime: 3 * 3_600_000
        case .poolReplacementPercent: 10
        case .poolTipMin: 1
        case .callGasMax: 50_000_000
        case .callTimeout: 5_000
        case .logBlocksMax: 100_000
        }
    }

    /// What may be set; a time in milliseconds.
    public var range: ClosedRange<UInt64> {
        switch self {
        // The longest envelope takes 32 slots, and this many are 1 GiB.
        case .poolSlotsMax: 32...262_144
        case .poolQueuedMax: 0...262_144
        // A sender's are looked through one by one when a pool is full.
        case .poolPerSenderMax: 1...16_384
        case .poolQueuedLifetime: 1_000...Duration.settingMax.wholeMilliseconds
        // At the same price the two would replace each other without end.
        case .poolReplacementPercent: 1...1_000
        case .poolTipMin: 0...1_000_000_000_000_000_000
        // Gas alone bounds code that reads no state: so much of the slowest, point evaluations, takes 17 s.
        case .callGasMax: 21_000...500_000_000
        // It keeps one of two threads.
        case .callTimeout: 100...60_000
        case .logBlocksMax: 1...10_000_000
        }
    }

    /// Whether it is written as a duration: "5s".
    public var isTime: Bool { self == .poolQueuedLifetime || self == .callTimeout }

    /// `value` of this limit as settings write it.
    public func text(_ value: UInt64) -> String {
        isTime ? Duration.milliseconds(value).text : String(value)
    }

    /// What it limits, in a few words.
    public var summary: String {
        switch self {
        case .poolSlotsMax: "slots of 4 KiB of all waiting transactions"
        case .poolQueuedMax: "transactions behind a gap of nonces"
        case .poolPerSenderMax: "waiting transactions of one sender"
        case .poolQueuedLifetime: "time that one waits behind a gap"
        case .poolReplacementPercent: "percent that a replacement pays more"
        case .poolTipMin: "least tip, in peb per gas"
        case .callGasMax: "gas of an eth_call or an estimate"
        case .callTimeout: "time of one, looked at as it reads state"
        case .logBlocksMax: "blocks that one eth_getLogs looks at"
        }
    }

    /// How limits are set, then a line for each: what is usual, the range, and what it limits.
    public static var help: String {
        let lines = allCases.map { limit in
            let (low, high) = (limit.text(limit.range.lowerBound), limit.text(limit.range.upperBound))
            return "  \(limit.rawValue) \(limit.text(limit.usual)) (\(low) to \(high)): \(limit.summary)"
        }
        return "Limits of a node, set by name in its configuration or its network's manifest, for example\n"
            + "\"limits\": { \"poolPerSenderMax\": 16, \"callTimeout\": \"10s\" }:\n" + lines.joined(separator: "\n")
    }
}

extension JSONField {
    /// The limits that an object names; a time in milliseconds.
    func nodeLimits() throws(ConfigurationError) -> [NodeLimit: UInt64] {
        try object(NodeLimit.allCases.map(\.rawValue))
        var limits: [NodeLimit: UInt64] = [:]
        for limit in NodeLimit.allCases {
            limits[limit] = try self[limit.rawValue].present?.value(of: limit)
        }
        return limits
    }

    private func value(of limit: NodeLimit) throws(ConfigurationError) -> UInt64 {
        guard limit.isTime else { return try unsigned(limit.range) }
        let range = limit.range
        guard let time = try? duration().wholeMilliseconds, range.contains(time) else {
            throw fault("a duration from \"\(limit.text(range.lowerBound))\" to \"\(limit.text(range.upperBound))\"")
        }
        return time
    }
}

extension [NodeLimit: UInt64] {
    /// The object that `nodeLimits` reads.
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for (limit, value) in self {
            members[limit.rawValue] = limit.isTime ? .string(limit.text(value)) : .integer(Int64(clamping: value))
        }
        return .object(members)
    }
}
