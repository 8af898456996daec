import Fixtures
import Primitives
import Testing

@testable import EVM

/// A call of a precompile and what the executable specification says of it.
struct PrecompileVector {
    let name: String
    let fork: Fork
    let input: Bytes
    /// What it returns and what it costs; nil where it fails.
    let answer: (output: Bytes, gas: Gas)?
}

/// The vectors of the precompile at `number`, each under the fork that it was made for.
func precompileVectors(_ precompile: Precompile) throws -> [PrecompileVector] {
    let number = String(precompile.rawValue, radix: 16)
    let name = String(repeating: "0", count: 4 - number.count) + number
    let document = try Fixtures.object("precompiles/eels/0x\(name).json.gz")
    let vectors = try #require(document["vectors"] as? [[String: Any]])
    try #require(!vectors.isEmpty)
    return try vectors.map { vector in
        let answer: (Bytes, Gas)? =
            vector["error"] != nil
            ? nil
            : (
                try Bytes(hex: #require(vector["output"] as? String)),
                Gas(try #require(vector["gas"] as? Int))
            )
        return PrecompileVector(
            name: try #require(vector["name"] as? String),
            fork: try #require((vector["fork"] as? String).flatMap(Fork.init)),
            input: try Bytes(hex: #require(vector["input"] as? String)), answer: answer)
    }
}

extension Precompile {
    func call(_ input: Bytes, gas: Gas = 1_000_000_000_000, fork: Fork = .osaka) -> PrecompileResult {
        unsafe input.withUnsafeBytes { unsafe run($0, gas: gas, fork: fork) }
    }
}
