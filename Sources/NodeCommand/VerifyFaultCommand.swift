import ArgumentParser
import Chain
import Configuration
import Crypto
import FaultProofs
import FoundationEssentials
import Primitives

/// `node verify-fault FILE [--genesis FILE | --genesis-hash 0x…]`: checks a fault proof with nothing but the genesis.
struct VerifyFaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-fault", abstract: "Checks a fault proof offline, with nothing but the genesis.",
        discussion: """
            The file holds a proof alone, and then --genesis is needed, or a bundle that brings its genesis along. \
            Whoever made a bundle also chose that genesis: name yours by --genesis or --genesis-hash.
            Exits with 0 if the proof holds, 1 if it shows nothing, 2 if a file cannot be read or no genesis is there.
            """)

    @Argument(help: "What `node testnet faults save` writes: raw bytes, or 0x and hex.")
    var file: String

    @Option(help: "The genesis file of the chain that the proof is about.")
    var genesis: String?

    @Option(help: "The hash of block 0 of that chain, where the file brings its genesis along.")
    var genesisHash: String?

    func validate() throws {
        guard genesis == nil || genesisHash == nil else {
            throw ValidationError("give --genesis or --genesis-hash, not both")
        }
    }

    func run() throws {
        let input: Bytes
        let known: Genesis?
        let expectedHash: Hash32?
        do {
            input = try Self.content(of: file)
            known = try genesis.map { try GenesisFile(file: $0).genesis }
            expectedHash = try genesisHash.map { try Hash32(hex: $0) }
        } catch {
            print("unreadable: \(error)")
            throw ExitCode(2)
        }
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let bundle = try FaultBundle(checking: input)
            let source = try source(of: known, bundle, expectedHash)
            let fault = try verify(bundle, genesis: known, scheme: P256())
            report(fault, bundle.proof, input, took: clock.now - start)
            print("genesis:  \(source)")
        } catch let rejection as ProofRejection {
            print("refused: \(rejection)")
            throw ExitCode(1)
        }
    }

    /// Which chain the proof is checked against, and on whose word.
    private func source(of known: Genesis?, _ bundle: FaultBundle, _ expectedHash: Hash32?) throws -> String {
        if let known, let path = genesis { return "\(known.hash), from \(path)" }
        guard let found = bundle.genesis?.hash else {
            print("unreadable: the file holds a proof without a genesis; name one by --genesis FILE")
            throw ExitCode(2)
        }
        if let expectedHash {
            guard found == expectedHash else { throw ProofRejection.wrongGenesis(expected: expectedHash, found: found) }
            return "\(found), as asked for"
        }
        print("*** THE GENESIS IS THE FILE'S OWN, CHOSEN BY WHOEVER MADE THE FILE: \(found) ***")
        print("*** Compare it with that of the chain you know, or name yours by --genesis or --genesis-hash. ***")
        return "\(found), the file's own"
    }

    private func report(_ fault: ProvenFault, _ proof: FaultProof, _ input: Bytes, took time: Duration) {
        print("proven: \(fault)")
        print("kind:     \(fault.kind.name), \(proof.rlp.count) bytes")
        print("rule:     \(fault.rule)")
        print("height:   \(fault.height)\(fault.round.map { ", round \($0)" } ?? "")")
        print("block:    \(fault.block)\(fault.isSealed ? " (sealed)" : "")")
        for guilty in fault.guilty { print("guilty:   \(guilty)") }
        print("expected: \(fault.expected)")
        print("found:    \(fault.found)")
        let (seconds, attoseconds) = time.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        print("checked:  \(input.count) bytes in \(microseconds / 1_000).\(microseconds % 1_000 / 100) ms")
    }

    private static func content(of file: String) throws -> Bytes {
        let data = try SettingsFile.read(file)
        guard data.starts(with: "0x".utf8) else { return data }
        let digits = data.prefix { $0 != 10 && $0 != 13 }
        return try Bytes(hex: String(decoding: digits, as: UTF8.self))
    }
}
