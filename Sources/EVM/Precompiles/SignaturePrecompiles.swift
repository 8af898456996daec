import Crypto
import Primitives

/// 0x01: the account that signed a digest, as a word; empty if nobody can have done so (yellow paper, appendix E).
///
/// The input is digest, v, r, s, a word each. High `s` counts.
func recoveredSigner(_ input: PrecompileInput) -> Bytes {
    let v = UInt256(input.word(32))
    guard v == 27 || v == 28 else { return [] }
    let signature = AccountSignature(r: UInt256(input.word(64)), s: UInt256(input.word(96)), yParity: v == 28)
    guard let signer = recoverAddress(signature, digest: input.word(0)) else { return [] }
    return UInt256(signer).bigEndianBytes
}

/// 0x100: the word 1 if a P-256 key made a signature, else empty (EIP-7951).
///
/// The input is digest, r, s, x, y, a word each, and nothing more or less.
func p256Verdict(_ input: PrecompileInput) -> Bytes {
    guard input.count == 160 else { return [] }
    let isGood = isP256Signature(
        r: input.word(32), s: input.word(64), of: input.word(0), byKeyAt: input.word(96), input.word(128))
    return isGood ? UInt256.one.bigEndianBytes : []
}
