public import Primitives

/// The precompiled contracts for those who are not the machine: whoever warms their addresses before a transaction,
/// asks which there are, or checks them one by one.
public enum Precompiles {
    /// Where they are, in ascending order.
    public static func addresses(of fork: Fork) -> [Address] {
        Precompile.allCases.filter { fork >= $0.firstFork }.map(\.address)
    }

    /// Whether there is one at `address`.
    public static func contains(_ address: Address, of fork: Fork) -> Bool {
        Precompile.at(address, fork) != nil
    }

    /// Calls the precompiled contract at `address` as a message with `gas` would; nil if there is none.
    public static func call(_ address: Address, _ input: Bytes, gas: Gas, fork: Fork) -> PrecompileResult? {
        guard let precompile = Precompile.at(address, fork) else { return nil }
        return unsafe input.withUnsafeBytes { unsafe precompile.run($0, gas: gas, fork: fork) }
    }
}
