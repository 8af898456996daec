import Crypto
import Curves
import Primitives

/// 0x0a: the size of a blob and the field's order, if a blob's polynomial has the value y at z (EIP-4844); else nil.
///
/// The input is the blob's versioned hash, z and y, a word each, the commitment and the proof, 48 bytes each.
func provenEvaluation(_ input: PrecompileInput) -> Bytes? {
    guard input.count == KZGPrecompile.inputBytes else { return nil }
    let bytes = input.all
    // The first byte of a versioned hash is its version, which for commitments of this kind is 1.
    let digest = sha256(Bytes(bytes[KZGPrecompile.commitmentRange]))
    guard bytes[0] == 1, bytes[1..<32] == digest.bytes[1...] else { return nil }
    guard (try? KZGPrecompile.evaluatePoint(bytes)) != nil else { return nil }
    return KZGPrecompile.output
}
