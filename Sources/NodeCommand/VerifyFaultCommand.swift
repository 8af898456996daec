import ArgumentParser
import Chain
import Configuration
import Crypto
import FaultProofs
import FoundationEssentials
import Primitives

/// `node verify-fault FILE --genesis FILE`: checks a fault proof with nothing but the genesis.
struct VerifyFaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-fault", abstract: "Checks a fault proof offline, with nothing but the genesis.",
        discussion: "Exits with 0 if the proof holds, 1 if it shows nothing, 2 if a file cannot be read.")

    @Argument(help: "The proof, as `node testnet faults save` writes it: raw bytes, or 0x and hex.")
    var file: String

    @Option(help: "The genesis file of the chain that the proof is about.")
    var genesis: String

    func run() throws {
        let (proof, genesis) = try read()
        do {
            let fault = try verify(try FaultProof(checking: proof), genesis: genesis, scheme: P256())
            print("proven: \(fault)")
            print("kind:     \(fault.kind.name), \(proof.count) bytes")
            print("rule:     \(fault.rule)")
            print("height:   \(fault.height)\(fault.round.map { ", round \($0)" } ?? "")")
            print("block:    \(fault.block)\(fault.isSealed ? " (sealed)" : "")")
            for guilty in fault.guilty { print("guilty:   \(guilty)") }
            print("expected: \(fault.expected)")
            print("found:    \(fault.found)")
        } catch {
            print("refused: \(error)")
            throw ExitCode(1)
        }
    }

    private func read() throws -> (proof: Bytes, genesis: Genesis) {
        do {
            let data = Bytes(try Data(contentsOf: URL(filePath: file)))
            let proof = data.starts(with: "0x".utf8) ? try Self.hex(data) : data
            return (proof, try GenesisFile(file: genesis).genesis)
        } catch {
            print("unreadable: \(error)")
            throw ExitCode(2)
        }
    }

    private static func hex(_ data: Bytes) throws -> Bytes {
        let digits = data.prefix { $0 != 10 && $0 != 13 }
        return try Bytes(hex: String(decoding: digits, as: UTF8.self))
    }
}
