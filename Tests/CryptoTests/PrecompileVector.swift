import Fixtures
import Primitives
import Testing

/// Input and output of a precompile by the executable specification.
struct PrecompileVector {
    let name: String
    let input: Bytes
    let output: Bytes
}

/// The vectors of one precompile that end well.
func precompileVectors(_ precompile: String) throws -> [PrecompileVector] {
    let document = try Fixtures.object("precompiles/eels/\(precompile).json.gz")
    let vectors = try #require(document["vectors"] as? [[String: Any]])
    try #require(!vectors.isEmpty)
    return try vectors.map { vector in
        PrecompileVector(
            name: try #require(vector["name"] as? String),
            input: try Bytes(hex: #require(vector["input"] as? String)),
            output: try Bytes(hex: #require(vector["output"] as? String)))
    }
}
