import Chain
import Crypto
import EthereumChain
import Primitives

/// The block that a transaction stands in, as its JSON tells it.
struct Inclusion {
    let blockHash: Hash32
    let height: Height
    let timestamp: UInt64
    let baseFee: UInt256
    /// What a blob gas costs there (EIP-4844).
    let blobBaseFee: UInt256

    init(_ block: LoadedBlock) {
        self.init(block.header, hash: block.hash, blobBaseFee: block.blobBaseFee)
    }

    init(_ header: EthereumHeader, hash: Hash32, blobBaseFee: UInt256) {
        (blockHash, self.blobBaseFee) = (hash, blobBaseFee)
        height = header.number
        timestamp = header.timestamp
        baseFee = header.baseFee
    }
}

extension JSONWriter {
    /// A transaction as Ethereum shows it; one that waits in the pool has no inclusion and no index.
    mutating func transaction(
        _ transaction: Transaction, sender: Address, in inclusion: Inclusion?, at index: Int?
    ) {
        self.transaction(
            transaction.content, hash: transaction.hash, transaction.signature, sender: sender, in: inclusion,
            at: index)
    }

    /// One that nobody signed: v, r and s are zero.
    mutating func transaction(
        _ transaction: UnsignedTransaction, sender: Address, in inclusion: Inclusion, at index: Int
    ) {
        self.transaction(
            transaction.content, hash: transaction.hash, nil, sender: sender, in: inclusion, at: index)
    }

    private mutating func transaction(
        _ content: Transaction.Content, hash: Hash32, _ signature: AccountSignature?, sender: Address,
        in inclusion: Inclusion?, at index: Int?
    ) {
        beginObject()
        name("blockHash")
        if let inclusion { hex(inclusion.blockHash) } else { null() }
        name("blockNumber")
        if let inclusion { quantity(inclusion.height) } else { null() }
        name("blockTimestamp")
        if let inclusion { quantity(inclusion.timestamp) } else { null() }
        name("from")
        hex(sender)
        name("transactionIndex")
        if let index { quantity(index) } else { null() }
        if !content.kind.hasGasPrice {
            name("gasPrice")
            quantity(inclusion.map { content.gasPrice(baseFee: $0.baseFee) } ?? content.maxFeePerGas)
        }
        members(of: content, hash: hash, signature)
        endObject()
    }

    /// What a transaction says by itself.
    ///
    /// - Parameter signature: Nil where nobody signed.
    mutating func members(of content: Transaction.Content, hash: Hash32, _ signature: AccountSignature?) {
        name("gas")
        quantity(content.gasLimit)
        fees(content)
        name("hash")
        hex(hash)
        name("input")
        hex(content.data)
        name("nonce")
        quantity(content.nonce)
        name("to")
        if let to = content.to { hex(to) } else { null() }
        name("value")
        quantity(content.value)
        name("type")
        quantity(UInt64(content.kind.rawValue))
        if content.kind != .legacy { accessList(content.accessList) }
        if let chainID = content.chainID, content.kind != .legacy || signature != nil {
            name("chainId")
            quantity(chainID)
        }
        if content.kind == .blob {
            name("blobVersionedHashes")
            beginArray()
            for hash in content.blobVersionedHashes { hex(hash) }
            endArray()
        }
        if content.kind == .setCode { authorizations(content.authorizations) }
        self.signature(signature, of: content)
    }

    /// What the sender offers. What is paid in the kinds that have no one price depends on the block.
    private mutating func fees(_ content: Transaction.Content) {
        if content.kind.hasGasPrice {
            name("gasPrice")
            return quantity(content.maxFeePerGas)
        }
        name("maxFeePerGas")
        quantity(content.maxFeePerGas)
        name("maxPriorityFeePerGas")
        quantity(content.maxPriorityFeePerGas)
        guard content.kind == .blob else { return }
        name("maxFeePerBlobGas")
        quantity(content.maxFeePerBlobGas)
    }

    mutating func accessList(_ entries: [AccessListEntry]) {
        name("accessList")
        beginArray()
        for entry in entries {
            beginObject()
            name("address")
            hex(entry.address)
            name("storageKeys")
            beginArray()
            for key in entry.storageKeys { hex(key) }
            endArray()
            endObject()
        }
        endArray()
    }

    private mutating func authorizations(_ authorizations: [Authorization]) {
        name("authorizationList")
        beginArray()
        for authorization in authorizations {
            beginObject()
            name("chainId")
            quantity(authorization.chainID)
            name("address")
            hex(authorization.address)
            name("nonce")
            quantity(authorization.nonce)
            name("yParity")
            quantity(UInt64(authorization.yParity))
            name("r")
            quantity(authorization.r)
            name("s")
            quantity(authorization.s)
            endObject()
        }
        endArray()
    }

    /// Legacy transactions show the `v` they were signed with (EIP-155), all others parity as `v` and `yParity`.
    private mutating func signature(_ signature: AccountSignature?, of content: Transaction.Content) {
        let parity: UInt64 = signature?.yParity == true ? 1 : 0
        name("v")
        if signature == nil || content.kind != .legacy {
            quantity(parity)
        } else if let chainID = content.chainID {
            quantity(35 + 2 * chainID + parity)
        } else {
            quantity(27 + parity)
        }
        name("r")
        quantity(signature?.r ?? 0)
        name("s")
        quantity(signature?.s ?? 0)
        if content.kind != .legacy {
            name("yParity")
            quantity(parity)
        }
    }
}

extension Transaction.Content {
    /// What one gas costs the sender in a block with this base fee: its cap where that is below.
    fileprivate func gasPrice(baseFee: UInt256) -> UInt256 {
        guard maxFeePerGas >= baseFee else { return maxFeePerGas }
        return baseFee + min(maxPriorityFeePerGas, maxFeePerGas - baseFee)
    }
}
