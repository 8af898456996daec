import Chain
import Crypto
import Primitives

/// What a block asks of the beacon chain (EIP-7685): the kinds of requests and their data, in ascending order.
enum ExecutionRequests {
    static let depositType: UInt8 = 0
    static let withdrawalType: UInt8 = 1
    static let consolidationType: UInt8 = 2

    /// What the header names: the SHA-256 of the SHA-256 of each kind that has data, type first.
    static func hash(of requests: [Bytes]) -> Hash32 {
        sha256(requests.flatMap { sha256($0).bytes })
    }

    // MARK: Deposits (EIP-6110)

    /// Deposits on Ethereum's main network.
    static let depositContract = Address(
        word0: 0x0000_0000_219a_b540, word1: 0x356c_bb83_9cbe_0530, word2: 0x3d77_05fa)
    /// keccak of DepositEvent(bytes,bytes,bytes,bytes,bytes).
    private static let depositEvent = Hash32(
        0x649b_bc62_d0e3_1342, 0xafea_4e5c_d82d_4049, 0xe7e1_ee91_2fc0_889a, 0xa790_803b_e390_38c5)
    private static let depositEventBytes = 576
    /// Public key, withdrawal credentials, amount, signature, index: where the event's data holds the length of each
    /// in a word, and that length in bytes. The bytes follow.
    private static let depositFields = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)]

    /// The data of all deposits to `depositContract` that `receipts` tell of, one after the other.
    static func deposits(in receipts: [Receipt], to depositContract: Address) throws(EthereumFault) -> Bytes {
        var data: Bytes = []
        for (index, receipt) in receipts.enumerated() {
            for log in receipt.logs where log.address == depositContract && log.topics.first == depositEvent {
                data += try deposit(log.data, transactionIndex: index)
            }
        }
        return data
    }

    private static func deposit(_ event: Bytes, transactionIndex: Int) throws(EthereumFault) -> Bytes {
        func require(_ name: String, _ found: UInt256, _ expected: Int) throws(EthereumFault) {
            guard found != UInt256(UInt64(expected)) else { return }
            throw EthereumFault(
                .depositLog, expected: "\(name) \(expected)", found: "\(found)", transactionIndex: transactionIndex)
        }
        try require("length", UInt256(UInt64(event.count)), depositEventBytes)
        func word(at position: Int) -> UInt256 { UInt256(bigEndian: event[position..<position + 32]) }
        var data: Bytes = []
        for (index, field) in depositFields.enumerated() {
            try require("offset of field \(index)", word(at: 32 * index), field.0)
            try require("length of field \(index)", word(at: field.0), field.1)
            data += event[field.0 + 32..<field.0 + 32 + field.1]
        }
        return data
    }
}
