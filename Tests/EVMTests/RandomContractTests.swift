import EVM
import FuzzCases
import Testing

/// A little of what `scripts/test fuzz` does for minutes in release: here every sum that overflows and every index out
/// of bounds is a trap.
struct RandomContractTests {
    private static let seedsInGroup: UInt64 = 25

    @Test(arguments: 0..<UInt64(12))
    func `random contracts keep gas, value and failed calls' state, whatever ran on the machine before`(group: UInt64) {
        let machine = Machine()
        let first = 1 + group * Self.seedsInGroup
        for seed in first..<(first + Self.seedsInGroup) {
            let (_, faults) = FuzzCase(seed: seed, gasMax: 200_000).check(on: machine)
            #expect(faults.isEmpty, "seed \(seed)")
        }
    }
}
