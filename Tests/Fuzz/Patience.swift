import Foundation
import Primitives
import Synchronization

/// Ends the process when a case does not end, and says which.
final class Patience: Sendable {
    /// A case may be this long under way on the wall's clock, whatever else the machine does.
    private static let limit = 300

    private let seed = Atomic<UInt64>(0)

    init() {
        Thread.detachNewThread { [self] in
            var (last, seconds) = (UInt64(0), 0)
            while true {
                // A watch beside the work: nothing waits for it.
                sleep(1)
                let current = seed.load(ordering: .relaxed)
                seconds = current == last ? seconds + 1 : 0
                last = current
                guard seconds < Self.limit else {
                    note("seed \(current): no end after \(seconds) s; again: fuzz --seed \(current) --count 1")
                    exit(3)
                }
            }
        }
    }

    func begin(_ seed: UInt64) {
        self.seed.store(seed, ordering: .relaxed)
    }

    /// What running `gas` may take of the processor, with all that is done around it: 2 s for 10,000,000, and 2 s.
    /// A case is run up to three times.
    static func bound(for gas: Gas) -> Duration {
        .seconds(2) + .nanoseconds(Int64(min(gas, 1 << 50)) * 200 * 3)
    }
}
