import Chain
import EVM
import EthereumChain
import Primitives

/// A chain with the pending block as its head: whatever reads a chain reads the pending state through this.
struct PendingChain: ChainReader {
    let base: any ChainReader
    let pending: PendingBlock

    var headHeight: Height { pending.height }

    private func isPending(_ height: Height) -> Bool { height == pending.height }

    func block(at height: Height) throws(ChainReadError) -> EthereumBlock? {
        isPending(height) ? pending.block : try base.block(at: height)
    }

    func header(at height: Height) throws(ChainReadError) -> EthereumHeader? {
        isPending(height) ? pending.block.header : try base.header(at: height)
    }

    func hash(ofBlockAt height: Height) throws(ChainReadError) -> Hash32? {
        isPending(height) ? pending.block.hash : try base.hash(ofBlockAt: height)
    }

    func height(ofBlock hash: Hash32) throws(ChainReadError) -> Height? { try base.height(ofBlock: hash) }

    func certificate(at height: Height) throws(ChainReadError) -> CommitCertificate? {
        isPending(height) ? nil : try base.certificate(at: height)
    }

    func receipts(at height: Height) throws(ChainReadError) -> [Receipt]? {
        isPending(height) ? pending.receipts : try base.receipts(at: height)
    }

    func senders(of block: EthereumBlock) throws(ChainReadError) -> [Address] {
        block.hash == pending.block.hash ? pending.senders : try base.senders(of: block)
    }

    func location(ofTransaction hash: Hash32) throws(ChainReadError) -> TransactionLocation? {
        try base.location(ofTransaction: hash)
    }

    func account(_ address: Address, at height: Height) throws(ChainReadError) -> Account? {
        guard isPending(height) else { return try base.account(address, at: height) }
        if let account = pending.account(address) { return account }
        return try base.account(address, at: height - 1)
    }

    func storage(_ address: Address, _ slot: UInt256, at height: Height) throws(ChainReadError) -> UInt256 {
        guard isPending(height) else { return try base.storage(address, slot, at: height) }
        if let word = pending.storage(address, slot) { return word }
        return try base.storage(address, slot, at: height - 1)
    }

    func hasStorage(_ address: Address, at height: Height) throws(ChainReadError) -> Bool {
        guard isPending(height) else { return try base.hasStorage(address, at: height) }
        if pending.hasWritten(address) { return true }
        return try base.hasStorage(address, at: height - 1)
    }

    func code(_ hash: Hash32) throws(ChainReadError) -> Bytes {
        if let code = pending.code(hash) { return code }
        return try base.code(hash)
    }

    func proof(
        of address: Address, slots: [UInt256], at height: Height
    ) throws(ChainReadError) -> AccountProof {
        guard !isPending(height) else { throw .notRetained("there are no proofs of the pending state") }
        return try base.proof(of: address, slots: slots, at: height)
    }
}
