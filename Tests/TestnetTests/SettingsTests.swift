import Chain
import Configuration
import Crypto
import Primitives
import Testing

struct `Settings` {
    @Test(arguments: [
        ("0", Duration.zero), ("1s", .seconds(1)), ("250ms", .milliseconds(250)), ("2m", .seconds(120)),
    ])
    func `a duration reads back as it was written`(text: String, duration: Duration) {
        #expect(Duration(text: text) == duration)
        #expect(Duration(text: duration.text) == duration)
    }

    @Test(arguments: ["", "1", "s", "-1s", "1.5s", "1h", " 1s", "99999999999s", "86401s"])
    func `a text that is no duration is refused`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:8545", "127.0.0.1", 8545), ("node:1", "node", 1), ("[::1]:80", "::1", 80),
    ])
    func `an endpoint reads back as it was written`(text: String, host: String, port: Int) {
        let endpoint = Endpoint(text: text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint?.description == text)
    }

    @Test(arguments: ["", "host", ":80", "::1:80", "host:65536", "host:-1", "http://host:80", "[::1:80"])
    func `a text that is no endpoint is refused`(text: String) {
        #expect(Endpoint(text: text) == nil)
    }

    @Test
    func `a node's configuration reads back as it was written, with its paths seen from its folder`() throws {
        let folder = try TemporaryFolder()
        var written = NodeConfiguration(
            name: "rn1", role: .ranger, keyPath: "key", genesisPath: "../genesis.json", dataDirectory: "/var/data",
            listen: Endpoint(host: "127.0.0.1", port: 10_545), rpc: Endpoint(host: "127.0.0.1", port: 8545),
            peers: [Endpoint(host: "127.0.0.1", port: 10_546)], blockTimeMilliseconds: 250,
            idlePeriodMilliseconds: 2000, logLevel: .debug, allowFaultInjection: true,
            developmentAccounts: DevelopmentWallet(mnemonic: "test junk", accounts: 3),
            limits: [.poolPerSenderMax: 7, .poolQueuedLifetime: 90_500, .poolTipMin: 0])
        written.allowUnprotected = true
        try written.write(to: "\(folder.path)/config.json")
        var expected = written
        expected.keyPath = "\(folder.path)/key"
        expected.genesisPath = "\(folder.path)/../genesis.json"
        #expect(try NodeConfiguration(file: "\(folder.path)/config.json") == expected)
    }

    @Test
    func `a node configured by hand signs for nobody, misbehaves for nobody and takes nothing unprotected`() throws {
        let folder = try TemporaryFolder()
        let text = #"""
            {"name": "cn1", "role": "council", "key": "key", "genesis": "g.json", "data": "data",
             "listen": "127.0.0.1:1", "rpc": "127.0.0.1:2"}
            """#
        let configuration = try NodeConfiguration(file: folder.write(text, to: "config.json"))
        #expect(configuration.developmentAccounts == nil && !configuration.allowFaultInjection)
        #expect(!configuration.allowUnprotected)
    }

    @Test(arguments: [
        (#"{"name": "cn1"}"#, "role", "is missing"),
        (#"{"name": "a/b", "role": "council"}"#, "name", "a name of 1 to 32"),
        (#"{"name": "cn1", "role": "king"}"#, "role", "one of council, ranger"),
        (#"{"nam": "cn1"}"#, "nam", "unknown key"),
        (#"[]"#, "the document", "an object"),
        (#"{"name": "cn1" "role""#, "", "not valid JSON"),
    ])
    func `a bad configuration is refused with file, key and reason`(text: String, key: String, reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "config.json")
        let error = try #require(throws: ConfigurationError.self) { try NodeConfiguration(file: file) }
        #expect(error.description.hasPrefix("\(file): "))
        #expect(error.description.contains(key))
        #expect(error.description.contains(reason))
    }

    @Test
    func `an idle period below the block time is refused`() throws {
        let manifest: JSONValue = ["blockTime": "2s", "idlePeriod": "1s"]
        let error = try #require(throws: ConfigurationError.self) {
            try TestnetManifest(document: manifest, file: "m.json")
        }
        #expect(
            error
                == .wrong(
                    file: "m.json", keyPath: "idlePeriod",
                    expected: "a duration above 0 and of at least the block time, 2s", found: "the string \"1s\""))
    }

    @Test
    func `an empty manifest is the network of the design`() throws {
        let manifest = try TestnetManifest(document: [:], file: "m.json")
        #expect(manifest == TestnetManifest())
        #expect(manifest.council == 4 && manifest.rangers == 2 && manifest.basePort == 8545)
        #expect(manifest.blockTime == .seconds(1) && manifest.effectiveIdlePeriod == .seconds(1))
        #expect(manifest.accountBalance.description == "10000000000000000000000")
        #expect(manifest.rewardSplit == RewardSplit(proposer: 34, poc: 54, kir: 12))
    }

    @Test(
        arguments: [
            (["council": 0], "council"), (["council": 101], "council"), (["basePort": 80], "basePort"),
            (["basePort": 65000], "basePort"), (["blockTime": 1000], "blockTime"), (["chainId": 0], "chainId"),
            (["rewardSplit": ["proposer": 50, "pocFund": 40, "kirFund": 11]], "rewardSplit"),
            (["alloc": ["0x12": "1"]], "alloc.0x12"), (["accountBalance": "1e18"], "accountBalance"),
            (["limits": ["poolTipMin": "many"]], "limits.poolTipMin"), (["limits": 7], "limits"),
            (["rangers": nil], "rangers"),
        ] as [(JSONValue, String)])
    func `a manifest's bad value is refused by its key`(document: JSONValue, keyPath: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try TestnetManifest(document: document, file: "m.json")
        }
        guard case .wrong(_, keyPath, _, _) = error else {
            Issue.record("expected a wrong value at \(keyPath), found \(error)")
            return
        }
    }

    @Test(arguments: NodeLimit.allCases)
    func `a limit is taken within its range, and refused beyond it with the range in words`(limit: NodeLimit) throws {
        func manifest(_ value: UInt64) throws -> TestnetManifest {
            let value: JSONValue = limit.isTime ? .string("\(value)ms") : .integer(Int64(value))
            return try TestnetManifest(document: ["limits": .object([limit.rawValue: value])], file: "m.json")
        }
        let range = limit.range
        for value in [range.lowerBound, limit.usual, range.upperBound] {
            #expect(try manifest(value).limits == [limit: value])
        }
        let (low, high) = (limit.text(range.lowerBound), limit.text(range.upperBound))
        for value in [range.lowerBound == 0 ? nil : range.lowerBound - 1, range.upperBound + 1].compactMap(\.self) {
            let error = try #require(throws: ConfigurationError.self) { try manifest(value) }
            guard case .wrong(_, "limits.\(limit.rawValue)", let expected, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(expected.contains(low) && expected.contains(high), "\(expected)")
        }
    }

    @Test
    func `a limit that no node has is refused with the names of those that it has`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try TestnetManifest(document: ["limits": ["poolSlots": 7]], file: "m.json")
        }
        #expect(
            error
                == .unknownKey(
                    file: "m.json", keyPath: "limits.poolSlots", known: NodeLimit.allCases.map(\.rawValue)))
    }

    @Test
    func `a document nested too deeply is refused`() throws {
        let text = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        #expect(throws: ConfigurationError.self) { try JSONValue(parsing: Bytes(text.utf8), file: "deep.json") }
    }

    @Test
    func `a key file is for its owner's eyes only`() throws {
        let folder = try TemporaryFolder()
        let key = NodeKey()
        try NodeKeyFile.write(key, to: "\(folder.path)/key")
        #expect(try folder.mode("key") == 0o600)
        #expect(try NodeKeyFile.read("\(folder.path)/key").publicKey == key.publicKey)

        let open = try folder.write(key.secret.hex + "\n", to: "open", mode: 0o640)
        #expect(throws: ConfigurationError.exposedSecret(file: open, mode: "640")) { try NodeKeyFile.read(open) }
    }

    @Test(arguments: ["", "0x12\n", "hunter2hunter2\n", "0x" + String(repeating: "00", count: 32)])
    func `a key file that holds no key is refused and its content not repeated`(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "key", mode: 0o600)
        let error = try #require(throws: ConfigurationError.self) { try NodeKeyFile.read(file) }
        #expect(text.isEmpty || !error.description.contains(text.dropLast()))
    }

    @Test
    func `a missing file is named with the system's reason`() throws {
        let error = try #require(throws: ConfigurationError.self) { try SettingsFile.read("/nowhere/at/all") }
        #expect(error.description == "/nowhere/at/all: No such file or directory")
    }
}
