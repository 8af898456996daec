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
        blobBaseFee = block.blobBaseFee
        blockHash = block.hash
        height = block.header.number
        timestamp = block.header.timestamp
        baseFee = block.header.baseFee
    }
}

extension JSONWriter {
    /// A transaction as Ethereum shows it; one that waits in the pool has no inclusion and no index.
    mutating func transaction(
        _ transaction: Transaction, sender: Address, in inclusion: Inclusion?, at index: Int?
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
        name("gas")
        quantity(transaction.gasLimit)
        fees(transaction, baseFee: inclusion?.baseFee)
        name("hash")
        hex(transaction.hash)
        name("input")
        hex(transaction.data)
        name("nonce")
        quantity(transaction.nonce)
        name("to")
        if let to = transaction.to { hex(to) } else { null() }
        name("transactionIndex")
        if let index { quantity(index) } else { null() }
        name("value")
        quantity(transaction.value)
        name("type")
        quantity(UInt64(transaction.kind.rawValue))
        if transaction.kind != .legacy { accessList(transaction.accessList) }
        if let chainID = transaction.chainID {
            name("chainId")
            quantity(chainID)
        }
        if transaction.kind == .blob {
            name("blobVersionedHashes")
            beginArray()
            for hash in transaction.blobVersionedHashes { hex(hash) }
            endArray()
        }
        if transaction.kind == .setCode { authorizations(transaction.authorizations) }
        signature(transaction)
        endObject()
    }

    /// `gasPrice` is what is paid: once included, base fee and tip.
    private mutating func fees(_ transaction: Transaction, baseFee: UInt256?) {
        name("gasPrice")
        quantity(baseFee.flatMap { transaction.effectiveGasPrice(baseFee: $0) } ?? transaction.maxFeePerGas)
        guard !transaction.kind.hasGasPrice else { return }
        name("maxFeePerGas")
        quantity(transaction.maxFeePerGas)
        name("maxPriorityFeePerGas")
        quantity(transaction.maxPriorityFeePerGas)
        guard transaction.kind == .blob else { return }
        name("maxFeePerBlobGas")
        quantity(transaction.maxFeePerBlobGas)
    }

    private mutating func accessList(_ entries: [AccessListEntry]) {
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
    private mutating func signature(_ transaction: Transaction) {
        let parity: UInt64 = transaction.signature.yParity ? 1 : 0
        name("v")
        if transaction.kind != .legacy {
            quantity(parity)
        } else if let chainID = transaction.chainID {
            quantity(35 + 2 * chainID + parity)
        } else {
            quantity(27 + parity)
        }
        name("r")
        quantity(transaction.signature.r)
        name("s")
        quantity(transaction.signature.s)
        if transaction.kind != .legacy {
            name("yParity")
            quantity(parity)
        }
    }
}
