import Chain
import Consensus
import Crypto
import Node
import Primitives

/// What the traitors of a run know together.
struct TraitorMemory: Sendable {
    /// Blocks that were proposed to one part of the council, and what the other part was shown in their place.
    var siblings: [Hash32: Hash32] = [:]
}

// Validators with two faces. Their node runs as it should; what leaves it is forged on the way out, for each
// recipient anew: another vote, no memory, a second block, too early, too late, or nothing. They sign for themselves
// only, and tell each other everything.
extension World {
    /// Sends what traitor `index` wants the others to hear in place of `frame`.
    mutating func betray(_ frame: Bytes, to numbers: [PeerNumber], from index: Int) {
        guard let message = try? Message(decoding: frame) else { return }
        for number in numbers {
            let recipient = links[Int(number) - 1].end(from: index)
            let isSecondFace = recipient % 2 == 1
            switch message {
            case .proposal(let proposal) where proposal.vote.validator == machines[index].address:
                betray(proposal, isSecondFace: isSecondFace, over: number, from: index)
            case .vote(let signed) where signed.validator == machines[index].address && !isRanger(recipient):
                betray(signed, isSecondFace: isSecondFace, over: number, from: index)
            case .roundChange(let change) where generator.chance(40):
                let forgetful = Vote.roundChange(height: change.vote.vote.height, to: change.vote.vote.round)
                let lie = RoundChange(vote: signed(forgetful, by: index), prepared: nil)
                deceive(.roundChange(lie), over: number, from: index)
            case .sealed(let certificate) where generator.chance(10):
                let boast = CommitCertificate(
                    height: certificate.height + generator.pick(1...1_000), round: 0, block: certificate.block,
                    seals: certificate.seals)
                carry(Message.sealed(boast).encoded, over: number, from: index)
            case .blocks(let blocks) where generator.chance(20):
                carry(Message.blocks(blocks.map(Self.stripped)).encoded, over: number, from: index)
            default: carry(frame, over: number, from: index)
            }
        }
    }

    private func isRanger(_ index: Int) -> Bool { index >= scenario.council }

    private mutating func betray(
        _ proposal: Proposal, isSecondFace: Bool, over number: PeerNumber, from index: Int
    ) {
        guard isSecondFace else { return deceive(.proposal(proposal), over: number, from: index) }
        let twin = Self.twin(of: proposal.block)
        let (first, second) = (proposal.block.hash, twin.hash)
        (traitors.siblings[first], traitors.siblings[second]) = (second, first)
        let vote = proposal.vote.vote
        let lie = Proposal(
            vote: signed(.proposal(of: twin, round: vote.round, because: proposal.justification), by: index),
            block: twin,
            roundChanges: proposal.roundChanges, prepares: proposal.prepares)
        deceive(.proposal(lie), over: number, from: index)
        for kind in [VoteKind.prepare, .commit] {
            let support = Vote(kind: kind, height: vote.height, round: vote.round, block: second)
            deceive(.vote(signed(support, by: index)), over: number, from: index)
        }
    }

    private mutating func betray(_ own: SignedVote, isSecondFace: Bool, over number: PeerNumber, from index: Int) {
        var vote = own.vote
        if vote.kind == .prepare || vote.kind == .commit {
            if isSecondFace, let sibling = traitors.siblings[vote.block] {
                vote.block = sibling
            } else if generator.chance(5) {
                vote.block = keccak256(vote.block)
            }
        }
        deceive(.vote(signed(vote, by: index)), over: number, from: index)
        // A commit that nothing has prepared.
        if vote.kind == .prepare, generator.chance(20) {
            vote.kind = .commit
            deceive(.vote(signed(vote, by: index)), over: number, from: index)
        }
    }

    /// Sends, delays or keeps back.
    private mutating func deceive(_ message: Message, over number: PeerNumber, from index: Int) {
        switch generator.pick(0...9) {
        case 0: break
        case 1:
            let recipient = links[Int(number) - 1].end(from: index)
            plan(
                .received(message.encoded, from: number), for: recipient,
                at: now + .milliseconds(generator.pick(100...1_500)))
        default: carry(message.encoded, over: number, from: index)
        }
    }

    /// The same block a millisecond later: as valid as the first.
    private static func twin(of block: Block) -> Block {
        let milliseconds = block.extension.timestampMilliseconds + 1
        let later = BlockExtension(
            version: block.extension.version, nextCouncilHash: block.extension.nextCouncilHash,
            accessListRoot: block.extension.accessListRoot, timestampMilliseconds: milliseconds)
        var header = block.header
        header.timestamp = milliseconds / 1_000
        header.extraData = later.hash.bytes
        return Block(header: header, transactions: block.transactions, extension: later)
    }

    /// With one seal too few to be believed.
    private static func stripped(_ block: CertifiedBlock) -> CertifiedBlock {
        let certificate = block.certificate
        return CertifiedBlock(
            block: block.block,
            certificate: CommitCertificate(
                height: certificate.height, round: certificate.round, block: certificate.block,
                seals: certificate.seals.dropLast()))
    }
}
