import Chain
import FaultProofs
import Primitives
import ProofCases
import Testing

/// A little of what `scripts/test fuzz --kind proofs` does for minutes, and `scripts/test proofs` for every value of
/// every byte, in release.
struct `Proofs that are not so` {
    /// Eight proofs of what three liars did; the signatures differ from run to run.
    private static let world = Result { try ProofWorld() }

    @Test
    func `start from proofs that are`() throws {
        let world = try Self.world.get()
        #expect(world.samples.count == 8)
        #expect(world.mainSamples.count == 3)
        for sample in world.samples {
            let fault = try #require(world.verdict(sample.bytes), "\(sample.name)")
            #expect(sample.name.hasPrefix(fault.kind.name))
            #expect(!fault.guilty.isEmpty && !fault.guilty.contains(world.honest), "\(sample.name)")
        }
        // There is something honest to take out of its place.
        #expect(world.votes.count { $0.validator == world.honest } > 10)
    }

    @Test(arguments: ["PAIR", "EXEC", "FORK", "JUSTIFICATION", "EXEC of a transaction"])
    func `are refused with the lowest, the highest or all bits of one byte changed`(name: String) throws {
        let world = try Self.world.get()
        let sample = try #require(world.samples.first { $0.name == name })
        let (tried, survivor) = ByteChanges.search(sample, in: world, masks: ByteChanges.few)
        #expect(survivor == nil, "\(String(describing: survivor))")
        #expect(tried == 3 * sample.bytes.count)
    }

    @Test(arguments: UInt64(0)..<10)
    func `convict no honest validator, whatever is cut, swapped, replayed or put together`(group: UInt64) throws {
        let world = try Self.world.get()
        for seed in group * 200..<(group + 1) * 200 {
            let fault = ProofMutation(seed: seed, in: world).fault(in: world)
            #expect(fault == nil, "seed \(seed): \(fault ?? "")")
        }
    }

    @Test
    func `are tried in every way on every proof`() throws {
        let world = try Self.world.get()
        let names = Set((UInt64(0)..<3_000).map { ProofMutation(seed: $0, in: world).name })
        #expect(names.count == 12 * 8)
    }
}
