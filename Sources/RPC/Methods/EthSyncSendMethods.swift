import Chain
import Primitives
import Synchronization

/// eth_sendRawTransactionSync (EIP-7966): for those who would poll for the receipt anyway.
func ethSyncSendMethods(_ context: RPCContext) -> [RPCMethod] {
    let room = Room(places: context.limits.synchronousSendsMax)
    return [
        RPCMethod(
            "eth_sendRawTransactionSync",
            "Gives a signed transaction to the pool and waits for its receipt, for so many milliseconds at most.",
            [.required("transaction", .data), .optional("timeout", .milliseconds)], result: "receipt",
            .asking { arguments, writer throws(RPCError) in
                let limit = context.limits.synchronousSendTimeout
                let timeout = try arguments.readOptional(1, millisecondsArgument).map { min($0, limit) } ?? limit
                guard room.enter() else { throw .server("too many calls wait for their receipts, try again") }
                defer { room.leave() }
                let envelope = Arguments(values: [try arguments.required(0)])
                guard let sent = await context.submit([envelope]).first else {
                    throw .internalError("no answer from the pool")
                }
                try await context.awaitReceipt(of: sent.get(), for: timeout, &writer)
            })
    ]
}

/// How many may do something at once.
private final class Room: Sendable {
    private let places: Int
    private let taken = Mutex(0)

    init(places: Int) {
        self.places = places
    }

    func enter() -> Bool {
        taken.withLock { taken in
            guard taken < places else { return false }
            taken += 1
            return true
        }
    }

    func leave() { taken.withLock { $0 -= 1 } }
}

/// A number of milliseconds above zero: a hex quantity, or a JSON number as geth takes it.
private func millisecondsArgument(_ value: JSONValue) throws(ArgumentError) -> Duration {
    let count: UInt64
    if let number = value.int64 {
        guard number > 0 else { throw ArgumentError("expected milliseconds above zero") }
        count = UInt64(number)
    } else {
        count = try quantityArgument(value)
    }
    guard count > 0 else { throw ArgumentError("expected milliseconds above zero") }
    return .milliseconds(Int64(clamping: count))
}

extension RPCContext {
    /// How long a sealed block may go unnoticed by those who wait for it.
    private static let headGlance = Duration.milliseconds(10)

    fileprivate func awaitReceipt(
        of hash: Hash32, for timeout: Duration, _ writer: inout JSONWriter
    ) async throws(RPCError) {
        let deadline = ContinuousClock.now + timeout
        var seen: Height?
        while ContinuousClock.now < deadline {
            // The head is in memory; only a new one is worth a look at the disk.
            let head = chain.headHeight
            if head != seen, try receipt(of: hash, to: &writer) { return }
            seen = head
            do {
                try await Task.sleep(for: Self.headGlance)
            } catch {
                throw .timeout
            }
        }
        guard try !receipt(of: hash, to: &writer) else { return }
        throw RPCError(
            code: 4,
            message: "The transaction was added to the transaction pool but wasn't processed within \(timeout).",
            data: .string(hash.hex))
    }
}
