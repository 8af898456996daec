import Chain
import EVM
import Primitives

/// What a block before the merge made for its miner and those of its ommers (Yellow Paper, section 11.3).
struct EarlyReward {
    let to: Address
    /// Wei.
    let amount: UInt256

    static func all(of block: EthereumBlock, _ fork: Fork) -> [EarlyReward] {
        let full = perBlock(fork)
        var miners = full
        var rewards: [EarlyReward] = []
        for ommer in block.ommers {
            // An eighth less for each generation that it is behind; it cannot be further behind than seven.
            let age = block.header.number &- ommer.number
            let share = age < 8 ? full * UInt256(8 - age) / 8 : 0
            rewards.append(EarlyReward(to: ommer.beneficiary, amount: share))
            miners = miners + full / 32
        }
        return rewards + [EarlyReward(to: block.header.beneficiary, amount: miners)]
    }

    /// Ether by the fork: EIP-649, EIP-1234.
    private static func perBlock(_ fork: Fork) -> UInt256 {
        let ether = UInt256(1_000_000_000_000_000_000)
        if fork < .byzantium { return ether * 5 }
        return ether * (fork < .constantinople ? 3 : 2)
    }
}
