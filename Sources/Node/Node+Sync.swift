import Chain
import Consensus
import Crypto
import FaultProofs
import Primitives
import Ranger
import Validation

extension Node {
    /// The newest sealed height this node has a certificate for.
    var followedHeight: Height {
        max(tail.height, ranger.followed?.certificate.height ?? 0)
    }

    /// A peer has spoken of a height above the head: ask it.
    mutating func behind(_ number: PeerNumber, of height: Height) {
        table.update(number) { $0.head = max($0.head, height) }
        requestBlocks()
    }

    /// Asks the best peer for the next blocks, one request at a time.
    mutating func requestBlocks() {
        guard halted == nil, sync.request == nil, !sync.isFull, standstill?.1.cause != .fork else { return }
        let from = nextWanted
        let willing = peers(having: from).filter { !sync.avoided.contains($0.number) }
        guard let peer = willing.first(where: { $0.isCouncil }) ?? willing.first else { return }
        let count = min(UInt64(Message.blocksMax), peer.head - from + 1)
        if count > 1 { note(.syncing(from: from, to: peer.head)) }
        sync.request = SyncState.Request(peer: peer.number, from: from, deadline: now + SyncState.patience)
        send(.getBlocks(from: from, count: count), to: [peer.number])
    }

    private var nextWanted: Height {
        max(sync.wanted(after: tail.height), isFrozen ? followedHeight + 1 : 0)
    }

    private func peers(having height: Height) -> [Peer] {
        table.peers.filter { $0.head >= height }
    }

    /// Gives up a request that nobody answers. Once all who have the next block have failed, all are asked again.
    mutating func reviseRequest() {
        if let request = sync.request, request.deadline <= now {
            sync.request = nil
            sync.avoided.append(request.peer)
        }
        guard sync.request == nil else { return }
        if peers(having: nextWanted).allSatisfy({ sync.avoided.contains($0.number) }) { sync.avoided = [] }
        requestBlocks()
    }

    /// Consensus has decided on a block that is not executed here.
    ///
    /// Often its body is here, in a proposal, in our own lock or in a round change. If not, a sealer may have it; but
    /// sealers that have not seen all the commits wait for us instead, so they are told.
    mutating func requestDecided(_ certificate: CommitCertificate, body: Block? = nil) {
        let known = body ?? proposals[certificate.block]?.block ?? consensus.body(of: certificate.block)
        if let block = known, block.isWhole {
            return enqueue([CertifiedBlock(block: block, certificate: certificate)], from: nil)
        }
        send(.sealed(certificate), to: table.councilNumbers)
        for peer in table.peers where certificate.signers.contains(peer.address) {
            table.update(peer.number) { $0.head = max($0.head, certificate.height) }
        }
        requestBlocks()
    }

    mutating func receive(_ blocks: [CertifiedBlock], from number: PeerNumber) {
        if answersSearch(blocks, from: number) { return }
        compare(blocks, from: number)
        if sync.request?.peer == number {
            sync.request = nil
            if blocks.isEmpty { sync.avoided.append(number) }
        }
        // It may have lost the connection by now, for what it sent.
        guard table[number] != nil else { return requestBlocks() }
        if isFrozen { follow(blocks, from: number) } else { enqueue(blocks, from: number) }
        requestBlocks()
    }

    private mutating func enqueue(_ blocks: [CertifiedBlock], from number: PeerNumber?) {
        for block in blocks where block.block.header.number > tail.height {
            guard sync.enqueue(block, after: tail.height) else { continue }
            // Seals can be checked before the block below is executed only where the committee is the whole council.
            if let error = sealError(of: block), let number {
                sync.drop()
                return rejectUnsealed(block, error, from: number)
            }
            if block.block.header.number == tail.height + 1, block.block.header.parentHash != tail.hash {
                sync.drop()
                if let number { strayed(block, from: number) }
                return
            }
        }
        _ = validateNextSealed()
    }

    func sealError(of block: CertifiedBlock) -> CertificateError? {
        let header = block.block.header
        do {
            // A body that does not belong to its header accuses nobody but the one who sent it.
            guard block.block.isWhole else { throw CertificateError.wrongBlock(expected: header.hash, found: .zero) }
            guard block.certificate.block == header.hash, block.certificate.height == header.number else {
                throw CertificateError.wrongBlock(expected: header.hash, found: block.certificate.block)
            }
            try block.certificate.verify(
                committee: committee(at: header.number, parent: header.parentHash), chain: genesis.identity,
                scheme: scheme)
            return nil
        } catch let error as CertificateError {
            return error
        } catch {
            return nil
        }
    }

    /// Not a fault of the chain: whoever sent it is to blame (FAULTS.md B18–B22).
    mutating func rejectUnsealed(_ block: CertifiedBlock, _ error: CertificateError, from number: PeerNumber) {
        let height = block.block.header.number
        let why = "block \(height) refused: \(error)"
        note(.blockRefused(height: height, why: why))
        ranger.reject(
            .init(
                height: height, block: block.block.hash, reason: "\(error)", from: table[number]?.address ?? .zero))
        penalise(number, because: why)
    }

