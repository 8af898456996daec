import Chain
import Consensus
import Crypto
import Primitives

extension Node {
    static var maintenancePeriod: Duration { .milliseconds(500) }

    mutating func peerUp(_ number: PeerNumber, key: NodePublicKey, isInbound: Bool) {
        let address = key.address
        if table.isBanned(address, at: now) {
            out.append(.disconnect(number, because: "banned for a while after a penalty"))
            return
        }
        let isCouncil = genesis.council.members.contains { $0.address == address }
        var peer = Peer(number: number, key: key, address: address, isCouncil: isCouncil, isInbound: isInbound)
        peer.since = now
        table.add(peer)
        let hello = Hello(
            name: settings.name, isRanger: isRanger, head: tail.height, headHash: tail.hash, listen: settings.listen)
        send(.hello(hello), to: [number])
        send(.getPeers, to: [number])
        // Whoever comes late still has to hear what was said in this round.
        if isCouncil { for message in consensus.said { send(wire(message), to: [number]) } }
    }

    mutating func peerDown(_ number: PeerNumber) {
        guard let peer = table.remove(number) else { return }
        note(.peerDown(name: peer.name))
        if sync.request?.peer == number { sync.request = nil }
        searches.removeAll { $0.peer == number }
        peerLeftIndictment(number)
        requestBlocks()
    }

    /// Decodes and routes one frame. What cannot be decoded costs its sender the connection.
    mutating func receive(_ frame: Bytes, from number: PeerNumber) {
        guard table[number] != nil else { return }
        do {
            receive(try Message(decoding: frame), from: number)
        } catch {
            penalise(number, because: "\(error)")
        }
    }

    /// The first message on a connection is a hello.
    mutating func receive(_ message: Message, from number: PeerNumber) {
        guard let peer = table[number] else { return }
        if peer.hello == nil, case .hello = message {
        } else if peer.hello == nil {
            return penalise(number, because: "spoke before its hello")
        }
        route(message, from: peer)
    }

    private mutating func route(_ message: Message, from peer: Peer) {
        let number = peer.number
        switch message {
        case .hello(let hello): greet(hello, from: peer)
        case .transactions(let envelopes): out.append(.admit(envelopes, from: number))
        case .proposal(let proposal): fromCouncil(.proposal(proposal), peer)
        case .vote(let vote): fromCouncil(.vote(vote), peer)
        case .roundChange(let change): fromCouncil(.roundChange(change), peer)
        case .sealed(let certificate): heard(certificate, from: number)
        case .getBlocks(let from, let count): serve(from: from, count: count, to: number)
        case .blocks(let blocks): receive(blocks, from: number)
        case .fault(let proof): receive(proof, from: number)
        case .getPeers: send(.peers(endpointsToShare(except: peer)), to: [number])
        case .peers(let endpoints):
            for endpoint in endpoints where endpoint != settings.listen { table.learn(endpoint) }
        case .votes(let votes): hear(votes, from: number)
        case .getAccessList(_, let block): serve(accessListOf: block, to: number)
        case .accessList(let block, let list): receive(accessListOf: block, list, from: number)
        }
    }

    /// Votes and proposals come over council links only (DESIGN D12).
    private mutating func fromCouncil(_ message: ConsensusMessage, _ peer: Peer) {
        guard peer.isCouncil else {
            return penalise(peer.number, because: "consensus message from outside the council")
        }
        receive(message, from: peer.number)
    }

    private mutating func greet(_ hello: Hello, from peer: Peer) {
        guard hello.version == Hello.version else {
            return penalise(
                peer.number, because: "speaks version \(hello.version), this node speaks \(Hello.version)")
        }
        let isNew = peer.hello == nil
        table.update(peer.number) {
            $0.hello = hello
            $0.head = max($0.head, hello.head)
        }
        if isNew {
            note(.peerUp(name: hello.name, address: peer.address))
            tellLocals(to: peer)
            for proof in retold.proofs { send(.fault(proof), to: [peer.number]) }
        }
        if !hello.listen.isEmpty {
            table.learn(hello.listen, key: peer.address)
            if let before = keyBook.moved(peer.address, to: hello.listen) {
                noteClash(of: peer.address, before, hello.listen)
            }
        }
        requestBlocks()
    }

    /// A connection was turned away because its key is connected already, or is our own.
    mutating func keyClashed(_ key: NodePublicKey, at endpoint: String) {
        let other = key.address
        if other == address { return noteClash(of: address, settings.listen, endpoint) }
        // Two nodes that dial each other at once turn one of the two connections away: nothing is wrong with that.
        guard let peer = table.peers.first(where: { $0.address == other }), peer.hello != nil,
            now - peer.since >= KeyBook.settlingTime
        else { return }
        noteClash(of: other, keyBook.home(of: other) ?? peer.name, endpoint)
    }

    private mutating func noteClash(of other: Address, _ first: String, _ second: String) {
        guard keyBook.clash(of: other, first, second, at: now) else { return }
        note(.keyClash(address: other, first: first, second: second))
    }

    private func endpointsToShare(except peer: Peer) -> [String] {
        let listening = table.peers.compactMap { $0.number == peer.number ? nil : $0.hello?.listen }
        return Array(listening.filter { !$0.isEmpty }.prefix(Message.peersMax))
    }

    /// Ends the connection and keeps away from a ranger's key; council links are too few to be given up.
    mutating func penalise(_ number: PeerNumber, because reason: String) {
        guard let peer = table.remove(number) else { return }
        note(.peerPenalised(address: peer.address, why: reason))
        if !peer.isCouncil { table.ban(peer.address, at: now) }
        if sync.request?.peer == number { sync.request = nil }
        searches.removeAll { $0.peer == number }
        out.append(.disconnect(number, because: reason))
        peerLeftIndictment(number)
    }

    /// Opens connections that are missing and gives up requests that nobody answers.
    mutating func maintain() {
        out.append(.setTimer(.maintenance, after: Self.maintenancePeriod))
        for endpoint in table.due(own: settings.listen, ownKey: address, at: now) {
            out.append(.connect(endpoint: endpoint))
        }
        reviseRequest()
        for fork in forks { reviseFork(at: fork.height) }
        storeVotes()
        maintainPool()
    }
}
