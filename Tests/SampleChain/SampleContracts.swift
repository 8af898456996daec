public import Chain
import Crypto
import EVM
public import Primitives
public import Validation

/// Small contracts, written by hand, that do one thing each. Their names say what.
public enum SampleContract: CaseIterable, Sendable {
    /// Adds one to slot 0, logs the new count without a topic, and returns it.
    case counter
    /// Puts the second word of the call's data into the slot that the first names.
    case keeper
    /// Puts the hash of the block that the data names into the slot of that number.
    case blockHashKeeper
    /// Puts the proposer's balance into the slot of the block's number.
    case observer
    /// Puts the SHA-256 of a zero word, by the precompiled contract 0x02, into slot 0.
    case hasher
    /// Creates a contract without code, and puts its address into slot 0.
    case creator
    /// Writes slot 0, then reverts without a reason.
    case reverter
    /// Burns all its gas.
    case burner

    public var address: Address {
        Address(lastBytesOf: keccak256(Bytes("sample contract \(self)".utf8)))
    }

    /// The runtime code.
    public var code: Bytes {
        switch self {
        // PUSH0 SLOAD PUSH1 1 ADD DUP1 PUSH0 SSTORE PUSH0 MSTORE
        // PUSH1 32 PUSH0 LOG0 PUSH1 32 PUSH0 RETURN
        case .counter:
            [0x5f, 0x54, 0x60, 1, 0x01, 0x80, 0x5f, 0x55, 0x5f, 0x52, 0x60, 32, 0x5f, 0xa0, 0x60, 32, 0x5f, 0xf3]
        // PUSH1 32 CALLDATALOAD PUSH0 CALLDATALOAD SSTORE STOP
        case .keeper: [0x60, 32, 0x35, 0x5f, 0x35, 0x55, 0x00]
        // PUSH0 CALLDATALOAD DUP1 BLOCKHASH SWAP1 SSTORE STOP
        case .blockHashKeeper: [0x5f, 0x35, 0x80, 0x40, 0x90, 0x55, 0x00]
        // COINBASE BALANCE NUMBER SSTORE STOP
        case .observer: [0x41, 0x31, 0x43, 0x55, 0x00]
        // PUSH1 32 PUSH0 PUSH1 32 PUSH0 PUSH1 2 GAS STATICCALL POP PUSH0 MLOAD PUSH0 SSTORE STOP
        case .hasher:
            [0x60, 32, 0x5f, 0x60, 32, 0x5f, 0x60, 2, 0x5a, 0xfa, 0x50, 0x5f, 0x51, 0x5f, 0x55, 0x00]
        // PUSH0 PUSH0 PUSH0 CREATE PUSH0 SSTORE STOP
        case .creator: [0x5f, 0x5f, 0x5f, 0xf0, 0x5f, 0x55, 0x00]
        // PUSH1 1 PUSH0 SSTORE PUSH0 PUSH0 REVERT
        case .reverter: [0x60, 1, 0x5f, 0x55, 0x5f, 0x5f, 0xfd]
        // INVALID
        case .burner: [0xfe]
        }
    }

    public var account: GenesisAccount {
        GenesisAccount(address: address, nonce: 1, code: code)
    }

    /// Initcode that creates a contract with `code`, and stores 7 in its slot 9.
    public static func creation(of code: Bytes) -> Bytes {
        // PUSH1 7 PUSH1 9 SSTORE PUSH1 count DUP1 PUSH1 14 PUSH0 CODECOPY PUSH0 RETURN
        [0x60, 7, 0x60, 9, 0x55, 0x60, UInt8(code.count), 0x80, 0x60, 14, 0x5f, 0x39, 0x5f, 0xf3] + code
    }

    /// Initcode that gives what it was sent back to the creator, and is gone: CALLER SELFDESTRUCT.
    public static let vanishing: Bytes = [0x33, 0xff]
}

