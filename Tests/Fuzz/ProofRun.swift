import ArgumentParser
import Foundation
import Primitives
import ProofCases

/// Tries to get fault proofs accepted that are not so.
struct ProofRun {
    /// Checking a proof of the samples' size may take so long on the processor: some hundred times what it takes.
    private static let bound = Duration.seconds(1)

    let world: ProofWorld

    init() throws {
        world = try ProofWorld()
    }

    /// One attempt. Its line has no digest: signatures differ from process to process, what is done does not.
    func runCase(_ seed: UInt64, _ patience: Patience) throws {
        patience.begin(seed)
        let mutation = ProofMutation(seed: seed, in: world)
        let start = processorTime()
        var fault = mutation.fault(in: world)
        let time = processorTime() - start
        if time > Self.bound { fault = "\(mutation.name): \(mutation.bytes.count) bytes took \(time) to judge" }
        if let fault {
            note("seed \(seed): \(fault)")
            note("again: fuzz --kind proofs --seed \(seed) --count 1")
            note("the bytes: \(mutation.bytes.hex)")
            throw ExitCode.failure
        }
        write("\(seed) \(mutation.name)\n")
    }

    /// Each byte of the three main samples with every other value it may have.
    func runExhaustively() throws {
        for sample in world.mainSamples {
            guard world.verdict(sample.bytes) != nil else {
                note("\(sample.name): the sample itself is refused")
                throw ExitCode.failure
            }
            let start = processorTime()
            let (tried, survivor) = ByteChanges.search(sample, in: world, masks: ByteChanges.all)
            if let survivor {
                note("\(sample.name): still accepted with \(survivor); the bytes: \(sample.bytes.hex)")
                throw ExitCode.failure
            }
            let time = processorTime() - start
            write("\(sample.name): \(sample.bytes.count) bytes, \(tried) changes, all refused, \(time) of processor\n")
        }
    }
}
