import Chain
import Crypto
import FaultProofs
import Fixtures
public import Primitives

/// One attempt to get something accepted that is not so, drawn from a seed.
public struct ProofMutation: Sendable {
    public let seed: UInt64
    /// What was done to which proof, in one word.
    public let name: String
    public let bytes: Bytes
    /// The chain that it is shown to.
    private let target: Genesis
    private let isElsewhere: Bool

    enum Way: CaseIterable {
        case noise, flip, cut, insert, remove, splice, rewrap, vote, seals, header, evidence, replay
    }

    public init(seed: UInt64, in world: ProofWorld) {
        self.seed = seed
        var mixer = SeededNumbers(seed: seed)
        var drawing = Drawing(world: world, numbers: SeededNumbers(seed: mixer.next() ^ 0x7072_6f6f_66))
        let way = drawing.pick(Way.allCases)
        let sample = drawing.pick(world.samples)
        name = "\(way)-\(sample.name.filter { $0 != " " })"
        bytes = drawing.bytes(way, sample)
        isElsewhere = way == .replay
        target = isElsewhere ? drawing.pick(world.otherChains) : world.genesis
    }

    /// What must not have happened; nil if all is well.
    ///
    /// A proof may be accepted where it is one of the samples to the last byte, or convicts liars alone: there is more
    /// than one true proof of what they did. On another chain than its own nothing is accepted.
    public func fault(in world: ProofWorld) -> String? {
        let verdict: ProvenFault
        do throws(ProofRejection) {
            verdict = try verify(FaultProof(checking: bytes), genesis: target, scheme: P256())
        } catch {
            return nil
        }
        if isElsewhere { return "\(name) is accepted on another chain: \(verdict)" }
        return verdict.guilty.contains(world.honest) ? "\(name) convicts the honest validator: \(verdict)" : nil
    }
}

