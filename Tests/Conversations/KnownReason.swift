import RPC

/// Why an answer of ours is meant to be another than the recorded one.
///
/// Reasons are rules about what differs, not about files: they hold for conversations that are not here too.
struct KnownReason: Sendable {
    let reason: String
    let explains: @Sendable (_ chain: RecordedChain, _ conversation: String, _ difference: Difference) -> Bool

    static let all = [
        KnownReason(reason: "recorded before geth had blockTimestamp in logs and transactions") {
            chain, _, difference in
            chain.isOlderForm && difference.path.hasSuffix("blockTimestamp") && difference.expected == nil
        },
        KnownReason(
            reason: "recorded before the specification gave bad storage keys the code -32602 (was -32000)"
        ) { chain, name, difference in
            chain.isOlderForm && name.hasPrefix("eth_getStorageAt/") && difference.path == "error.code"
                && difference.expected?.int64 == -32_000 && difference.found?.int64 == -32_602
        },
        KnownReason(
            reason: "recorded when geth counted the logs of failed calls too in the numbers of those that stay"
        ) { _, name, difference in
            name.hasPrefix("eth_simulateV1/") && difference.path.hasSuffix("logIndex")
        },
    ]

    static func of(_ difference: Difference, _ chain: RecordedChain, _ conversation: String) -> String? {
        all.first { $0.explains(chain, conversation, difference) }?.reason
    }
}
