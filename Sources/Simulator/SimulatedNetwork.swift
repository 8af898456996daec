import Chain
import Crypto
import Primitives

/// The cast of every run: keys, wallets and a genesis that depend on nothing but their number.
enum SimulatedNetwork {
    static let chainID: UInt64 = 1_001

    static func nodeKey(_ index: Int) -> NodePublicKey {
        secret("node \(index)") { try NodeKey($0) }.publicKey
    }

    static func wallet(_ index: Int) -> AccountKey {
        secret("wallet \(index)") { try AccountKey($0) }
    }

    /// The first digest of a chain that is a valid secret; in practice the first of all.
    private static func secret<Key>(_ name: String, _ make: (Hash32) throws -> Key) -> Key {
        var candidate = keccak256(Bytes(name.utf8))
        while true {
            if let key = try? make(candidate) { return key }
            candidate = keccak256(candidate)
        }
    }

    static func genesis(council count: Int, wallets: [AccountKey]) -> Genesis {
        let members = (0..<count).map { index in
            CouncilMember(publicKey: nodeKey(index), rewardAddress: address("reward \(index)"))
        }
        guard let council = try? Council(members),
            let genesis = try? Genesis(
                rules: ChainRules(chainID: chainID, pocFund: address("poc"), kirFund: address("kir")),
                council: council, timestampMilliseconds: World.epoch - 1_000,
                accounts: wallets.map { GenesisAccount(address: $0.address, balance: klay(1_000)) })
        else { preconditionFailure("the cast of a simulation makes a valid genesis") }
        return genesis
    }

    static func transfer(from key: AccountKey, to: Address, nonce: UInt64, chainID: UInt64) -> Transaction {
        .signed(
            Transaction.Content(
                chainID: chainID, nonce: nonce, maxPriorityFeePerGas: 1_000_000_000, maxFeePerGas: 100_000_000_000,
                to: to, value: klay(1)),
            by: key)
    }

    private static func address(_ name: String) -> Address {
        Address(lastBytesOf: keccak256(Bytes(name.utf8)))
    }

    static func klay(_ amount: UInt64) -> UInt256 {
        UInt256(amount) * 1_000_000_000_000_000_000
    }
}
