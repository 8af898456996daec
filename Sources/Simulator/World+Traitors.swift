import Chain
import Consensus
import Crypto
import Node
import Primitives

// Validators with two faces. Their node runs as it should; what leaves it is forged on the way out, for each
// recipient anew: another vote, no memory, a second block, too early, too late, or nothing. They sign for themselves
// only, and tell each other everything.
extension World {
    /// Whether what a machine sends is forged on the way out.
    func isTwoFaced(_ index: Int) -> Bool {
        if scenario.traitors.contains(index) { return true }
        guard let plot, plot.phase == .active else { return false }
        return plot.conspiracy.style == .twoFaced && plot.isLiar(index)
    }

    /// Sends what traitor `index` wants the others to hear in place of `message`.
    mutating func betray(_ message: Message, to numbers: [PeerNumber], from index: Int) {
        if plot?.phase == .active, plot?.conspiracy.style == .twoFaced {
            return tellTwoStories(message, to: numbers, from: index)
        }
        for number in numbers {
            let recipient = links[Int(number) - 1].end(from: index)
            let isSecondFace = recipient % 2 == 1
            switch message {
            case .proposal(let proposal) where proposal.vote.validator == machines[index].address:
                betray(proposal, isSecondFace: isSecondFace, over: number, from: index)
            case .vote(let signed) where signed.validator == machines[index].address && !isRanger(recipient):
                betray(signed, isSecondFace: isSecondFace, over: number, from: index)
            case .roundChange(let change) where generator.chance(40):
                deceive(.roundChange(forgetful(change, by: index)), over: number, from: index)
            case .sealed(let certificate) where generator.chance(10):
                let boast = CommitCertificate(
                    height: certificate.height + generator.pick(1...1_000), round: 0, block: certificate.block,
                    seals: certificate.seals)
                carry(parcel(.sealed(boast)), over: number, from: index)
            case .blocks(let blocks) where generator.chance(20):
                carry(parcel(.blocks(blocks.map(Self.stripped))), over: number, from: index)
            default: carry(parcel(message), over: number, from: index)
            }
        }
    }

    /// One block for the first audience, its twin for the second, and each of them all the support it needs. Only the
    /// liars among themselves say what is.
    private mutating func tellTwoStories(_ message: Message, to numbers: [PeerNumber], from index: Int) {
        guard let plot else { return }
        for number in numbers {
            let recipient = links[Int(number) - 1].end(from: index)
            let isSecond = !plot.isLiar(recipient) && !plot.tells(recipient, secondStory: false)
            switch message {
            case .proposal(let proposal) where isSecond && proposal.vote.validator == machines[index].address:
                carry(parcel(.proposal(twin(of: proposal, by: index))), over: number, from: index)
            case .vote(let own) where isSecond && own.validator == machines[index].address:
                guard own.vote.kind != .proposal, let sibling = siblings[own.vote.block] else {
                    carry(parcel(message), over: number, from: index)
                    continue
                }
                var vote = own.vote
                vote.block = sibling
                carry(parcel(.vote(signed(vote, by: index))), over: number, from: index)
            case .roundChange(let change) where isSecond:
                carry(parcel(.roundChange(forgetful(change, by: index))), over: number, from: index)
            case .sealed where isSecond: continue
            default: carry(parcel(message), over: number, from: index)
            }
        }
    }

    private func forgetful(_ change: RoundChange, by index: Int) -> RoundChange {
        let vote = change.vote.vote
        return RoundChange(vote: signed(.roundChange(height: vote.height, to: vote.round), by: index), prepared: nil)
    }

    private mutating func twin(of proposal: Proposal, by index: Int) -> Proposal {
        let twin = Self.twin(of: proposal.block)
        (siblings[proposal.block.hash], siblings[twin.hash]) = (twin.hash, proposal.block.hash)
        return Proposal(
            vote: signed(
                .proposal(of: twin, round: proposal.vote.vote.round, because: proposal.justification), by: index),
            block: twin,
            roundChanges: proposal.roundChanges, prepares: proposal.prepares)
    }

    private mutating func betray(
        _ proposal: Proposal, isSecondFace: Bool, over number: PeerNumber, from index: Int
    ) {
        guard isSecondFace else { return deceive(.proposal(proposal), over: number, from: index) }
        let lie = twin(of: proposal, by: index)
        let vote = lie.vote.vote
        deceive(.proposal(lie), over: number, from: index)
        for kind in [VoteKind.prepare, .commit] {
            let support = Vote(kind: kind, height: vote.height, round: vote.round, block: vote.block)
            deceive(.vote(signed(support, by: index)), over: number, from: index)
        }
    }

    private mutating func betray(_ own: SignedVote, isSecondFace: Bool, over number: PeerNumber, from index: Int) {
        var vote = own.vote
        if vote.kind == .prepare || vote.kind == .commit {
            if isSecondFace, let sibling = siblings[vote.block] {
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
                parcel(message).event(from: number), for: recipient,
                at: now + .milliseconds(generator.pick(100...1_500)))
        default: carry(parcel(message), over: number, from: index)
        }
    }

    /// The same block a millisecond later, or earlier where that is another second, which code could tell from the
    /// state: as valid as the first.
    private static func twin(of block: Block) -> Block {
        var milliseconds = block.extension.timestampMilliseconds
        if milliseconds % 1_000 == 999 { milliseconds -= 1 } else { milliseconds += 1 }
        let moved = BlockExtension(
            version: block.extension.version, nextCouncilHash: block.extension.nextCouncilHash,
            accessListRoot: block.extension.accessListRoot, timestampMilliseconds: milliseconds)
        var header = block.header
        header.extraData = moved.hash.bytes
        return Block(header: header, transactions: block.transactions, extension: moved)
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
