import CAllocationCount
import Crypto
import EVM
import Foundation
import Primitives

/// A contract and who calls it; everything else is empty.
struct BenchmarkState: StateReader {
    static let sender = Address(Bytes(repeating: 0x11, count: 20))
    static let contract = Address(Bytes(repeating: 0x22, count: 20))

    let runtime: Bytes
    private let hash: Hash32

    init(_ code: Bytes) {
        runtime = code
        hash = keccak256(code)
    }

    func account(_ address: Address) throws(Never) -> Account? {
        switch address {
        case Self.sender: Account(nonce: 1, balance: 1_000_000_000_000_000_000)
        case Self.contract: Account(nonce: 1, codeHash: hash)
        default: nil
        }
    }

    func storage(_ address: Address, _ slot: UInt256) throws(Never) -> UInt256 { 0 }

    func code(_ hash: Hash32) throws(Never) -> Bytes { runtime }

    func hasStorage(_ address: Address) throws(Never) -> Bool { false }

    func blockHash(_ number: Height) throws(Never) -> Hash32 { .zero }
}

/// One machine, used for all vectors one after another.
final class EVMBench {
    static let gasLimit: Gas = 2_000_000_000

    private let machine = Machine()
    private let environment = Environment(
        block: BlockEnvironment(
            fork: .cancun, chainID: 1, number: 1, timestamp: 1_700_000_000, beneficiary: .zero, gasLimit: gasLimit,
            baseFeePerGas: 0, prevRandao: .zero),
        origin: BenchmarkState.sender)

    /// What is wrong with the result of `vector`, or nil.
    func fault(of vector: BenchmarkVector) -> String? {
        var journal = Journal(BenchmarkState(vector.code))
        let outcome = call(message(vector), in: &journal)
        guard outcome.succeeded else { return "expected success, found \(outcome.status)" }
        let used = Self.gasLimit - outcome.gasLeft
        guard used == vector.gas else { return "expected \(vector.gas) gas, found \(used)" }
        guard machine.output == vector.output else {
            return "expected output \(vector.output.hex), found \(machine.output.hex)"
        }
        return nil
    }

    /// Calls `vector` again and again for about `duration`, each time from the same state, and keeps the best time.
    func time(_ vector: BenchmarkVector, for duration: Duration) -> EVMTiming {
        let message = message(vector)
        var journal = Journal(BenchmarkState(vector.code))
        let clock = ContinuousClock()
        let end = clock.now + duration
        var best = Duration.seconds(1_000_000)
        var calls = 0
        var allocations: UInt64 = 0
        // The first calls grow what is kept: stacks, memory, tables. They are not counted.
        let warmUps = 2
        repeat {
            let allocatedBefore = allocation_count()
            let start = processorTime()
            let outcome = call(message, in: &journal)
            let time = processorTime() - start
            journal.reset()
            let allocated = allocation_count() - allocatedBefore
            precondition(Self.gasLimit - outcome.gasLeft == vector.gas, "every call is like the first")
            calls += 1
            guard calls > warmUps else { continue }
            best = min(best, time)
            allocations += allocated
        } while clock.now < end || calls < warmUps + 3
        return EVMTiming(vector, best: best, calls: calls - warmUps, allocations: allocations)
    }

    /// What this thread has spent of the processor: other programs on the machine are not the benchmark's business.
    private func processorTime() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private func message(_ vector: BenchmarkVector) -> Message {
        Message(
            caller: BenchmarkState.sender, target: .call(BenchmarkState.contract), input: vector.input,
            gas: Self.gasLimit)
    }

    private func call(_ message: Message, in journal: inout Journal<BenchmarkState>) -> Outcome {
        journal.warm(BenchmarkState.sender)
        journal.warm(BenchmarkState.contract)
        return journal.run(message, in: environment, on: machine)
    }
}

/// What one vector took.
struct EVMTiming {
    static let countsAllocations = allocation_count_works() != 0
    static let heading = "vector                  Mgas/s        ns/call   calls  allocations/call"

    private let name: String
    private let nanosecondsPerCall: Double
    private let calls: Int
    private let allocationsPerCall: Double
    let megagasPerSecond: Double

    init(_ vector: BenchmarkVector, best: Duration, calls: Int, allocations: UInt64) {
        name = vector.name
        nanosecondsPerCall = best / .nanoseconds(1)
        megagasPerSecond = Double(vector.gas) / nanosecondsPerCall * 1_000
        self.calls = calls
        allocationsPerCall = Double(allocations) / Double(calls)
    }

    var row: String {
        [
            name.padding(toLength: 18, withPad: " ", startingAt: 0),
            Self.rounded(megagasPerSecond).leftPadded(to: 11),
            String(format: "%.0f", nanosecondsPerCall).leftPadded(to: 14),
            String(calls).leftPadded(to: 7),
            (Self.countsAllocations ? Self.rounded(allocationsPerCall) : "?").leftPadded(to: 17),
        ].joined(separator: " ")
    }

    /// Without the allocations where they cannot be counted.
    var json: String {
        let allocations = Self.countsAllocations ? ", \"allocations_per_call\": \(allocationsPerCall)" : ""
        return "{\"name\": \"\(name)\", \"mgas_per_second\": \(megagasPerSecond), "
            + "\"ns_per_call\": \(nanosecondsPerCall), \"calls\": \(calls)\(allocations)}"
    }

    static func rounded(_ number: Double) -> String {
        number == 0 ? "0" : String(format: number < 10 ? "%.2f" : "%.0f", number)
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: " ", count: max(0, count - self.count)) + self
    }
}
