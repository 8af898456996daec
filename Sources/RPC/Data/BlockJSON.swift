import Chain
import EthereumChain
import Primitives
import Validation

extension JSONWriter {
    /// A block as Ethereum shows it, with no member of our own: clients check for the known ones.
    ///
    /// - Parameters:
    ///   - hydrated: Whole transactions instead of their hashes.
    ///   - further: Writes members behind Ethereum's, for methods that Ethereum does not have.
    mutating func block(
        _ loaded: LoadedBlock, hydrated: Bool, further: (inout JSONWriter) -> Void = { _ in }
    ) throws(RPCError) {
        let transactions = loaded.block.transactions
        beginObject()
        header(loaded.header, hash: loaded.hash)
        name("size")
        quantity(loaded.block.encodedBytes)
        name("transactions")
        beginArray()
        if hydrated {
            let inclusion = Inclusion(loaded)
            let senders = try loaded.senders()
            for (index, transaction) in transactions.enumerated() {
                self.transaction(transaction, sender: senders[index], in: inclusion, at: index)
                try checkSize()
            }
        } else {
            for transaction in transactions { hex(transaction.hash) }
        }
        endArray()
        name("uncles")
        beginArray()
        for ommer in loaded.block.ommers { hex(ommer.hash) }
        endArray()
        if let withdrawals = loaded.block.withdrawals { self.withdrawals(withdrawals) }
        further(&self)
        endObject()
    }

    /// The pending block: nobody has sealed it, so it has no hash, nonce and miner, and its transactions no place.
    mutating func pendingBlock(_ pending: LoadedBlock, hydrated: Bool) throws(RPCError) {
        beginObject()
        header(pending.header, hash: nil)
        name("size")
        quantity(pending.block.encodedBytes)
        name("transactions")
        beginArray()
        let senders = try hydrated ? pending.senders() : []
        for (index, transaction) in pending.block.transactions.enumerated() {
            if hydrated {
                self.transaction(transaction, sender: senders[index], in: nil, at: nil)
                try checkSize()
            } else {
                hex(transaction.hash)
            }
        }
        endArray()
        for list in ["uncles", "withdrawals"] as [StaticString] {
            name(list)
            beginArray()
            endArray()
        }
        endObject()
    }

    mutating func withdrawals(_ withdrawals: [Withdrawal]) {
        name("withdrawals")
        beginArray()
        for withdrawal in withdrawals { self.withdrawal(withdrawal) }
        endArray()
    }

    private mutating func withdrawal(_ withdrawal: Withdrawal) {
        beginObject()
        name("index")
        quantity(withdrawal.index)
        name("validatorIndex")
        quantity(withdrawal.validatorIndex)
        name("address")
        hex(withdrawal.address)
        name("amount")
        quantity(withdrawal.amount)
        endObject()
    }

    /// The pending block of a node without a pool: known by its parent, without hash, proposer and seal. Its state root
    /// is that of the state it begins with.
    mutating func pendingBlock(after head: LoadedBlock, baseFee: UInt256) {
        let next = EthereumHeader(pendingAfter: head, baseFee: baseFee)
        beginObject()
        header(next, hash: nil)
        name("size")
        quantity(next.rlp.count)
        for list in ["transactions", "uncles", "withdrawals"] as [StaticString] {
            name(list)
            beginArray()
            endArray()
        }
        endObject()
    }

    /// A header alone, as eth_subscribe tells it too; nil for the hash of a pending one.
    mutating func headerObject(_ header: EthereumHeader, hash: Hash32?) {
        beginObject()
        self.header(header, hash: hash)
        endObject()
    }

    /// The members of a header. A pending one has no hash, nonce and miner yet.
    mutating func header(_ header: EthereumHeader, hash: Hash32?) {
        name("number")
        quantity(header.number)
        name("hash")
        if let hash { hex(hash) } else { null() }
        name("parentHash")
        hex(header.parentHash)
        name("nonce")
        if hash != nil { hexWord(header.nonce) } else { null() }
        name("mixHash")
        hex(header.prevRandao)
        name("sha3Uncles")
        hex(header.ommersHash)
        name("logsBloom")
        hex(header.logsBloom.bytes)
        name("transactionsRoot")
        hex(header.transactionsRoot)
        name("stateRoot")
        hex(header.stateRoot)
        name("receiptsRoot")
        hex(header.receiptsRoot)
        name("miner")
        if hash != nil { hex(header.beneficiary) } else { null() }
        name("difficulty")
        quantity(header.difficulty)
        name("extraData")
        hex(header.extraData)
        name("gasLimit")
        quantity(header.gasLimit)
        name("gasUsed")
        quantity(header.gasUsed)
        name("timestamp")
        quantity(header.timestamp)
        forkMembers(of: header)
    }

    /// What forks have added: a header without a field has no such member.
    private mutating func forkMembers(of header: EthereumHeader) {
        if let baseFee = header.baseFeePerGas {
            name("baseFeePerGas")
            quantity(baseFee)
        }
        if let withdrawalsRoot = header.withdrawalsRoot {
            name("withdrawalsRoot")
            hex(withdrawalsRoot)
        }
        if let blobGasUsed = header.blobGasUsed {
            name("blobGasUsed")
            quantity(blobGasUsed)
        }
        if let excessBlobGas = header.excessBlobGas {
            name("excessBlobGas")
            quantity(excessBlobGas)
        }
        if let beaconRoot = header.parentBeaconBlockRoot {
            name("parentBeaconBlockRoot")
            hex(beaconRoot)
        }
        if let requestsHash = header.requestsHash {
            name("requestsHash")
            hex(requestsHash)
        }
    }
}

extension EthereumHeader {
    /// What is known of the next block where nobody makes a pending one: that of a chain which has ended.
    init(pendingAfter head: LoadedBlock, baseFee: UInt256) {
        self = head.header
        parentHash = head.hash
        number += 1
        baseFeePerGas = baseFee
        gasUsed = 0
        prevRandao = Validation.prevRandao(parentHash: head.hash, number: number)
        transactionsRoot = Header.emptyTrieRoot
        receiptsRoot = Header.emptyTrieRoot
        logsBloom = .empty
        extraData = Bytes(repeating: 0, count: 32)
    }
}
