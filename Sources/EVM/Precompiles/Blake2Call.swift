import Crypto
import Primitives

/// 0x09: the compression function of BLAKE2b with any number of rounds (EIP-152).
struct Blake2Call {
    private let rounds: UInt32
    private let block: Blake2Block

    /// Rounds in 4 bytes (the only number that comes most significant byte first), h, m, t, and the flag in one.
    private static let inputBytes = 213

    /// nil for what is not of this form.
    init?(_ input: PrecompileInput) {
        guard input.count == Self.inputBytes, input[212] <= 1 else { return nil }
        rounds = (0..<4).reduce(0) { $0 << 8 | UInt32(input[$1]) }
        block = Blake2Block(
            state: Self.lanes(input, 4), message: (Self.lanes(input, 68), Self.lanes(input, 132)),
            byteCount: (input.littleEndian(196), input.littleEndian(204)), isLast: input[212] == 1)
    }

    /// One gas a round.
    var price: Gas { Gas(rounds) }

    var answer: Bytes { block.compressed(rounds: rounds).bytes }

    private static func lanes(_ input: PrecompileInput, _ position: Int) -> Blake2Block.Lanes {
        Blake2Block.Lanes(
            input.littleEndian(position), input.littleEndian(position + 8), input.littleEndian(position + 16),
            input.littleEndian(position + 24), input.littleEndian(position + 32), input.littleEndian(position + 40),
            input.littleEndian(position + 48), input.littleEndian(position + 56))
    }
}
