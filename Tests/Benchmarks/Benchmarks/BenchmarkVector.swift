import ArgumentParser
import Foundation
import Primitives

/// One vector of evm-bench/own.json: a contract, a call of it, and what everybody's EVM makes of it.
struct BenchmarkVector {
    let name: String
    let code: Bytes
    let input: Bytes
    /// What execution costs at Cancun, without the transaction's intrinsic gas.
    let gas: Gas
    let output: Bytes

    /// All vectors, in the file's order.
    ///
    /// - Parameter folder: Where the third-party vectors lie; nil: `$FIRETOWER_FIXTURES`, else `../shared/fixtures`
    ///   beside this checkout.
    static func load(from folder: String?) throws -> [BenchmarkVector] {
        let file = self.folder(folder).appending(path: "evm-bench/own.json")
        guard let data = try? Data(contentsOf: file) else {
            throw ValidationError("cannot read \(file.path): name the folder of the vectors with --fixtures")
        }
        do {
            return try JSONDecoder().decode(File.self, from: data).vectors.map(BenchmarkVector.init)
        } catch {
            throw ValidationError("\(file.path) is not a file of benchmark vectors: \(error)")
        }
    }

    private static func folder(_ named: String?) -> URL {
        if let path = named ?? ProcessInfo.processInfo.environment["FIRETOWER_FIXTURES"] { return URL(filePath: path) }
        var checkout = URL(filePath: #filePath)
        for _ in 0..<4 { checkout.deleteLastPathComponent() }
        return checkout.deletingLastPathComponent().appending(path: "shared/fixtures")
    }

    private struct File: Decodable {
        let vectors: [Entry]
    }

    private struct Entry: Decodable {
        let name, bytecode, calldata, expected_output: String
        let gas_cancun: Gas
    }

    private init(_ entry: Entry) throws {
        name = entry.name
        code = try Bytes(hex: "0x" + entry.bytecode)
        input = try Bytes(hex: "0x" + entry.calldata)
        output = try Bytes(hex: "0x" + entry.expected_output)
        gas = entry.gas_cancun
    }
}
