import Chain
import Crypto
import Primitives
import Validation

/// The cast of every run: keys, wallets and a genesis that depend on nothing but their number.
enum SimulatedNetwork {
    static let chainID: UInt64 = 1_001
    static let walletCount = 4
    /// Keys and transfers of the first machines and nonces are made once a process; the others each time.
    private static let keptKeys: [NodePublicKey] = (0..<32).map(makeNodeKey)
    private static let keptWallets: [AccountKey] = (0..<walletCount).map(makeWallet)
    private static let keptOrigins: [Origin] = (1...13).map { Origin(council: $0) }
    private static let keptTransfers: [[Transaction]] = (0..<walletCount).map { wallet in
        (0..<32).map { makeTransfer(from: wallet, nonce: $0) }
    }

    static func nodeKey(_ index: Int) -> NodePublicKey {
        index < keptKeys.count ? keptKeys[index] : makeNodeKey(index)
    }

    private static func makeNodeKey(_ index: Int) -> NodePublicKey {
        secret("node \(index)") { try NodeKey($0) }.publicKey
    }

    static func wallet(_ index: Int) -> AccountKey {
        index < keptWallets.count ? keptWallets[index] : makeWallet(index)
    }

    private static func makeWallet(_ index: Int) -> AccountKey {
        secret("wallet \(index)") { try AccountKey($0) }
    }

    /// What every run with a council of one size starts from.
    struct Origin: Sendable {
        let genesis: Genesis
        let block: Block
        let ledger: MemoryLedger

        init(council count: Int) {
            genesis = SimulatedNetwork.genesis(council: count, wallets: SimulatedNetwork.keptWallets)
            block = genesis.block()
            ledger = MemoryLedger(genesis)
        }
    }

    static func origin(council count: Int) -> Origin {
        keptOrigins.indices.contains(count - 1) ? keptOrigins[count - 1] : Origin(council: count)
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
                accounts: wallets.map { GenesisAccount(address: $0.address, balance: klay(1_000)) }
                    + [GenesisAccount(address: counter, nonce: 1, code: counterCode)])
        else { preconditionFailure("the cast of a simulation makes a valid genesis") }
        return genesis
    }

    /// Counts its calls in slot 0 and, for each caller, in the slot of its address; a call with data is reverted.
    static let counter = address("counter")
    // CALLDATASIZE PUSH1 20 JUMPI PUSH0 SLOAD PUSH1 1 ADD DUP1 PUSH0 SSTORE
    // DUP1 CALLER SSTORE PUSH0 MSTORE STOP STOP STOP JUMPDEST PUSH0 PUSH0 REVERT
    private static let counterCode: Bytes = [
        0x36, 0x60, 20, 0x57, 0x5f, 0x54, 0x60, 1, 0x01, 0x80, 0x5f, 0x55,
        0x80, 0x33, 0x55, 0x5f, 0x52, 0x00, 0x00, 0x00, 0x5b, 0x5f, 0x5f, 0xfd,
    ]

    /// The transaction that a wallet sends with `nonce`: mostly a little money to the next wallet, at times a call.
    static func transfer(from wallet: Int, nonce: UInt64) -> Transaction {
        nonce < 32 ? keptTransfers[wallet][Int(nonce)] : makeTransfer(from: wallet, nonce: nonce)
    }

    private static func makeTransfer(from wallet: Int, nonce: UInt64) -> Transaction {
        let isCall = nonce % 3 == 1
        return .signed(
            Transaction.Content(
                chainID: chainID, nonce: nonce, maxPriorityFeePerGas: 1_000_000_000, maxFeePerGas: 100_000_000_000,
                gasLimit: 100_000, to: isCall ? counter : self.wallet((wallet + 1) % walletCount).address,
                value: isCall ? 0 : klay(1), data: nonce % 9 == 4 ? [1] : []),
            by: self.wallet(wallet))
    }

    private static func address(_ name: String) -> Address {
        Address(lastBytesOf: keccak256(Bytes(name.utf8)))
    }

    static func klay(_ amount: UInt64) -> UInt256 {
        UInt256(amount) * 1_000_000_000_000_000_000
    }
}
