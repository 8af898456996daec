import Configuration
import NIOCore
import Node
import Primitives
import RPC

extension NodeConfiguration {
    /// The limits of the node's pool.
    var poolLimits: PoolLimits {
        var limits = PoolLimits()
        limits.allowsUnprotected = allowUnprotected
        for (limit, value) in self.limits { limit.set(value, in: &limits) }
        return limits
    }

    /// The limits of its JSON-RPC.
    var rpcLimits: RPCLimits {
        var limits = RPCLimits()
        for (limit, value) in self.limits { limit.set(value, in: &limits) }
        return limits
    }
}

extension NodeLimit {
    fileprivate func set(_ value: UInt64, in limits: inout PoolLimits) {
        switch self {
        case .poolSlotsMax: limits.slotsMax = Int(value)
        case .poolQueuedMax: limits.queuedMax = Int(value)
        case .poolPerSenderMax: limits.perSenderMax = Int(value)
        case .poolQueuedLifetime: limits.queuedLifetime = .milliseconds(value)
        case .poolReplacementPercent: limits.replacementPercent = value
        case .poolTipMin: limits.tipMin = UInt256(value)
        case .callGasMax, .callTimeout, .logBlocksMax: break
        }
    }

    fileprivate func set(_ value: UInt64, in limits: inout RPCLimits) {
        switch self {
        case .callGasMax: limits.callGasMax = value
        case .callTimeout:
            limits.callTimeout = .milliseconds(value)
            // Who waits for the answer waits longer than the call may take.
            let answer = TimeAmount.milliseconds(Int64(value)) + .seconds(5)
            limits.answerTimeout = max(limits.answerTimeout, answer)
        case .logBlocksMax: limits.logBlocksMax = value
        case .poolSlotsMax, .poolQueuedMax, .poolPerSenderMax, .poolQueuedLifetime, .poolReplacementPercent,
            .poolTipMin:
            break
        }
    }
}
