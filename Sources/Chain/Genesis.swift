import Crypto
public import Primitives
import Trie

/// An account that exists before the first block.
public struct GenesisAccount: Hashable, Sendable {
    public var address: Address
    public var nonce: UInt64
    /// Peb.
    public var balance: UInt256
    public var code: Bytes
    public var storage: [StorageSlot]

    /// A slot and what it holds.
    public struct StorageSlot: Hashable, Sendable {
        public var slot: UInt256
        public var value: UInt256

        public init(slot: UInt256, value: UInt256) {
            self.slot = slot
            self.value = value
        }
    }

    public init(
        address: Address, nonce: UInt64 = 0, balance: UInt256 = 0, code: Bytes = [], storage: [StorageSlot] = []
    ) {
        self.address = address
        self.nonce = nonce
        self.balance = balance
        self.code = code
        self.storage = storage
    }

    public var codeHash: Hash32 { code.isEmpty ? AccountLeaf.emptyCodeHash : keccak256(code) }

    /// Empty in the sense of EIP-161: such an account does not exist.
    public var isEmpty: Bool { nonce == 0 && balance.isZero && code.isEmpty }

    /// What the state trie holds for this account.
    public var leaf: AccountLeaf {
        let slots = storage.map { (key: keccak256($0.slot.hash).bytes, value: $0.value.rlp) }
        return AccountLeaf(
            nonce: nonce, balance: balance, storageRoot: MerkleTrie.root(of: slots), codeHash: codeHash)
    }
}

/// Why a description is no genesis.
public enum GenesisError: Error, Hashable, Sendable, CustomStringConvertible {
    case chainIDTooLarge(UInt64)
    case rewardSplit(RewardSplit)
    case committeeSizeMax(Int)
    case baseFeeRule(elasticity: UInt64, changeDenominator: UInt64)
    case gasLimit(expectedAtLeast: Gas, found: Gas)
    case gasLimitRule(boundDivisor: UInt64)
    case duplicateAccount(Address)
    case duplicateSlot(Address, slot: UInt256)
    /// An account without nonce, balance and code does not exist, so it cannot stand in the state (EIP-161).
    case emptyAccount(Address)
    /// Storage belongs to code, or to an account that has been code. Where there is neither, a contract could be
    /// created on top of it (EIP-7610).
    case ownerlessStorage(Address)

    public var description: String {
        switch self {
        case .chainIDTooLarge(let found): "chain id \(found) is above \(Transaction.chainIDMax) (EIP-2294)"
        case .rewardSplit(let split):
            "the shares of the reward must add up to 100, found \(split.proposer), \(split.poc) and \(split.kir)"
        case .committeeSizeMax(let found): "a committee needs at least one member, the limit is \(found)"
        case .baseFeeRule(let elasticity, let denominator):
            "elasticity (\(elasticity)) and base fee denominator (\(denominator)) must be above 0"
        case .gasLimit(let expected, let found): "the gas limit must be at least \(expected), found \(found)"
        case .gasLimitRule(let divisor): "the gas limit's bound divisor must be above 0, found \(divisor)"
        case .duplicateAccount(let address): "account \(address) is listed twice"
        case .duplicateSlot(let address, let slot): "account \(address) has slot \(slot) twice"
        case .emptyAccount(let address): "account \(address) has neither nonce, balance nor code"
        case .ownerlessStorage(let address): "account \(address) has storage, but neither nonce nor code"
        }
    }
}

/// Where a chain starts: its rules, its first council, its first accounts. The hash of block 0 binds all three.
public struct Genesis: Sendable {
    public let rules: ChainRules
    public let council: Council
    public let timestampMilliseconds: UInt64
    public let gasLimit: Gas
    /// Peb per gas.
    public let baseFeePerGas: UInt256
    /// In ascending order of address, `Predeploys` among them; the slots of each ascend too, and hold no zeros.
    public let accounts: [GenesisAccount]

    private let header: Header
    /// The hash of block 0, by which nodes know that they are on one chain. Every vote is signed for it.
    public let hash: Hash32