extension SampleChain {
    /// A chain with every sample contract in its genesis.
    public static func withContracts(
        extraAccounts: [GenesisAccount] = [], paysSenders: Bool = false,
        changingRules change: (inout ChainRules) -> Void = { _ in }
    ) throws -> SampleChain {
        try SampleChain(
            extraAccounts: SampleContract.allCases.map(\.account) + extraAccounts, paysSenders: paysSenders,
            changingRules: change)
    }

    /// A call of account `from`, by default with the nonce that is its turn.
    public func call(
        _ contract: Address, _ words: [UInt256] = [], from: Int, value: UInt256 = 0, nonce: UInt64? = nil,
        gasLimit: Gas = 200_000
    ) throws -> BuildRequest.Candidate {
        var content = try content(from: from, to: contract, value: value, nonce: nonce)
        content.data = words.flatMap(\.hash.bytes)
        content.gasLimit = gasLimit
        return candidate(content, from: from)
    }

    public func call(
        _ contract: SampleContract, _ words: [UInt256] = [], from: Int, nonce: UInt64? = nil, gasLimit: Gas = 200_000
    ) throws -> BuildRequest.Candidate {
        try call(contract.address, words, from: from, nonce: nonce, gasLimit: gasLimit)
    }

    /// A creation by account `from`.
    public func creation(
        _ initCode: Bytes, from: Int, value: UInt256 = 0, nonce: UInt64? = nil, gasLimit: Gas = 1_000_000
    ) throws -> BuildRequest.Candidate {
        var content = try content(from: from, to: .zero, value: value, nonce: nonce)
        content.to = nil
        content.data = initCode
        content.gasLimit = gasLimit
        return candidate(content, from: from)
    }

    /// The wish of account `authority` to run the code at `address` (EIP-7702).
    public func authorization(of authority: Int, to address: Address, nonce: UInt64) -> Authorization {
        .signed(chainID: UInt256(Self.chainID), address: address, nonce: nonce, by: accountKeys[authority])
    }

    /// `count` transactions that all can run, though not all succeed: calls of each contract, transfers, creations,
    /// delegations. Account 9 sends none of them; it is who delegates.
    public func randomCalls(_ count: Int, using random: inout SeededRandom) throws -> [BuildRequest.Candidate] {
        var nonces = try accountKeys.map { try ledger.account($0.address)?.nonce ?? 0 }
        return try (0..<count).map { _ in
            let from = random.below(9)
            defer { nonces[from] += 1 }
            let nonce = nonces[from]
            switch random.below(12) {
            case 0: return try transfer(from: from, to: random.address(), value: UInt256(random.next()), nonce: nonce)
            case 1:
                let code = SampleContract.allCases[random.below(SampleContract.allCases.count)].code
                return try creation(SampleContract.creation(of: code), from: from, nonce: nonce)
            case 2: return try creation(SampleContract.vanishing, from: from, value: 5, nonce: nonce)
            case 3:
                var content = try content(from: from, to: accountKeys[9].address, nonce: nonce, kind: .setCode)
                content.gasLimit = 200_000
                let targets = [SampleContract.counter.address, SampleContract.keeper.address, .zero]
                // Every third has a nonce that does not hold.
                let right = random.below(3) > 0
                content.authorizations = [
                    authorization(of: 9, to: targets[random.below(3)], nonce: nonces[9] + (right ? 0 : 1))
                ]
                if right { nonces[9] += 1 }
                return candidate(content, from: from)
            case 4, 5:
                let (slot, word) = (UInt256(random.next() % 6), UInt256(random.next() % 3))
                return try call(.keeper, [slot, word], from: from, nonce: nonce)
            case 6:
                let number = UInt256(random.next() % (head.number + 2))
                return try call(.blockHashKeeper, [number], from: from, nonce: nonce)
            default:
                let contract = SampleContract.allCases[random.below(SampleContract.allCases.count)]
                return try call(contract, [UInt256(random.next() % 4)], from: from, nonce: nonce)
            }
        }
    }
}