private struct Drawing {
    let world: ProofWorld
    var numbers: SeededNumbers

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[numbers.below(choices.count)]
    }

    mutating func bytes(_ way: ProofMutation.Way, _ sample: ProofWorld.Sample) -> Bytes {
        var bytes = sample.bytes
        switch way {
        case .noise: return numbers.bytes(numbers.below(2_000))
        case .flip:
            for _ in 0...numbers.below(4) { bytes[numbers.below(bytes.count)] ^= UInt8(1 + numbers.below(255)) }
        case .cut: bytes.removeLast(1 + numbers.below(bytes.count))
        case .insert: bytes.insert(contentsOf: numbers.bytes(1 + numbers.below(40)), at: numbers.below(bytes.count))
        case .remove:
            let start = numbers.below(bytes.count)
            bytes.removeSubrange(start..<min(bytes.count, start + 1 + numbers.below(40)))
        case .splice: splice(&bytes)
        case .rewrap: bytes = rewrapped(bytes)
        case .vote, .seals, .header, .evidence: return changed(sample.proof, way).rlp
        case .replay: break
        }
        return bytes
    }

    /// A piece of another proof over a piece of this one, mostly at the same offset.
    private mutating func splice(_ bytes: inout Bytes) {
        let other = pick(world.samples).bytes
        let count = min(1 + numbers.below(700), min(bytes.count, other.count) - 1)
        let start = numbers.below(min(bytes.count, other.count) - count)
        let origin = numbers.below(3) == 0 ? numbers.below(other.count - count) : start
        bytes.replaceSubrange(start..<start + count, with: other[origin..<origin + count])
    }

    /// The same items under the head of another form of proof.
    private mutating func rewrapped(_ bytes: Bytes) -> Bytes {
        var decoder = RLPDecoder(bytes)
        guard var list = try? decoder.list(), let version = try? list.uint64(), (try? list.uint64()) != nil else {
            return bytes
        }
        var items: [Bytes] = []
        while !list.isAtEnd, let item = try? list.rawItem() { items.append(item) }
        if numbers.below(2) == 0 { items.reverse() }
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(version)
            list.append(UInt64(numbers.below(8)))
            for item in items { list.appendRaw(item) }
        }
        return encoder.bytes
    }

    // MARK: Parts that are genuine each by itself

    private mutating func changed(_ proof: FaultProof, _ way: ProofMutation.Way) -> FaultProof {
        switch proof {
        case .pair(let first, let second): return pair(first, second, way)
        case .fork(var evidence):
            change(&evidence, way)
            return .fork(evidence)
        case .justification(var evidence):
            change(&evidence, way)
            return .justification(evidence)
        case .header(var evidence):
            change(&evidence.accusation, &evidence.header, way)
            return .header(evidence)
        case .body(var evidence):
            var header = evidence.block.header
            change(&evidence.accusation, &header, way)
            evidence.block = Block(
                header: header, transactions: evidence.block.transactions, extension: evidence.block.extension)
            return .body(evidence)
        case .transaction(var evidence):
            change(&evidence.accusation, &evidence.header, way)
            if way == .evidence { evidence.position += 1 }
            return .transaction(evidence)
        case .execution(var evidence):
            var header = evidence.block.header
            change(&evidence.accusation, &header, way)
            evidence.block = Block(
                header: header, transactions: evidence.block.transactions, extension: evidence.block.extension)
            if way == .evidence, evidence.witness.count > 1 {
                switch numbers.below(3) {
                case 0: evidence.witness.swapAt(0, numbers.below(evidence.witness.count))
                case 1: evidence.witness.remove(at: numbers.below(evidence.witness.count))
                default: evidence.witness.append(pick(evidence.witness))
                }
            }
            return .execution(evidence)
        }
    }

    private mutating func change(_ accusation: inout Accusation, _ header: inout Header, _ way: ProofMutation.Way) {
        switch way {
        case .vote: accusation = .proposed(vote(like: pick(world.votes)))
        case .seals: accusation = .sealed(certificate(pick(world.certificates)))
        case .header: header = self.header(header)
        default: break
        }
    }

    /// Two votes that are signed, or nearly so.
    private mutating func pair(_ first: SignedVote, _ second: SignedVote, _ way: ProofMutation.Way) -> FaultProof {
        let other = pick(world.votes)
        switch way {
        case .vote: return .pair(other, vote(like: pick(world.votes)))
        case .seals:
            // By one author, wherever they come from.
            let mates = world.votes.filter { $0.validator == other.validator && $0.vote.height == other.vote.height }
            let mate = pick(mates)
            return proveContradiction(other, mate) ?? .pair(other, mate)
        case .header: return .pair(vote(like: first), second)
        default: return .pair(first, vote(like: second))
        }
    }

    private mutating func change(_ evidence: inout ForkEvidence, _ way: ProofMutation.Way) {
        switch way {
        case .vote:
            if numbers.below(2) == 0 { evidence.votes.append(pick(world.votes)) }
            if !evidence.votes.isEmpty {
                let index = numbers.below(evidence.votes.count)
                evidence.votes[index] = vote(like: evidence.votes[index])
            }
            evidence.votes.sort { $0.validator < $1.validator }
        case .seals: evidence.second.certificate = certificate(evidence.second.certificate)
        case .header: evidence.first.header = header(evidence.first.header)
        default:
            let other = CertifiedHeader(header: pick(world.headers), certificate: pick(world.certificates))
            if numbers.below(2) == 0 { evidence.first = other } else { evidence.second = other }
        }
    }

    private mutating func change(_ evidence: inout JustificationEvidence, _ way: ProofMutation.Way) {
        switch way {
        case .vote: evidence.proposal = vote(like: evidence.proposal)
        case .seals: evidence.justification.roundChanges.append(pick(world.votes))
        case .header: evidence.header = header(evidence.header)
        default: evidence.justification.prepares.append(pick(world.votes))
        }
    }

    /// That vote with one thing about it changed, or another in its place.
    private mutating func vote(like signed: SignedVote) -> SignedVote {
        var changed = signed
        switch numbers.below(7) {
        case 0: changed.vote.height += 1
        case 1: changed.vote.round += 1
        case 2: changed.vote.block = pick(world.headers).hash
        case 3: changed.validator = pick(world.votes).validator
        case 4: changed.signature = pick(world.votes).signature
        case 5: changed.signature = NodeSignature(r: changed.signature.r, s: keccak256(changed.signature.s))
        default: changed = pick(world.votes)
        }
        return changed
    }

    private mutating func certificate(_ certificate: CommitCertificate) -> CommitCertificate {
        var changed = certificate
        switch numbers.below(6) {
        case 0: changed.round += 1
        case 1: changed.height += 1
        case 2: changed.seals.append(contentsOf: pick(world.certificates).seals)
        case 3: changed.seals.removeLast()
        case 4:
            let vote = pick(world.votes)
            changed.seals.append(Seal(validator: vote.validator, signature: vote.signature))
        default: changed = pick(world.certificates)
        }
        changed.seals.sort { $0.validator < $1.validator }
        return changed
    }

    private mutating func header(_ header: Header) -> Header {
        var changed = header
        switch numbers.below(5) {
        case 0: changed.number += 1
        case 1: changed.parentHash = pick(world.headers).hash
        case 2: changed.gasLimit *= 2
        case 3: changed.beneficiary = .zero
        default: changed = pick(world.headers)
        }
        return changed
    }
}