    /// - Parameter accounts: In any order. `Predeploys` are added where there is none at their address. Slots that
    ///   hold zero are dropped, for they hold nothing.
    public init(
        rules: ChainRules, council: Council, timestampMilliseconds: UInt64, gasLimit: Gas = 60_000_000,
        baseFeePerGas: UInt256 = 1_000_000_000, accounts: [GenesisAccount]
    ) throws(GenesisError) {
        try Genesis.check(rules, gasLimit: gasLimit)
        self.rules = rules
        self.council = council
        self.timestampMilliseconds = timestampMilliseconds
        self.gasLimit = gasLimit
        self.baseFeePerGas = baseFeePerGas
        self.accounts = try Genesis.canonical(accounts)
        let leaves = self.accounts.map { (key: keccak256($0.address).bytes, value: $0.leaf.rlp) }
        let blockExtension = Genesis.blockExtension(council, timestampMilliseconds)
        header = Header(
            stateRoot: MerkleTrie.root(of: leaves), number: 0, gasLimit: gasLimit,
            timestamp: timestampMilliseconds / 1_000, extraData: blockExtension.hash.bytes,
            baseFeePerGas: baseFeePerGas, parentBeaconBlockRoot: rules.hash)
        hash = header.hash
    }

    /// Block 0. It has no parent and no seals.
    ///
    /// `nextCouncilHash` in its extension binds the council, and `parentBeaconBlockRoot` in its header, which no
    /// other block uses, binds the rules: the parent of a genesis block is what was agreed on before.
    public func block() -> Block {
        Block(
            header: header, transactions: [],
            extension: Genesis.blockExtension(council, timestampMilliseconds))
    }

    private static func blockExtension(_ council: Council, _ timestampMilliseconds: UInt64) -> BlockExtension {
        BlockExtension(
            nextCouncilHash: council.hash, accessListRoot: BlockAccessList.empty.root,
            timestampMilliseconds: timestampMilliseconds)
    }

    private static func check(_ rules: ChainRules, gasLimit: Gas) throws(GenesisError) {
        guard rules.chainID <= Transaction.chainIDMax else { throw .chainIDTooLarge(rules.chainID) }
        guard rules.rewardSplit.isWhole else { throw .rewardSplit(rules.rewardSplit) }
        guard rules.committeeSizeMax >= 1 else { throw .committeeSizeMax(rules.committeeSizeMax) }
        guard rules.elasticity > 0, rules.baseFeeChangeDenominator > 0 else {
            throw .baseFeeRule(
                elasticity: rules.elasticity, changeDenominator: rules.baseFeeChangeDenominator)
        }
        guard rules.gasLimitBoundDivisor > 0 else {
            throw .gasLimitRule(boundDivisor: rules.gasLimitBoundDivisor)
        }
        guard gasLimit >= rules.gasLimitMin else {
            throw .gasLimit(expectedAtLeast: rules.gasLimitMin, found: gasLimit)
        }
    }

    private static func canonical(_ accounts: [GenesisAccount]) throws(GenesisError) -> [GenesisAccount] {
        let given = Set(accounts.map(\.address))
        let added = Predeploys.accounts.filter { !given.contains($0.address) }
        var sorted = (accounts + added).sorted { $0.address < $1.address }
        for index in sorted.indices {
            let account = sorted[index]
            if index > 0, sorted[index - 1].address == account.address { throw .duplicateAccount(account.address) }
            guard !account.isEmpty else { throw .emptyAccount(account.address) }
            let slots = account.storage.sorted { $0.slot < $1.slot }
            for (slot, next) in zip(slots, slots.dropFirst()) where slot.slot == next.slot {
                throw .duplicateSlot(account.address, slot: slot.slot)
            }
            sorted[index].storage = slots.filter { !$0.value.isZero }
            guard sorted[index].storage.isEmpty || account.nonce > 0 || !account.code.isEmpty else {
                throw .ownerlessStorage(account.address)
            }
        }
        return sorted
    }
}
