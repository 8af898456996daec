import Chain
import Crypto
import Primitives
import RPC
import Testing

/// Reads values back out of JSON answers, as a stock client would.
extension JSONValue {
    func member(_ name: String) throws -> JSONValue { try #require(self[name], "no member \(name)") }
    func text(_ name: String) throws -> String { try #require(try member(name).string, "\(name) is no string") }
    func hash(_ name: String) throws -> Hash32 { try Hash32(hex: text(name)) }
    func address(_ name: String) throws -> Address { try Address(hex: text(name)) }
    func data(_ name: String) throws -> Bytes { try Bytes(hex: text(name)) }

    func quantity(_ name: String) throws -> UInt256 {
        let text = try text(name)
        let value = try UInt256(hex: text)
        #expect(value.quantity == text, "\(name) is not the shortest hex: \(text)")
        return value
    }

    func integer(_ name: String) throws -> UInt64 { try #require(try quantity(name).asUInt64) }

    var names: Set<String> { Set(object?.members.map(\.name) ?? []) }

    /// The header that the members of a block say.
    func header() throws -> Header {
        Header(
            parentHash: try hash("parentHash"), ommersHash: try hash("sha3Uncles"), beneficiary: try address("miner"),
            stateRoot: try hash("stateRoot"), transactionsRoot: try hash("transactionsRoot"),
            receiptsRoot: try hash("receiptsRoot"), logsBloom: LogsBloom(try data("logsBloom")),
            difficulty: try quantity("difficulty"), number: try integer("number"), gasLimit: try integer("gasLimit"),
            gasUsed: try integer("gasUsed"), timestamp: try integer("timestamp"), extraData: try data("extraData"),
            prevRandao: try hash("mixHash"), nonce: try data("nonce").reduce(0) { $0 << 8 | UInt64($1) },
            baseFeePerGas: try quantity("baseFeePerGas"), withdrawalsRoot: try hash("withdrawalsRoot"),
            blobGasUsed: try integer("blobGasUsed"), excessBlobGas: try integer("excessBlobGas"),
            parentBeaconBlockRoot: try hash("parentBeaconBlockRoot"), requestsHash: try hash("requestsHash"))
    }

    /// The transaction that its members say, signature and all.
    func transaction() throws -> Transaction {
        let kind = try #require(Transaction.Kind(rawValue: UInt8(try integer("type"))))
        var content = Transaction.Content(
            kind: kind, chainID: try self["chainId"].map { _ in try integer("chainId") }, nonce: try integer("nonce"),
            maxFeePerGas: try quantity(kind.hasGasPrice ? "gasPrice" : "maxFeePerGas"),
            gasLimit: try integer("gas"), to: try member("to").isNull ? nil : address("to"),
            value: try quantity("value"), data: try data("input"))
        if !kind.hasGasPrice { content.maxPriorityFeePerGas = try quantity("maxPriorityFeePerGas") }
        if kind == .blob {
            content.maxFeePerBlobGas = try quantity("maxFeePerBlobGas")
            content.blobVersionedHashes = try #require(try member("blobVersionedHashes").array).map {
                try Hash32(hex: #require($0.string))
            }
        }
        for entry in self["accessList"]?.array ?? [] {
            let keys = try #require(try entry.member("storageKeys").array)
            content.accessList.append(
                AccessListEntry(
                    address: try entry.address("address"),
                    storageKeys: try keys.map { try Hash32(hex: #require($0.string)) }))
        }
        for item in self["authorizationList"]?.array ?? [] {
            content.authorizations.append(
                Authorization(
                    chainID: try item.quantity("chainId"), address: try item.address("address"),
                    nonce: try item.integer("nonce"), yParity: UInt8(try item.integer("yParity")),
                    r: try item.quantity("r"), s: try item.quantity("s")))
        }
        let v = try integer("v")
        let parity = kind == .legacy ? (v - (content.chainID.map { 35 + 2 * $0 } ?? 27)) : v
        #expect(parity <= 1)
        if kind != .legacy { #expect(try integer("yParity") == v) }
        return Transaction(
            content, signature: AccountSignature(r: try quantity("r"), s: try quantity("s"), yParity: parity == 1))
    }

    /// The receipt that its members say.
    func receipt() throws -> Receipt {
        let logs = try #require(try member("logs").array).map { log in
            Log(
                address: try log.address("address"),
                topics: try #require(try log.member("topics").array).map { try Hash32(hex: #require($0.string)) },
                data: try log.data("data"))
        }
        return Receipt(
            kind: try #require(Transaction.Kind(rawValue: UInt8(try integer("type")))),
            succeeded: try integer("status") == 1, cumulativeGasUsed: try integer("cumulativeGasUsed"), logs: logs)
    }
}

extension TestServer {
    /// Block 1 has a transaction of every kind, with data, access list, authorization, creation and logs;
    /// block 2 has none; block 3 has three.
    func growChain() throws {
        let keys = try (0..<3 as Range<UInt32>).map(World.account)
        let entries = [AccessListEntry(address: World.contract, storageKeys: [.zero, keccak256(Bytes())])]
        let wish = Authorization.signed(
            chainID: UInt256(World.chainID), address: World.contract, nonce: 0, by: try World.account(3))
        let log = Log(address: World.contract, topics: [keccak256([1]), keccak256([2])], data: [1, 2, 3])
        try chain.append(
            [
                World.transfer(from: keys[0], nonce: 0, kind: .legacy),
                World.transfer(from: keys[0], nonce: 1, kind: .legacy, chainID: nil),
                World.transfer(from: keys[1], nonce: 0, kind: .accessList, accessList: entries),
                World.transfer(from: keys[1], nonce: 1, to: nil, value: 0, data: World.contractCode),
                World.transfer(from: keys[2], nonce: 0, kind: .setCode, authorizations: [wish]),
                World.transfer(from: keys[2], nonce: 1, value: .zero, tip: 3_000_000_000, data: [0, 1, 2, 0xff]),
            ], logs: [2: [log, log], 5: [log]])
        try chain.append([])
        try chain.append(
            (0..<3).map { World.transfer(from: keys[0], nonce: 2 + $0, tip: UInt256($0 + 1) * 1_000_000_000) })
    }
}
