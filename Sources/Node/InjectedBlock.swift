import Chain
import Crypto
import Primitives
import Validation

// How an injection becomes a faulty block, and how the lax council that seals it looks away.

extension Injection {
    /// What the members of a lax council do alike, so that all of them reach one state.
    var laxConduct: Conduct {
        switch fault {
        case .wrongStateRoot: Conduct(waiving: [.stateRoot])
        case .hiddenMint: Conduct(mint: mint)
        case .wrongStorageWrite: Conduct(wrongWriteMask: wrongWriteMask)
        case .wrongReward: Conduct(payee: drawnAddress("payee"))
        case .overspend: Conduct(waiving: [.balance])
        case .nonceReplay: Conduct(waiving: [.nonce])
        // The transaction comes from an account without money, so the council looks away from that too.
        case .badTransactionSignature: Conduct(waiving: [.transactionSignature, .balance])
        default: .honest
        }
    }

    /// A thousand KLAY for an account that nobody has heard of.
    var mint: Conduct.Mint {
        Conduct.Mint(address: drawnAddress("mint"), amount: 1_000 * 1_000_000_000_000_000_000)
    }

    /// Turns over at least one bit.
    var wrongWriteMask: UInt256 {
        max(UInt256(drawn("write")), 1)
    }

    func drawnAddress(_ purpose: String) -> Address {
        Address(lastBytesOf: drawn(purpose))
    }

    private func drawn(_ purpose: String) -> Hash32 {
        keccak256(Bytes("firetower/injection/\(purpose)/\(seed)".utf8))
    }

    /// A transfer by an account that has nothing; nil in the one case of 2^128 in which the draw is no key.
    func transferByPauper(rules: ChainRules, baseFee: UInt256) -> BuildRequest.Candidate? {
        guard let key = try? AccountKey(drawn("pauper")) else { return nil }
        let transaction = Transaction.signed(
            Transaction.Content(
                chainID: rules.chainID, nonce: 0, maxPriorityFeePerGas: 1, maxFeePerGas: baseFee * 4 + 1,
                to: drawnAddress("friend"), value: 1_000_000_000_000_000_000),
            by: key)
        return BuildRequest.Candidate(transaction, from: key.address)
    }
}

extension Sabotage {
    /// nil where the fault is not in a block, or there is nothing to make it from.
    init?(_ injection: Injection, rules: ChainRules, baseFee: UInt256, misconduct: Misconduct) {
        switch injection.fault {
        case .wrongStateRoot: self = .wrongStateRoot
        case .wrongTransactionsRoot: self = .wrongTransactionsRoot
        case .hiddenMint: self = .hiddenMint(injection.mint)
        case .wrongStorageWrite: self = .wrongStorageWrite(mask: injection.wrongWriteMask)
        case .wrongReward: self = .wrongReward(payee: injection.drawnAddress("payee"))
        case .overspend:
            guard let candidate = injection.transferByPauper(rules: rules, baseFee: baseFee) else { return nil }
            self = .overspend(candidate)
        case .badTransactionSignature:
            guard let candidate = injection.transferByPauper(rules: rules, baseFee: baseFee) else { return nil }
            self = .badSignature(candidate)
        case .nonceReplay:
            guard let included = misconduct.lastIncluded else { return nil }
            self = .nonceReplay(included)
        default: return nil
        }
    }
}
