import EVM
import EthereumChain
import Primitives
import Testing

@testable import conformance

struct FormatTests {
    func outcomes(_ document: Any, name: String = "state/own/pack") throws -> [CaseOutcome] {
        var tools = CaseTools()
        return try conformanceCases(in: document, name: name).map { try $0.run(&tools) }
    }

    @Test func `a state test passes if root, logs and refusal are as expected`() throws {
        #expect(try outcomes(["a": SampleStateTest().fields()]) == [.passed])
        #expect(
            try outcomes(["a": SampleStateTest(nonce: 1, exception: "TransactionException.NONCE_TOO_HIGH").fields()])
                == [.passed])
    }

    @Test func `another root fails with what differs`() throws {
        let root = Hash32(1, 2, 3, 4)
        var fields = try SampleStateTest(root: root.hex).fields()
        guard case .failed(let text) = try outcomes(["a": fields]).first else { throw FixtureError("passed") }
        #expect(text.contains("state root: expected \(root), found 0x"))
        // The post-state is right, so there is nothing to show of it.
        #expect(!text.contains("balance"))
        var posts = try #require((fields["post"] as? FixtureObject)?["Osaka"] as? [FixtureObject])
        posts[0]["state"] = [SampleStateTest.recipient.hex: ["balance": "0x02"]]
        fields["post"] = ["Osaka": posts]
        guard case .failed(let text) = try outcomes(["a": fields]).first else { throw FixtureError("passed") }
        #expect(text.contains("\(SampleStateTest.recipient) balance: expected 2, found 1"))
    }

    @Test func `another logs hash fails`() throws {
        var fields = try SampleStateTest().fields()
        var posts = try #require((fields["post"] as? FixtureObject)?["Osaka"] as? [FixtureObject])
        posts[0]["logs"] = Hash32.zero.hex
        fields["post"] = ["Osaka": posts]
        guard case .failed(let text) = try outcomes(["a": fields]).first else { throw FixtureError("passed") }
        #expect(text.contains("logs hash: expected \(Hash32.zero), found \(SampleStateTest.noLogs) of 0 logs"))
    }

    @Test func `a transaction that runs but must not, or must and does not, fails`() throws {
        let accepted = try outcomes(["a": SampleStateTest(exception: "TransactionException.X").fields()])
        #expect(accepted == [.failed("expected TransactionException.X, success, 21000 gas used")])
        guard case .failed(let text) = try outcomes(["a": SampleStateTest(nonce: 7).fields()]).first else {
            throw FixtureError("passed")
        }
        #expect(text.contains("expected that it runs, refused: nonce"))
    }

    @Test func `a transaction by another sender than the one named counts as refused`() throws {
        var fields = try SampleStateTest().fields()
        fields["transaction"] = ["sender": SampleStateTest.beneficiary.hex]
        guard case .failed(let text) = try outcomes(["a": fields]).first else { throw FixtureError("passed") }
        #expect(text.contains("refused: signed by"))
    }

    @Test func `forks that are not run are named`() throws {
        #expect(try outcomes(["a": SampleStateTest(fork: "Shanghai").fields()]) == [.notApplicable("fork Shanghai")])
        #expect(
            try outcomes(["a": ["network": "ShanghaiToCancunAtTime15k", "blocks": [] as [Any]] as FixtureObject])
                == [.notApplicable("network ShanghaiToCancunAtTime15k")])
    }

    @Test func `one bad entry fails alone`() throws {
        let document: FixtureObject = [
            "a": SampleStateTest(), "b": ["post": ["Osaka": 1]] as FixtureObject, "c": try SampleStateTest().fields(),
            "d": ["what": "ever"],
        ]
        let outcomes = try outcomes(document)
        #expect(
            outcomes == [
                .failed("not an object"), .failed("there is no object env"), .passed,
                .failed("of no known format: what"),
            ])
    }

    @Test(arguments: [
        ("Cancun", [Fork.cancun]), ("Osaka", [.osaka]), ("CancunToPragueAtTime15k", [.cancun, .prague]),
        ("PragueToOsakaAtTime15k", [.prague, .osaka]), ("OsakaToBPO1AtTime15k", [.osaka, .osaka]),
    ])
    func `a network's name says its forks`(name: String, forks: [Fork]) throws {
        let rules = try #require(try namedNetwork(name, config: nil))
        #expect(rules.phases.map(\.fork) == forks)
        if forks.count == 2 { #expect(rules.phases[1].activation == 15_000) }
    }

    @Test func `a file's config decides on the blobs`() throws {
        let schedule: FixtureObject = ["target": "0x0e", "max": "0x15", "baseFeeUpdateFraction": "0x10"]
        let config: FixtureObject = ["chainid": "0x05", "blobSchedule": ["BPO4": schedule]]
        let rules = try #require(try namedNetwork("BPO4", config: config))
        #expect(rules.chainID == 5)
        #expect(rules.phases[0].blobs == BlobSchedule(target: 14, max: 21, baseFeeUpdateFraction: 16))
        #expect(try namedNetwork("BPO4", config: nil) == nil)
    }

    @Test func `precompile vectors are compared by output, gas and failure`() throws {
        func vector(_ output: String, _ gas: Int) throws -> CaseOutcome? {
            try outcomes([
                "precompile": "0x4",
                "vectors": [
                    ["name": "x", "fork": "Osaka", "input": "0x01", "output": output, "gas": gas] as FixtureObject
                ],
            ]).first
        }
        #expect(try vector("0x01", 18) == .passed)
        #expect(try vector("0x01", 17) == .failed("gas: expected 17, found 18"))
        #expect(try vector("0x02", 18) == .failed("output: expected 0x02, found 0x01"))
        let failing: FixtureObject = ["Input": "01", "ExpectedError": "invalid input", "Name": "y"]
        #expect(try outcomes([failing], name: "precompiles/x/blake2F") == [.passed])
        #expect(throws: FixtureError.self) { try outcomes([failing], name: "precompiles/x/unheardOf") }
    }

    @Test func `quantities may have zeros in front, or no digits`() throws {
        #expect(try fixtureWord("0x0010", "x") == 16)
        #expect(try fixtureWord("0x", "x") == 0)
        #expect(try fixtureWord("0x0" + String(repeating: "f", count: 64), "x") == .max)
        #expect(throws: FixtureError.self) { try fixtureWord("0x1" + String(repeating: "0", count: 64), "x") }
        #expect(throws: FixtureError.self) { try fixtureWord("0xg", "x") }
    }
}
