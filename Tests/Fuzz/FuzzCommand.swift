import ArgumentParser
import EVM
import Foundation
import FuzzCases
import Primitives

/// Runs random contracts, random fault proofs or random requests, case after case, and checks what must hold for each.
@main
struct FuzzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Runs random contracts, fault proofs or JSON-RPC requests, and checks what must hold for each.",
        discussion: """
            A line a case on standard output: its seed and the digest of its result, the same in every process. The \
            first case that breaks an invariant is described on standard error; exit code 1. The case behind the last \
            line is the one that crashed, if any did.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case evm, proofs, rpc
    }

    @Option(help: "evm for random contracts, proofs for fault proofs that must not be accepted, rpc for requests.")
    var kind = Kind.evm

    @Flag(help: "Instead, change each byte of three fault proofs to every other value.")
    var exhaustive = false

    @Option(help: "The first case's seed; the next case has the next.")
    var seed: UInt64 = 1

    @Option(help: "How many cases to run, unless the time is over before.")
    var count: UInt64?

    @Option(help: "How long to run, in minutes.")
    var minutes: Double?

    @Option(help: "Print so many cases with their results as JSON instead, one a line, for another EVM to repeat.")
    var emit: UInt64?

    @Option(help: "The fork of the printed cases: Cancun, Prague or Osaka.")
    var fork = Fork.cancun.rawValue

    @Option(help: "The most gas that a printed case may have: some EVMs are slow.")
    var gasMax: Gas = .max

    func validate() throws {
        guard Fork(rawValue: fork) != nil else { throw ValidationError("there is no fork \(fork)") }
        guard seed <= .max / 2, count ?? 0 <= .max / 2 else { throw ValidationError("seeds end at 2^63") }
        if exhaustive { return }
        guard emit == nil || kind == .evm else { throw ValidationError("only EVM cases can be printed") }
        if emit == nil, count == nil, minutes == nil { throw ValidationError("name --count, --minutes or --emit") }
    }

    func run() async throws {
        if exhaustive { return try ProofRun().runExhaustively() }
        let machine = Machine()
        if let emit {
            let fork = Fork(rawValue: fork) ?? .cancun
            for seed in seed..<(seed + emit) {
                let fuzzCase = FuzzCase(seed: seed, purpose: .comparison(fork), gasMax: gasMax)
                let result = fuzzCase.run(on: machine)
                write(try CaseRecord(fuzzCase, result).line())
            }
            return
        }
        let patience = Patience()
        let proofs = kind == .proofs ? try ProofRun() : nil
        let requests = kind == .rpc ? try await RPCRun() : nil
        let clock = ContinuousClock()
        let end = minutes.map { clock.now + .seconds($0 * 60) }
        var next = seed
        while count.map({ next - seed < $0 }) ?? true, end.map({ clock.now < $0 }) ?? true {
            if let requests {
                try await requests.runCase(next, patience)
            } else if let proofs {
                try proofs.runCase(next, patience)
            } else {
                try runCase(next, on: machine, patience)
            }
            next += 1
        }
        if let requests { note(requests.summary()) }
        note("\(next - seed) cases, no fault")
    }

    private func runCase(_ seed: UInt64, on machine: Machine, _ patience: Patience) throws {
        patience.begin(seed)
        let start = processorTime()
        var (result, faults) = FuzzCase(seed: seed).check(on: machine)
        let time = processorTime() - start
        let bound = Patience.bound(for: result.gasUsed)
        if time > bound { faults.append("\(result.gasUsed) gas took \(time), more than \(bound)") }
        guard faults.isEmpty else {
            for fault in faults { note("seed \(seed): \(fault)") }
            note("again: fuzz --seed \(seed) --count 1")
            throw ExitCode.failure
        }
        write("\(seed) \(result.digest.hex.dropFirst(2).prefix(16))\n")
    }

}

/// What this process has spent of the processor: other processes on the machine must not fail a case.
func processorTime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// Unbuffered: what is printed must be there when the next case crashes.
func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}

func note(_ text: String) {
    FileHandle.standardError.write(Data("fuzz: \(text)\n".utf8))
}
