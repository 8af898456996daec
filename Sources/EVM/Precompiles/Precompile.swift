import Crypto
import Curves
public import Primitives

/// A contract of the protocol itself: it has an address but no code.
///
/// Each says what a call costs before it does any work, then answers. The raw value is the address.
enum Precompile: UInt32, CaseIterable {
    case ecrecover = 0x01
    case sha256 = 0x02
    case ripemd160 = 0x03
    case identity = 0x04
    case modexp = 0x05
    case bn254Add = 0x06
    case bn254Multiply = 0x07
    case bn254Pairing = 0x08
    case blake2f = 0x09
    case pointEvaluation = 0x0a
    case bls12G1Add = 0x0b
    case bls12G1MultiScalar = 0x0c
    case bls12G2Add = 0x0d
    case bls12G2MultiScalar = 0x0e
    case bls12Pairing = 0x0f
    case bls12MapToG1 = 0x10
    case bls12MapToG2 = 0x11
    case p256Verify = 0x100

    /// The precompiled contract at `address` under the rules of `fork`, or nil. Every call asks this.
    @inline(__always)
    static func at(_ address: Address, _ fork: Fork) -> Precompile? {
        guard address.word0 | address.word1 == 0, address.word2 <= addressMax else { return nil }
        return numbered(address.word2, fork)
    }

    private static let addressMax: UInt32 = 0x100

    @inline(never)
    private static func numbered(_ number: UInt32, _ fork: Fork) -> Precompile? {
        guard let found = Precompile(rawValue: number), fork >= found.firstFork else { return nil }
        return found
    }

    var address: Address { Address(word0: 0, word1: 0, word2: rawValue) }

    var firstFork: Fork {
        switch self {
        case .ecrecover, .sha256, .ripemd160, .identity: .homestead
        // EIP-198, EIP-196, EIP-197
        case .modexp, .bn254Add, .bn254Multiply, .bn254Pairing: .byzantium
        // EIP-152
        case .blake2f: .istanbul
        // EIP-4844
        case .pointEvaluation: .cancun
        case .bls12G1Add, .bls12G1MultiScalar, .bls12G2Add, .bls12G2MultiScalar, .bls12Pairing, .bls12MapToG1,
            .bls12MapToG2:
            .prague
        case .p256Verify: .osaka
        }
    }

    /// Runs a call that may spend `gas`.
    func run(_ input: UnsafeRawBufferPointer, gas: Gas, fork: Fork) -> PrecompileResult {
        let input = unsafe PrecompileInput(input)
        guard let price = price(of: input, fork), price <= gas, let output = try? answer(input) else { return .failure }
        return .success(gasUsed: price, output: output)
    }

    /// What a call costs; nil where no amount of gas buys an answer.
    private func price(of input: PrecompileInput, _ fork: Fork) -> Gas? {
        switch self {
        case .ecrecover: 3000
        case .sha256: 60 + 12 * input.wordCount
        case .ripemd160: 600 + 120 * input.wordCount
        case .identity: 15 + 3 * input.wordCount
        case .modexp: ModexpCall(input).price(fork)
        // EIP-1108 made these cheaper.
        case .bn254Add: fork < .istanbul ? 500 : BN254Precompile.addGas
        case .bn254Multiply: fork < .istanbul ? 40_000 : BN254Precompile.multiplyGas
        case .bn254Pairing:
            fork < .istanbul
                ? 100_000 + 80_000 * Gas(input.count / 192) : BN254Precompile.pairingGas(byteCount: input.count)
        case .blake2f: Blake2Call(input)?.price
        case .pointEvaluation: KZGPrecompile.gas
        case .bls12G1Add: BLS12Precompile.g1AddGas
        case .bls12G1MultiScalar: BLS12Precompile.g1MSMGas(byteCount: input.count)
        case .bls12G2Add: BLS12Precompile.g2AddGas
        case .bls12G2MultiScalar: BLS12Precompile.g2MSMGas(byteCount: input.count)
        case .bls12Pairing: BLS12Precompile.pairingGas(byteCount: input.count)
        case .bls12MapToG1: BLS12Precompile.mapFpToG1Gas
        case .bls12MapToG2: BLS12Precompile.mapFp2ToG2Gas
        case .p256Verify: 6900
        }
    }

    /// What a call that was paid for returns; nil where it fails. Empty is an answer too.
    private func answer(_ input: PrecompileInput) throws(CurveError) -> Bytes? {
        switch self {
        case .ecrecover: recoveredSigner(input)
        case .sha256: unsafe input.withBytes { unsafe Crypto.sha256($0).bytes }
        case .ripemd160: unsafe Bytes(repeating: 0, count: 12) + input.withBytes { unsafe Crypto.ripemd160($0) }
        case .identity: input.all
        case .modexp: ModexpCall(input).answer
        case .bn254Add: try BN254Precompile.add(input.all)
        case .bn254Multiply: try BN254Precompile.multiply(input.all)
        case .bn254Pairing: try BN254Precompile.pairing(input.all)
        case .blake2f: Blake2Call(input)?.answer
        case .pointEvaluation: provenEvaluation(input)
        case .bls12G1Add: try BLS12Precompile.g1Add(input.all)
        case .bls12G1MultiScalar: try BLS12Precompile.g1MSM(input.all)
        case .bls12G2Add: try BLS12Precompile.g2Add(input.all)
        case .bls12G2MultiScalar: try BLS12Precompile.g2MSM(input.all)
        case .bls12Pairing: try BLS12Precompile.pairing(input.all)
        case .bls12MapToG1: try BLS12Precompile.mapFpToG1(input.all)
        case .bls12MapToG2: try BLS12Precompile.mapFp2ToG2(input.all)
        case .p256Verify: p256Verdict(input)
        }
    }
}

/// How a call of a precompiled contract ended.
public enum PrecompileResult: Hashable, Sendable {
    case success(gasUsed: Gas, output: Bytes)
    /// Refused, or not enough gas: all gas is gone.
    case failure
}
