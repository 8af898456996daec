import Chain
import Crypto
import EthereumChain
import Primitives
import RPC
import Testing

/// klay_*, kaia_* and istanbul_*.
@Suite(.timeLimit(.minutes(5))) struct KlaytnMethodTests {
    static let families = ["klay", "kaia"]

    @Test(arguments: families)
    func `what Ethereum knows as eth has the names of Klaytn too, with the same answers`(family: String) async throws {
        try await TestServer.run { world in
            try world.growChain()
            for (name, params) in [
                ("blockNumber", "[]"), ("chainId", "[]"), ("getBlockByNumber", #"["0x1",true]"#),
                ("getBalance", "[\"\(World.stranger)\",\"latest\"]"), ("gasPrice", "[]"),
                ("getLogs", #"[{"fromBlock":"0x0"}]"#), ("getBlockReceipts", #"["0x1"]"#),
            ] {
                let ours = try await world.result("\(family)_\(name)", params)
                #expect(try await world.result("eth_\(name)", params) == ours)
            }
            let version = try await world.result("\(family)_clientVersion")
            #expect(try await world.result("web3_clientVersion") == version)
            #expect(try await world.result("\(family)_chainID") == world.result("eth_chainId"))
            let raw = World.transfer(from: try World.account(3), nonce: 0)
            #expect(
                try await world.result("\(family)_sendRawTransaction", "[\"\(raw.envelope.hex)\"]")
                    == .string(raw.hash.hex))
        }
    }

    @Test(arguments: families)
    func `council and committee are told by address and size`(family: String) async throws {
        try await TestServer.run { world in
            let hash = try world.chain.append([]).hash
            let council = JSONValue.array(world.chain.council.members.map { .string($0.address.hex) })
            for block in ["", #""latest""#, #""0x0""#, #""pending""#] {
                #expect(try await world.result("\(family)_getCouncil", "[\(block)]") == council)
                #expect(try await world.result("\(family)_getCommittee", "[\(block)]") == council)
                #expect(try await world.result("\(family)_getCouncilSize", "[\(block)]") == .integer(4))
                #expect(try await world.result("\(family)_getCommitteeSize", "[\(block)]") == .integer(4))
                #expect(try await world.result("istanbul_getValidators", "[\(block)]") == council)
            }
            #expect(try await world.result("istanbul_getValidatorsAtHash", "[\"\(hash)\"]") == council)
            #expect(try await world.error("\(family)_getCouncil", "[\"0x9\"]") == (-32000, "unknown block"))
            #expect(
                try await world.error("istanbul_getValidatorsAtHash", "[\"\(Hash32.zero)\"]")
                    == (-32000, "unknown block"))
        }
    }

    @Test(arguments: families)
    func `a block with consensus information is the block, and who agreed on it`(family: String) async throws {
        try await TestServer.run { world in
            try world.growChain()
            let hash = try #require(world.chain.block(at: 1)).hash
            let plain = try await world.result("eth_getBlockByNumber", #"["0x1",true]"#)
            let told = try await world.result("\(family)_getBlockWithConsensusInfoByNumber", #"["0x1"]"#)
            #expect(try await world.result("\(family)_getBlockWithConsensusInfoByHash", "[\"\(hash)\"]") == told)
            for name in plain.names { #expect(told[name] == plain[name]) }
            let own: Set = ["committee", "originProposer", "proposer", "round", "sigHash"]
            #expect(told.names == plain.names.union(own))
            let committee = world.chain.council.committee(at: 1, parent: .zero, sizeMax: 22)
            #expect(try told.address("proposer") == committee.proposer(height: 1, round: 0).address)
            #expect(try told.member("committee").array?.count == 4 && told.hash("sigHash") == hash)
            #expect(try await world.result("\(family)_getBlockWithConsensusInfoByNumber", #"["0x9"]"#) == .null)
            let genesis = try await world.result("\(family)_getBlockWithConsensusInfoByNumber", #"["0x0"]"#)
            #expect(try genesis.member("proposer").isNull && genesis.member("committee").isNull)

            let header = try await world.result("\(family)_getHeaderByNumber", #"["0x1"]"#)
            #expect(try await world.result("\(family)_getHeaderByHash", "[\"\(hash)\"]") == header)
            for name in header.names { #expect(header[name] == plain[name]) }
            #expect(header["transactions"] == nil)
        }
    }

    @Test func `rewards add up: what is made and paid in fees is received or burnt`() async throws {
        try await TestServer.run { world in
            try world.growChain()
            let rewards = try await world.result("klay_getRewards", #"["0x1"]"#)
            let received = try #require(try rewards.member("rewards").object).members.reduce(UInt256.zero) {
                sum, member in
                sum + (try UInt256(hex: try #require(member.value.string)))
            }
            #expect(
                try received + rewards.quantity("burntFee")
                    == rewards.quantity("minted") + rewards.quantity("totalFee"))
            #expect(try rewards.quantity("minted") == World.rules.blockReward)
            let header = try #require(world.chain.header(at: 1))
            #expect(try rewards.quantity("burntFee") == header.baseFee * UInt256(header.gasUsed))
            #expect(try await world.result("klay_getRewards", #"["0x0"]"#).quantity("minted") == 0)
            #expect(try await world.error("kaia_getRewards", #"["0x99"]"#) == (-32000, "unknown block"))
        }
    }

    @Test func `an account is there once it has something, and is a contract once it has code`() async throws {
        try await TestServer.run { world in
            for (address, exists, hasCode) in [
                (try World.account(0).address, true, false), (World.contract, true, true),
                (World.stranger, false, false),
            ] {
                #expect(try await world.result("klay_accountCreated", "[\"\(address)\",\"latest\"]") == .bool(exists))
                #expect(try await world.result("kaia_isContractAccount", "[\"\(address)\"]") == .bool(hasCode))
            }
        }
    }
}
