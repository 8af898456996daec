public import Chain
public import EVM

/// The native contracts of the chain. A new one is a file with its `SystemContract`, an address in `SystemAddress`
/// and a line here.
public enum SystemContracts {
    /// What the EVM calls at their addresses, on a chain with these rules.
    ///
    /// - Precondition: The rules are those of a genesis.
    public static func contracts(under rules: ChainRules) -> NativeContracts {
        let rewards = DeployedContract(Rewards(rules))
        return NativeContracts([rewards.interface.address: rewards])
    }

    /// What clients are told of them, in ascending order of address.
    ///
    /// - Precondition: The rules are those of a genesis.
    public static func interfaces(under rules: ChainRules) -> [ContractInterface] {
        [DeployedContract(Rewards(rules)).interface]
    }
}
