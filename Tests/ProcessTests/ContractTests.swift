import Chain
import Configuration
import Crypto
import Primitives
import Testing

@testable import Testnet

/// The token of loads, deployed by the first account of a network, which then owns all of it.
struct TestToken {
    let network: TestNetwork
    let address: Address
    private let key: AccountKey
    private var nonce: UInt64 = 1

    static let supply: UInt256 = 1_000_000_000
    static let receiver = Address(Bytes(repeating: 0x7e, count: 20))
    var owner: Address { key.address }

    /// Deploys through `node`, and waits until every node has the contract.
    static func deployed(_ network: TestNetwork, through node: NodeRecord) async throws -> TestToken {
        let key = try TestAccounts(network).keys[0]
        let token = TestToken(network: network, address: createAddress(sender: key.address, nonce: 0), key: key)
        let hash = try await token.send(try LoadToken.initCode(), to: nil, nonce: 0, gas: 1_000_000, through: node)
        for node in network.record.nodes {
            let receipt = try await token.receipt(of: hash, at: node)
            #expect(receipt["status"]?.unsigned == 1)
            #expect(receipt["contractAddress"]?.text == token.address.hex)
        }
        return token
    }

    private init(network: TestNetwork, address: Address, key: AccountKey) {
        (self.network, self.address, self.key) = (network, address, key)
    }

    /// Sends one token of the owner's; returns the transaction's hash.
    mutating func transfer(through node: NodeRecord) async throws -> String {
        nonce += 1
        return try await send(
            LoadToken.transfer(to: Self.receiver), to: address, nonce: nonce - 1, gas: LoadToken.transferGas,
            through: node)
    }

    private func send(
        _ data: Bytes, to: Address?, nonce: UInt64, gas: Gas, through node: NodeRecord
    ) async throws -> String {
        let content = Transaction.Content(
            chainID: network.record.chainID, nonce: nonce, maxPriorityFeePerGas: 1, maxFeePerGas: 10_000_000_000,
            gasLimit: gas, to: to, data: data)
        let envelope = Transaction.signed(content, by: key).envelope
        return try #require(try await network.call(node, "eth_sendRawTransaction", .string(envelope.hex)).text)
    }

    func receipt(of hash: String, at node: NodeRecord) async throws -> JSONValue {
        var receipt = JSONValue.null
        try await until("\(node.name) has \(hash)", within: TestNetwork.blockDeadline) {
            receipt = try await network.call(node, "eth_getTransactionReceipt", .string(hash))
            return !receipt.isNull
        }
        return receipt
    }

    /// balanceOf, after block `height`.
    func balance(of holder: Address, at height: Height, of node: NodeRecord) async throws -> UInt256 {
        let input: Bytes = [0x70, 0xa0, 0x82, 0x31] + UInt256(holder).hash.bytes
        let call = JSONValue.object(["to": .string(address.hex), "input": .string(input.hex)])
        let text = try await network.call(node, "eth_call", call, .string(height.quantity)).text
        return UInt256(bigEndian: try Bytes(hex: #require(text)))
    }

    /// The heights at which this token was called, from `first` on.
    func calls(at height: Height, of node: NodeRecord) async throws -> Int {
        let block = try await network.call(node, "eth_getBlockByNumber", .string(height.quantity), true)
        return try #require(block["transactions"]?.items).count { $0["to"]?.text == address.hex }
    }
}

extension Processes.`A fault` {
    /// Level S: what a contract wrote is not what the council says is there.
    @Test
    func `inside a contract call is flagged by every ranger, with a proof that names the sealers`() async throws {
        try await TestNetwork.run { network in
            var token = try await TestToken.deployed(network, through: network.node("cn1"))
            let height = try await network.inject("wrong-storage-write", level: "S")
            // The one validator that does not look away has no such block.
            let proposer = try network.proposer(at: height, round: 0)
            let council = try #require(network.record.council.first { $0.address == proposer })
            // Transfers until the block is there, so that some of them are in it.
            try await until("block \(height) is sealed", within: TestNetwork.blockDeadline) {
                _ = try await token.transfer(through: council)
                return try await network.head(of: council) >= height
            }
            try #require(try await token.calls(at: height, of: council) > 0)

            // Nothing else in the world can change the sum of what owner and receiver have.
            let (owner, receiver) = (token.owner, TestToken.receiver)
            let (ownerHas, receiverHas) = (
                try await token.balance(of: owner, at: height, of: council),
                try await token.balance(of: receiver, at: height, of: council)
            )
            #expect(ownerHas &+ receiverHas != TestToken.supply)

            // The honest one has shown them the proposal too: that convicts its proposer once more.
            let flags = try await network.flagged(at: height) { ($0["guilty"]?.items?.count ?? 0) >= 3 }
            let certificate = try await network.call(council, "council_certificate", .string(height.quantity))
            let sealers = try #require(certificate["seals"]?.items).compactMap { $0["validator"]?.text }
            for flag in flags {
                #expect(flag["kind"]?.text == "EXEC" && flag["rule"]?.text == "accessListRoot")
                #expect(flag["block"]?.text == (try await network.hash(ofBlock: height, at: council)))
                let guilty = try #require(flag["guilty"]?.items).compactMap(\.text)
                #expect(guilty.count >= 3 && Set(guilty).isSubset(of: sealers))
            }
            for ranger in network.rangers {
                #expect(try await network.validatedHead(ranger) == height - 1)
                let before = try await token.balance(of: owner, at: height - 1, of: ranger)
                let received = try await token.balance(of: receiver, at: height - 1, of: ranger)
                #expect(before + received == TestToken.supply)
            }
            try await verifyOffline(flags[0], network)
        }
    }
}

extension Processes {
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct `A load of token transfers` {
        @Test
        func `is included, moves every token, and leaves the rangers content`() async throws {
            try await TestNetwork.run { network in
                let run = try await NodeProgram.run(
                    "testnet", "load", "--kind", "erc20", "--tps", "40", "--duration", "2s", "--senders", "10", "--dir",
                    network.folder.path)
                #expect(run.succeeded, "\(run.testDescription)")
                #expect(run.text.contains("deploying a token") && !run.text.contains("FAILED"))
                #expect(run.text.contains("transfers/s"), "\(run.testDescription)")
                let head = try await network.head(of: network.node("cn1"))
                for ranger in network.rangers {
                    try await until("\(ranger.name) validates block \(head)", within: TestNetwork.blockDeadline) {
                        try await network.validatedHead(ranger) >= head
                    }
                    #expect(try await network.call(ranger, "ranger_getFaults").items == [])
                }
            }
        }
    }
}
