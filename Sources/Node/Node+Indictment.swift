import Chain
import Consensus
import FaultProofs
import Primitives
import Ranger
import Validation

/// A sealed block that this node has found invalid, on the way to a proof.
struct Indictment: Sendable {
    let block: CertifiedBlock
    let hash: Hash32
    let ancestry: Ancestry
    /// Peers that were asked for the access list and have not answered.
    var asked: [PeerNumber]
}

// From "this sealed block is invalid" to the smallest proof of it (DESIGN D3).
//
// The proof about one transaction takes the block's access list, which only whoever executed the block as its
// proposer did can have. It is asked for, never trusted before its root is the one that was sealed, and not waited
// for long: without it the whole block is the proof.
extension Node {
    /// How long the access list is waited for.
    static var accessListPatience: Duration { .milliseconds(300) }
    /// Peers that are asked for it at the same time.
    static var accessListAskedMax: Int { 3 }
    /// Lists that one peer is given; it has no use for one twice.
    static var accessListsServedMax: Int { 32 }

    /// Proves what is wrong with a sealed block, unless somebody else has shown it by now.
    mutating func indict(_ block: CertifiedBlock, of hash: Hash32, for fault: BlockFault) {
        guard !ranger.desk.hasConvictedSealers(of: hash) else { return }
        let height = block.block.header.number
        let isSealer = { (peer: Peer) in block.certificate.signers.contains(peer.address) }
        let able = fault.isShownByAccessList ? table.peers.filter { $0.head >= height } : []
        let asked = (able.filter(isSealer) + able.filter { !isSealer($0) }).prefix(Self.accessListAskedMax)
        indictment = Indictment(block: block, hash: hash, ancestry: ancestry, asked: asked.map(\.number))
        guard !asked.isEmpty else { return prove(with: nil) }
        send(.getAccessList(height: height, block: hash), to: asked.map(\.number))
        out.append(.setTimer(.accessList, after: Self.accessListPatience))
    }

    mutating func prove(with list: BlockAccessList?) {
        guard let indictment else { return }
        self.indictment = nil
        out.append(.cancelTimer(.accessList))
        out.append(
            .prove(
                ProofRequest(
                    block: indictment.block.block, ancestry: indictment.ancestry,
                    accusation: .sealed(indictment.block.certificate), accessList: list)))
    }

    /// What a peer says the transactions of a block touched. Only who was asked is listened to, and nobody is believed.
    mutating func receive(accessListOf block: Hash32, _ encoded: Bytes, from number: PeerNumber) {
        // An answer may come too late: that is nobody's fault.
        guard let indictment, indictment.hash == block, indictment.asked.contains(number) else { return }
        self.indictment?.asked.removeAll { $0 == number }
        if !encoded.isEmpty {
            if let list = try? BlockAccessList(rlp: encoded),
                list.root == indictment.block.block.extension.accessListRoot
            {
                return prove(with: list)
            }
            penalise(number, because: "sent an access list that is not that of block \(block)")
        }
        if self.indictment?.asked.isEmpty == true { prove(with: nil) }
    }

    mutating func peerLeftIndictment(_ number: PeerNumber) {
        guard indictment?.asked.contains(number) == true else { return }
        indictment?.asked.removeAll { $0 == number }
        if indictment?.asked.isEmpty == true { prove(with: nil) }
    }

    /// The prover is done with a sealed block.
    mutating func proved(_ block: Hash32, _ proof: FaultProof?) {
        if let proof { return judgeOwn(proof) }
        let height = ranger.frozen?.height ?? tail.height + 1
        note(.blockRefused(height: height, why: "no proof against those who sealed \(block) can be made"))
    }

    /// Gives a peer the access list of a sealed block, once, or says at once that it is not here.
    mutating func serve(accessListOf block: Hash32, to number: PeerNumber) {
        guard let peer = table[number], !peer.accessListsServed.contains(block) else { return }
        table.update(number) {
            $0.accessListsServed.append(block)
            if $0.accessListsServed.count > Self.accessListsServedMax { $0.accessListsServed.removeFirst() }
        }
        let encoded = accessLists[block]?.rlp ?? []
        send(.accessList(block: block, list: encoded.count <= Message.accessListBytesMax ? encoded : []), to: [number])
    }
}

extension BlockFault {
    /// Whether the block's access list can make the proof smaller: with it one transaction shows the fault.
    var isShownByAccessList: Bool {
        transactionIndex != nil || rule == .accessListRoot || rule == .stateRoot
    }
}
