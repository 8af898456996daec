public import Chain
import Crypto
import EVM
public import Primitives
public import Validation

extension SampleChain {
    /// What a transfer of account `from` says; change it, then sign it with `candidate`.
    public func content(
        from: Int, to: Address, value: UInt256 = 1, nonce: UInt64? = nil, kind: Transaction.Kind = .dynamicFee
    ) throws -> Transaction.Content {
        let known = try ledger.account(accountKeys[from].address)?.nonce ?? 0
        return Transaction.Content(
            kind: kind, chainID: Self.chainID, nonce: nonce ?? known, maxPriorityFeePerGas: 2_000_000_000,
            maxFeePerGas: 30_000_000_000, to: to, value: value)
    }

    public func candidate(_ content: Transaction.Content, from: Int) -> BuildRequest.Candidate {
        BuildRequest.Candidate(.signed(content, by: accountKeys[from]), from: accountKeys[from].address)
    }

    /// A transfer of account `from`, by default with the nonce that is its turn.
    public func transfer(
        from: Int, to: Address? = nil, value: UInt256 = 1, nonce: UInt64? = nil, kind: Transaction.Kind = .dynamicFee
    ) throws -> BuildRequest.Candidate {
        let to = to ?? accountKeys[(from + 1) % accountKeys.count].address
        return candidate(try content(from: from, to: to, value: value, nonce: nonce, kind: kind), from: from)
    }

    /// Up to `countMax` transfers that all apply: among the rich, to new accounts, to oneself, to who is paid for the
    /// block; of every kind, with and without data, access lists, tips and value.
    public func randomTransfers(
        _ countMax: Int, using random: inout SeededRandom
    ) throws -> [BuildRequest.Candidate] {
        var nonces = try accountKeys.map { try ledger.account($0.address)?.nonce ?? 0 }
        return try (0..<random.below(countMax + 1)).map { _ in
            let from = random.below(accountKeys.count)
            let recipients = [
                accountKeys[random.below(accountKeys.count)].address, random.address(), accountKeys[from].address,
                request().beneficiary, rules.pocFund,
            ]
            let kinds: [Transaction.Kind] = [.legacy, .accessList, .dynamicFee]
            var content = try content(
                from: from, to: recipients[random.below(recipients.count)],
                value: random.below(4) == 0 ? 0 : UInt256(random.next() >> 8), nonce: nonces[from],
                kind: kinds[random.below(3)])
            content.maxPriorityFeePerGas = UInt256(random.next() % 3_000_000_000)
            content.maxFeePerGas = 2_000_000_000 + UInt256(random.next() % 3_000_000_000)
            content.maxPriorityFeePerGas = min(content.maxPriorityFeePerGas, content.maxFeePerGas)
            if random.below(3) == 0 { content.data = random.bytes(random.below(100)) }
            if random.below(3) == 0, content.kind != .legacy {
                content.accessList = [AccessListEntry(address: random.address(), storageKeys: [random.hash()])]
            }
            if random.below(5) == 0, content.kind == .legacy { content.chainID = nil }
            content.gasLimit = 60_000
            nonces[from] += 1
            return candidate(content, from: from)
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// 0..<bound.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    public mutating func bytes(_ count: Int) -> Bytes {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    public mutating func hash() -> Hash32 { Hash32(next(), next(), next(), next()) }

    public mutating func address() -> Address { Address(bytes(20)) }
}
