import EVM
public import Primitives

/// The calls that every block makes by itself, before and after its transactions.
public enum SystemCalls {
    /// Who makes them (EIP-4788).
    static let caller = Address(word0: 0xffff_ffff_ffff_ffff, word1: 0xffff_ffff_ffff_ffff, word2: 0xffff_fffe)
    /// What each may spend; it does not count towards the block's gas (EIP-4788).
    static let gas: Gas = 30_000_000

    /// Keeps the roots of beacon blocks (EIP-4788).
    static let beaconRoots = Address(
        word0: 0x000f_3df6_d732_807e, word1: 0xf131_9fb7_b8bb_8522, word2: 0xd0be_ac02)
    /// Keeps the hashes of blocks (EIP-2935).
    static let blockHashes = Address(
        word0: 0x0000_f908_27f1_c53a, word1: 0x10cb_7a02_335b_1753, word2: 0x2000_2935)
    /// Collects withdrawal requests (EIP-7002).
    public static let withdrawals = Address(
        word0: 0x0000_0961_ef48_0eb5, word1: 0x5e80_d19a_d835_79a6, word2: 0x4c00_7002)
    /// Collects requests to merge validators (EIP-7251).
    public static let consolidations = Address(
        word0: 0x0000_bbdd_c7ce_4886, word1: 0x42fb_579f_8b00_f3a5, word2: 0x9000_7251)
}

/// How a system call ended.
enum SystemCallOutcome {
    /// There is no contract, so nothing was called.
    case absent
    case returned(Bytes)
    case failed(Outcome.Status)
}

extension Journal {
    /// Calls the contract at `target` on behalf of the block, as a transaction of its own.
    mutating func callFromSystem(
        _ target: Address, _ input: Bytes, in block: BlockEnvironment, on machine: Machine
    ) throws(State.Failure) -> SystemCallOutcome {
        guard let account = try peek(target), account.hasCode else { return .absent }
        let message = Message(caller: SystemCalls.caller, target: .call(target), input: input, gas: SystemCalls.gas)
        let environment = Environment(block: block, origin: SystemCalls.caller, gasPrice: block.baseFeePerGas)
        let outcome = try run(message, in: environment, on: machine)
        _ = closeTransaction()
        return outcome.succeeded ? .returned(machine.output) : .failed(outcome.status)
    }
}
