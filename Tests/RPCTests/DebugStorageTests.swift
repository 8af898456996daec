import Chain
import Crypto
import EVM
import EthereumChain
import Primitives
import RPC
import Testing

/// debug_storageRangeAt.
@Suite(.timeLimit(.minutes(5))) struct DebugStorageTests {
    /// Puts 7 into slot 0 and takes away what is in slot 1.
    private static let keeper = Address(Bytes(repeating: 0xd1, count: 20))
    private static let keeperCode: Bytes = [0x60, 7, 0x5f, 0x55, 0x5f, 0x60, 1, 0x55, 0x00]
    private static let before: [UInt256: UInt256] = [1: 0x2a, 5: 5, 9: .max, 300: 1 << 200]
    private static let after: [UInt256: UInt256] = [0: 7, 5: 5, 9: .max, 300: 1 << 200]

    /// Block 1 puts the contract there, block 2 calls it, block 3 is empty.
    private static func grow(_ world: TestServer) throws {
        try world.chain.append([]) { state in
            state.setCode(keeper, keeperCode)
            state.slots[keeper] = before
        }
        let sender = try World.account(0)
        try world.chain.append([
            World.transfer(from: sender, nonce: 0, to: World.stranger),
            World.transfer(from: sender, nonce: 1, to: keeper, value: 0, gasLimit: 100_000),
            World.transfer(from: sender, nonce: 2, to: World.stranger),
        ]) { $0.slots[keeper] = after }
        try world.chain.append([])
    }

    private static func ask(
        _ world: TestServer, _ block: String, _ index: String, of address: Address = keeper, from start: String = "0x",
        _ limit: String
    ) async throws -> JSONValue {
        try await world.result("debug_storageRangeAt", #"["\#(block)",\#(index),"\#(address)","\#(start)",\#(limit)]"#)
    }

    /// What geth would say of these slots: all of them, by their hashes.
    private static func said(_ slots: [UInt256: UInt256]) throws -> JSONValue {
        let members = slots.map { (keccak256($0.key.hash), $0) }.sorted { $0.0 < $1.0 }
        let text = members.map { #""\#($0)":{"key":"\#($1.key.hash)","value":"\#($1.value.hash)"}"# }
        return try JSONParser.parse(Bytes(#"{"storage":{\#(text.joined(separator: ","))},"nextKey":null}"#.utf8))
    }

    @Test func `the storage is that before the transaction, in the order of hashes`() async throws {
        try await TestServer.run { world in
            try Self.grow(world)
            let hash = try #require(world.chain.block(at: 2)).hash.hex
            for (index, slots) in [("0", Self.before), ("1", Self.before), ("\"0x1\"", Self.before), ("2", Self.after)]
            {
                #expect(try await Self.ask(world, hash, index, "1000") == Self.said(slots))
                #expect(try await Self.ask(world, "0x2", index, "\"0x3e8\"") == Self.said(slots))
            }
            // A block without transactions has a state before them too.
            #expect(try await Self.ask(world, "latest", "0", "1000") == Self.said(Self.after))
            for nobody in [World.stranger, Address(Bytes(repeating: 0x77, count: 20))] {
                #expect(try await Self.ask(world, hash, "2", of: nobody, "1000") == Self.said([:]))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func `pages put together are the whole`(size: Int) async throws {
        try await TestServer.run { configuration in
            configuration.limits.storageRangeMax = 3
        } _: { world in
            try Self.grow(world)
            let whole = try #require(try Self.said(Self.after).member("storage").object).members
            var (found, start) = ([JSONObject.Member](), String?.some("0x"))
            while let from = start {
                let page = try await Self.ask(world, "0x2", "2", from: from, "\(size)")
                let members = try #require(try page.member("storage").object).members
                #expect(members.count == min(size, 3, whole.count - found.count))
                found += members
                start = page["nextKey"]?.string
                #expect(start == (found.count < whole.count ? whole[found.count].name : nil))
            }
            #expect(found == whole)
            // The beginning of a hash will do.
            let prefix = String(whole[2].name.prefix(6))
            let rest = try await Self.ask(world, "0x2", "2", from: prefix, "1")
            #expect(try rest.member("storage").object?.members == [whole[2]])
            let none = try await Self.ask(world, "0x2", "2", "0")
            #expect(try none.member("storage").names.isEmpty && none.text("nextKey") == whole[0].name)
        }
    }

    static let refusals: [(params: String, code: Int64, message: String)] = [
        (#"["0x0",0,"\#(keeper)","0x",9]"#, -32000, "no transaction in genesis"),
        (#"["0x99",0,"\#(keeper)","0x",9]"#, -32000, "block #153 not found"),
        (#"["\#(Hash32.zero)",0,"\#(keeper)","0x",9]"#, -32000, "block \(Hash32.zero) not found"),
        (#"["pending",0,"\#(keeper)","0x",9]"#, -32000, "pending block is not available"),
        (#"["0x2",3,"\#(keeper)","0x",9]"#, -32000, "transaction index 3 out of range for block"),
        (#"["0x3",1,"\#(keeper)","0x",9]"#, -32000, "transaction index 1 out of range for block"),
        (#"["0x2",-1,"\#(keeper)","0x",9]"#, -32602, "invalid argument 1: expected a whole number of 0 or more"),
        (#"["0x2",0,"\#(keeper)","0x",-9]"#, -32602, "invalid argument 4: expected a whole number of 0 or more"),
        (#"["0x2",0,"\#(keeper)","\#(Hash32.zero)00",9]"#, -32602, "invalid argument 3: expected at most 32 bytes"),
        (#"["0x2",0,"\#(keeper)","0x"]"#, -32602, "missing value for required argument 4"),
    ]

    @Test func `what is not there is refused in geth's words`() async throws {
        try await TestServer.run { world in
            try Self.grow(world)
            for (params, code, message) in Self.refusals {
                let error = try await world.error("debug_storageRangeAt", params)
                #expect(error.code == code && error.message.hasPrefix(message), "\(params): \(error.message)")
            }
        }
    }

    @Test func `of an account with too many slots none is listed`() async throws {
        try await TestServer.run { configuration in
            configuration.limits.storageRangeSlotsMax = 3
        } _: { world in
            try Self.grow(world)
            let error = try await world.error("debug_storageRangeAt", #"["0x2",0,"\#(Self.keeper)","0x",1]"#)
            #expect(error == (-32000, "that needs more than 3 slots of \(Self.keeper)"))
            let others = try await Self.ask(world, "0x2", "0", of: World.reader, "9")
            #expect(try others.member("storage").names.count == 1)
        }
    }
}
