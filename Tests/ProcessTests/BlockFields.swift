import Chain
import Configuration
import Primitives
import Testing

/// A header made of nothing but the JSON fields of a block, as a client would.
func header(of block: JSONValue) throws -> Header {
    func text(_ name: String) throws -> String { try #require(block[name]?.text, "the block has no \(name)") }
    func hash(_ name: String) throws -> Hash32 { try Hash32(hex: text(name)) }
    func number(_ name: String) throws -> UInt64 { try #require(block[name]?.unsigned, "the block has no \(name)") }
    func bytes(_ name: String) throws -> Bytes { try Bytes(hex: text(name)) }
    return Header(
        parentHash: try hash("parentHash"), ommersHash: try hash("sha3Uncles"),
        beneficiary: try Address(hex: text("miner")), stateRoot: try hash("stateRoot"),
        transactionsRoot: try hash("transactionsRoot"), receiptsRoot: try hash("receiptsRoot"),
        logsBloom: LogsBloom(try bytes("logsBloom")), difficulty: try UInt256(hex: text("difficulty")),
        number: try number("number"), gasLimit: try number("gasLimit"), gasUsed: try number("gasUsed"),
        timestamp: try number("timestamp"), extraData: try bytes("extraData"), prevRandao: try hash("mixHash"),
        nonce: try number("nonce"), baseFeePerGas: try UInt256(hex: text("baseFeePerGas")),
        withdrawalsRoot: try hash("withdrawalsRoot"), blobGasUsed: try number("blobGasUsed"),
        excessBlobGas: try number("excessBlobGas"), parentBeaconBlockRoot: try hash("parentBeaconBlockRoot"),
        requestsHash: try hash("requestsHash"))
}
