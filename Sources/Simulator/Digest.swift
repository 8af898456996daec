import Chain
import Consensus
import FaultProofs
import Node
import Primitives

// What goes into the digest of a run: enough to tell two runs apart, and nothing that differs between processes.

extension Note {
    var digestWord: UInt64 {
        switch self {
        case .sealed(let height, let round, let block, let count):
            1 ^ height << 8 ^ round << 32 ^ block.word0 ^ UInt64(count) << 16
        case .roundChanged(let height, let round, _): 2 ^ height << 8 ^ round << 32
        case .proposalRefused(let height, let round, let proposer, let why):
            3 ^ height << 8 ^ round << 32 ^ proposer.digestWord ^ why.digestWord
        case .conflict(let conflict): 4 ^ conflict.first.digestWord ^ conflict.second.digestWord << 1
        case .fault(let id, _): 5 ^ id.word0
        case .proofRefused(let id, _): 6 ^ id.word0
        case .peerUp(let name, _): 7 ^ name.digestWord
        case .peerDown(let name): 8 ^ name.digestWord
        case .peerPenalised(let address, let why): 9 ^ address.digestWord ^ why.digestWord
        case .syncing(let from, let to): 10 ^ from << 8 ^ to << 32
        default: "\(self)".digestWord
        }
    }
}

extension Message {
    var digestWord: UInt64 {
        switch self {
        case .hello(let hello): 1 ^ hello.head << 8 ^ hello.headHash.word0
        case .transactions(let envelopes): 2 ^ UInt64(envelopes.count) << 8 ^ UInt64(envelopes.last?.last ?? 0) << 32
        case .proposal(let proposal): 3 ^ proposal.vote.digestWord
        case .vote(let vote): 4 ^ vote.digestWord
        case .roundChange(let change): 5 ^ change.vote.digestWord
        case .sealed(let certificate):
            6 ^ certificate.height << 8 ^ certificate.block.word0 ^ UInt64(certificate.seals.count) << 56
        case .getBlocks(let from, let count): 7 ^ from << 8 ^ count << 48
        case .blocks(let blocks): 8 ^ UInt64(blocks.count) << 8 ^ (blocks.last?.block.hash.word0 ?? 0)
        case .fault(let proof): 9 ^ proof.id.word0
        case .getPeers: 10
        case .peers(let endpoints): 11 ^ UInt64(endpoints.count) << 8
        case .votes(let votes): votes.reduce(12 ^ UInt64(votes.count) << 8) { $0 &* 31 ^ $1.digestWord }
        case .getAccessList(let height, let block): 13 ^ height << 8 ^ block.word0
        case .accessList(let block, let list): 14 ^ block.word0 ^ UInt64(list.count) << 8
        }
    }
}

extension SignedVote {
    fileprivate var digestWord: UInt64 {
        UInt64(vote.kind.rawValue) << 60 ^ vote.height << 8 ^ vote.round << 32 ^ vote.block.word0
            ^ (vote.preparedRound ?? 77) << 48 ^ validator.digestWord
    }
}

extension Address {
    fileprivate var digestWord: UInt64 { UInt64(word0) << 32 | UInt64(word1) }
}

extension String {
    /// FNV-1a.
    fileprivate var digestWord: UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return digest
    }
}
