import Chain
import Crypto
import EVM
import EthereumChain
import Primitives

/// debug_storageRangeAt: what an account stores, a page at a time.
func debugStorageMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "debug_storageRangeAt",
            "What an account stores before a transaction of a block, in the order of the slots' hashes.",
            [
                .required("block", .blockOrHash), .required("index", .count), .required("address", .address),
                .required("start", .data), .required("limit", .count),
            ], result: "object: storage, nextKey",
            .reading { arguments, writer throws(RPCError) in
                let range = StorageRange(
                    address: try arguments.address(2), start: try arguments.read(3, hashPrefixArgument),
                    countMax: try min(arguments.read(4, countArgument), context.limits.storageRangeMax))
                let index = try arguments.read(1, countArgument)
                try context.write(range, beforeTransaction: index, of: arguments.blockOrHash(0), to: &writer)
            })
    ]
}

/// Which slots of whom.
private struct StorageRange {
    let address: Address
    /// The least hash of a slot.
    let start: Hash32
    let countMax: Int
}

extension RPCContext {
    fileprivate func write(
        _ range: StorageRange, beforeTransaction index: Int, of reference: BlockReference, to writer: inout JSONWriter
    ) throws(RPCError) {
        let block = try tracedBlock(reference)
        guard let parent = block.header.number.checkedParent else { throw .server("no transaction in genesis") }
        let count = block.block.transactions.count
        // A block without transactions has a state before them all the same.
        guard index < max(count, 1) else {
            throw .server("transaction index \(index) out of range for block \(block.block.hash)")
        }
        let stored = try reading { () throws(ChainReadError) in
            try chain.slots(of: range.address, at: parent, countMax: limits.storageRangeSlotsMax)
        }
        var replay = try BlockReplay(block, in: self)
        try replay.run(first: index)
        let slots = Set(stored + replay.slotsWritten(of: range.address))
            .map { (hash: keccak256($0.hash), slot: $0) }
            .filter { $0.hash >= range.start }.sorted { $0.hash < $1.hash }
        writer.beginObject()
        writer.name("storage")
        writer.beginObject()
        var (written, next) = (0, Hash32?.none)
        for (hash, slot) in slots {
            let word = try replay.word(range.address, slot)
            guard !word.isZero else { continue }
            guard written < range.countMax else {
                next = hash
                break
            }
            writer.name(hex: hash)
            writer.beginObject()
            writer.name("key")
            writer.hex(slot.hash)
            writer.name("value")
            writer.hex(word.hash)
            writer.endObject()
            try writer.checkSize()
            written += 1
        }
        writer.endObject()
        writer.name("nextKey")
        if let next { writer.hex(next) } else { writer.null() }
        writer.endObject()
    }
}

/// A whole number, as a JSON number or a hex quantity.
private func countArgument(_ value: JSONValue) throws(ArgumentError) -> Int {
    guard case .number = value else { return Int(clamping: try quantityArgument(value)) }
    guard let number = value.int64, number >= 0 else { throw ArgumentError("expected a whole number of 0 or more") }
    return Int(number)
}

/// The least of the hashes that begin with up to 32 bytes.
private func hashPrefixArgument(_ value: JSONValue) throws(ArgumentError) -> Hash32 {
    let bytes = try dataArgument(value)
    guard bytes.count <= 32 else { throw ArgumentError("expected at most 32 bytes, found \(bytes.count)") }
    return Hash32(bytes + Bytes(repeating: 0, count: 32 - bytes.count))
}
