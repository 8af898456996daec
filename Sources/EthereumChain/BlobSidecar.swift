public import Chain
import Crypto
import EVM
public import Primitives

extension Transaction {
    /// Decodes a transaction as it is sent to a pool: a blob transaction with its sidecar (EIP-4844, EIP-7594), any
    /// other as in a block. The sidecar is not kept.
    ///
    /// Each commitment must have the hash that the transaction names. Whether blobs and proofs fit them is not checked:
    /// nothing is sealed of what comes in here.
    public init(pooled envelope: Bytes) throws(TransactionError) {
        guard envelope.first == Kind.blob.rawValue, envelope.count <= Self.sidecarBytesMax else {
            try self.init(envelope: envelope)
            return
        }
        let (inner, commitments): (Bytes, [Bytes])
        do throws(RLPError) {
            var decoder = RLPDecoder(envelope[1...])
            var list = try decoder.list()
            try decoder.finish()
            guard try list.nextIsList else {
                throw .invalidValue(at: 1, "a blob transaction without its sidecar")
            }
            inner = try list.rawItem()
            commitments = try Self.commitments(of: &list)
        } catch {
            throw .encoding(error)
        }
        try self.init(envelope: [Kind.blob.rawValue] + inner)
        guard commitments.map(Self.versionedHash) == blobVersionedHashes else {
            throw .encoding(.invalidValue(at: 1, "commitments that are not those of the blob hashes"))
        }
    }

    /// The longest transaction with blobs: six of them (EIP-7594), their proofs, and the transaction.
    private static let sidecarBytesMax = 1 << 20
    private static let blobBytes = 1 << 17
    private static let commitmentBytes = 48
    /// EIP-7594
    private static let cellsPerBlob = 128

    /// Reads [version], blobs, commitments, proofs.
    private static func commitments(of list: inout RLPDecoder) throws(RLPError) -> [Bytes] {
        let hasCells = try !list.nextIsList
        if hasCells, try list.uint64() != 1 { throw .invalidValue(at: list.position, "a sidecar of unknown version") }
        let blobs = try strings(&list, of: blobBytes)
        let commitments = try strings(&list, of: commitmentBytes)
        let proofs = try strings(&list, of: commitmentBytes)
        try list.finish()
        let proofsExpected = blobs.count * (hasCells ? cellsPerBlob : 1)
        guard blobs.count == commitments.count, proofs.count == proofsExpected else {
            throw .invalidValue(at: list.position, "a sidecar whose lists do not fit together")
        }
        return commitments
    }

    private static func strings(_ list: inout RLPDecoder, of count: Int) throws(RLPError) -> [Bytes] {
        var inner = try list.list()
        var strings: [Bytes] = []
        while !inner.isAtEnd { strings.append(try inner.bytes(exactly: count)) }
        return strings
    }

    /// EIP-4844
    private static func versionedHash(_ commitment: Bytes) -> Hash32 {
        Hash32([0x01] + sha256(commitment).bytes.dropFirst())
    }
}