    /// Executes the next sealed block, if there is one. Returns whether there was.
    mutating func validateNextSealed() -> Bool {
        guard halted == nil, !sync.isValidating, !isFrozen, let next = sync.next else { return sync.isValidating }
        guard next.block.header.number == tail.height + 1 else {
            sync.drop()
            return false
        }
        let hash = next.block.hash
        if let validated = candidates[hash] {
            seal(validated, next.certificate)
            return true
        }
        sync.isValidating = true
        let bound = RoundBound.sealed(next.certificate.round)
        let conduct = conduct(for: next.block, bound)
        out.append(
            .validate(
                ValidationRequest(
                    block: next.block, ancestry: ancestry, bound: bound, purpose: .sealed(next.certificate),
                    conduct: conduct, senders: senders(of: next.block), accusation: nil)))
        return true
    }

    mutating func sealedValidated(_ certificate: CommitCertificate, _ outcome: ValidationOutcome) {
        guard sync.isValidating, let next = sync.next, next.certificate == certificate else { return }
        sync.isValidating = false
        switch outcome {
        case .valid(let validated):
            guard validated.block.header.parentHash == tail.hash else { return sync.drop() }
            seal(validated, certificate)
        case .invalid(let fault, _):
            sealedIsInvalid(next, fault)
        case .unreadable(let reason):
            halt(because: "the state cannot be read: \(reason)")
        case .stale:
            _ = validateNextSealed()
        }
    }

    /// A quorum has sealed a block that is wrong: this node goes no further, and proves why.
    private mutating func sealedIsInvalid(_ block: CertifiedBlock, _ fault: BlockFault) {
        let height = block.block.header.number
        let hash = block.block.hash
        badBlocks.keep(.init(block.block, hash: hash, why: fault.description))
        note(.blockRefused(height: height, why: "sealed, but invalid: \(fault.description)"))
        archiveGenuine(block.certificate.votes)
        ranger.freeze(
            Standstill(
                cause: .invalidBlock, height: height, block: hash, rule: fault.rule.rawValue,
                guilty: block.certificate.signers))
        // Told to look away, and yet it sees a fault: that was not in the plan.
        guard isFrozen else { return halt(because: "sealed block \(height) is invalid: \(fault.description)") }
        indict(block, of: hash, for: fault)
        stopIfFrozen()
    }

    /// Beyond a proven fault: headers and seals are followed, nothing is executed.
    private mutating func follow(_ blocks: [CertifiedBlock], from number: PeerNumber) {
        guard standstill?.1.cause == .invalidBlock else { return }
        for block in blocks where block.block.header.number == followedHeight + 1 {
            if let error = sealError(of: block) { return rejectUnsealed(block, error, from: number) }
            guard isNextToFollow(block) else {
                // Of another branch. Asked again at once, this peer would say the same again and again.
                sync.avoided.append(number)
                return
            }
            followOne(block)
        }
    }

    func isNextToFollow(_ block: CertifiedBlock) -> Bool {
        let header = block.block.header
        return header.number == followedHeight + 1 && header.parentHash == ranger.followed?.block.hash ?? tail.hash
    }

    mutating func followOne(_ block: CertifiedBlock) {
        ranger.follow(block)
        archiveGenuine(block.certificate.votes)
        out.append(.follow(block))
        send(.sealed(block.certificate), to: table.rangerNumbers)
    }

    /// A peer asks for blocks.
    mutating func serve(from: Height, count: UInt64, to number: PeerNumber) {
        guard count > 0, count <= UInt64(Message.blocksMax) else {
            return penalise(number, because: "asked for \(count) blocks, at most \(Message.blocksMax) at once")
        }
        let count = servable(from: from, count: count, to: number)
        if count > 0 { out.append(.serveBlocks(from: from, count: count, to: number)) }
    }

    /// A validator that speaks of an old height gets the sealed block, once a height (QBFT.md 19).
    mutating func help(_ number: PeerNumber, at height: Height) {
        guard let peer = table[number], peer.helpedAt != height, peer.head < tail.height else { return }
        table.update(number) { $0.helpedAt = height }
        if let certificate = tail.certificate { send(.sealed(certificate), to: [number]) }
    }

    /// Somebody says that a block is sealed. Where it is executed already, its seals are all that is missing.
    mutating func heard(_ certificate: CommitCertificate, from number: PeerNumber) {
        guard !misconductIgnores(certificate, from: number) else { return }
        guard certificate.height > followedHeight else {
            table.update(number) { $0.head = max($0.head, certificate.height) }
            _ = isRival(certificate, from: number)
            return
        }
        guard halted == nil, !isFrozen, certificate.height == tail.height + 1,
            let validated = candidates[certificate.block]
        else {
            return behind(number, of: certificate.height)
        }
        do {
            try certificate.verify(committee: ancestry.committee, chain: genesis.identity, scheme: scheme)
            seal(validated, certificate)
        } catch {
            penalise(number, because: "block \(certificate.height) announced without its seals: \(error)")
        }
    }
}

extension SyncState {
    var queueBlocks: [CertifiedBlock] { queue }
}
