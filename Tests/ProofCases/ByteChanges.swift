import Crypto
public import FaultProofs
public import Primitives

/// Tries a proof with one byte changed.
public struct ByteChanges: Sendable {
    /// What a byte is xored with: every other value it may have.
    public static let all: [UInt8] = Array(1...255)
    /// The lowest bit, the highest and all of them: for tests without optimisation.
    public static let few: [UInt8] = [0x01, 0x80, 0xff]

    public struct Survivor: Sendable, CustomStringConvertible {
        public let position: Int
        public let mask: UInt8

        public var description: String { "byte \(position) xored with \(mask)" }
    }

    /// The first change after which the sample is still accepted, and how many were tried.
    public static func search(
        _ sample: ProofWorld.Sample, in world: ProofWorld, masks: [UInt8]
    ) -> (tried: Int, survivor: Survivor?) {
        var changed = sample.bytes
        var tried = 0
        for position in changed.indices {
            for mask in masks {
                changed[position] ^= mask
                tried += 1
                if world.verdict(changed) != nil { return (tried, Survivor(position: position, mask: mask)) }
                changed[position] ^= mask
            }
        }
        return (tried, nil)
    }
}

extension ProofWorld {
    /// What `bytes` prove on this chain; nil if nothing.
    public func verdict(_ bytes: Bytes) -> ProvenFault? {
        do throws(ProofRejection) {
            return try verify(FaultProof(checking: bytes), genesis: genesis, scheme: P256())
        } catch {
            return nil
        }
    }
}
