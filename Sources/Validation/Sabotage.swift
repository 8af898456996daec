public import Chain
import Crypto
public import EVM
public import Primitives

/// A fault on purpose: how to build a block that breaks one rule, and how a lax council has to look away to seal it.
///
/// The lax council executes the block like any other, so all of its nodes go on from the same state. An honest
/// `validate` refuses it for `brokenRule`.
public enum Sabotage: Hashable, Sendable {
    /// The header names a state that nobody reaches.
    case wrongStateRoot
    /// The header names other transactions than the block carries.
    case wrongTransactionsRoot
    /// Peb from nowhere, in no transaction.
    case hiddenMint(Conduct.Mint)
    /// A transfer that its sender cannot pay for.
    case overspend(BuildRequest.Candidate)
    /// A transaction that is in the chain already, or twice in this block where it is not.
    case nonceReplay(BuildRequest.Candidate)
    /// A transaction that its sender did sign, turned to the other one of the two signatures (EIP-2).
    case badSignature(BuildRequest.Candidate)
    /// One word of storage is not what the code wrote, and all that follows builds on it: the first word that a
    /// transaction changes, or where none does, what the history contract wrote. `mask`, which is not zero, says which
    /// bits are turned over.
    case wrongStorageWrite(mask: UInt256)
    /// The proposer's share of the reward goes to `payee`, while the header names the proposer as it must.
    case wrongReward(payee: Address)
    /// The block pays somebody else than the proposer of its round.
    case wrongProposer(beneficiary: Address)

    /// The rule for which an honest node refuses the block.
    public var brokenRule: BlockRule {
        switch self {
        case .wrongStateRoot, .hiddenMint: .stateRoot
        case .wrongTransactionsRoot: .transactionsRoot
        // Of all that such a block states wrongly this is looked at first, unless a later transaction read the word
        // and ran otherwise for it.
        case .wrongStorageWrite: .accessListRoot
        // The access list says whose balance the reward raised, and is looked at before the state.
        case .wrongReward: .accessListRoot
        case .overspend: .balance
        case .nonceReplay: .nonce
        case .badSignature: .transactionSignature
        case .wrongProposer: .proposer
        }
    }

    /// What a lax council must not check. Empty where the council does the same as the proposer, and finds no fault.
    public var waivedRules: Set<BlockRule> {
        switch self {
        case .hiddenMint, .wrongStorageWrite, .wrongReward: return []
        // The account that it is drawn from has no money, so the council looks away from that too.
        case .badSignature: return [brokenRule, .balance]
        default: return [brokenRule]
        }
    }

    /// How the members of a lax council validate this block, and this block only.
    public var conduct: Conduct {
        switch self {
        case .hiddenMint(let mint): Conduct(mint: mint)
        case .wrongStorageWrite(let mask): Conduct(wrongWriteMask: mask)
        case .wrongReward(let payee): Conduct(payee: payee)
        default: Conduct(waiving: waivedRules)
        }
    }

    /// Builds the block of `request` with this fault in it.
    ///
    /// - Throws: `.invalid` where the chosen transaction cannot run at all, such as one with blobs.
    public func build<Ledger: LedgerReader>(
        _ request: BuildRequest, reading ledger: Ledger, under rules: ChainRules
    ) throws(ValidationFailure<Ledger.Failure>) -> ValidatedBlock {
        var request = request
        if case .wrongProposer(let beneficiary) = self { request.beneficiary = beneficiary }
        let forced = try forcedTransactions(reading: ledger)
        let good = try Validation.build(
            request, forcing: forced, reading: ledger, under: rules, conduct: conduct)
        var header = good.block.header
        switch self {
        case .wrongStateRoot: header.stateRoot = keccak256(header.stateRoot)
        case .wrongTransactionsRoot: header.transactionsRoot = keccak256(header.transactionsRoot)
        case .hiddenMint, .wrongStorageWrite, .wrongReward, .overspend, .nonceReplay, .badSignature, .wrongProposer:
            return good
        }
        let block = Block(header: header, transactions: good.block.transactions, extension: good.block.extension)
        return good.declaring(block)
    }

    private func forcedTransactions<Ledger: LedgerReader>(
        reading ledger: Ledger
    ) throws(ValidationFailure<Ledger.Failure>) -> [BuildRequest.Candidate] {
        switch self {
        case .wrongStateRoot, .wrongTransactionsRoot, .hiddenMint, .wrongStorageWrite, .wrongReward, .wrongProposer:
            return []
        case .overspend(let candidate): return [candidate]
        case .badSignature(let candidate): return [candidate.withOtherSignature]
        case .nonceReplay(let candidate):
            do throws(Ledger.Failure) {
                let nonce = try ledger.account(candidate.sender)?.nonce ?? 0
                return candidate.transaction.nonce < nonce ? [candidate] : [candidate, candidate]
            } catch {
                throw .unreadable(error)
            }
        }
    }
}

extension BuildRequest.Candidate {
    /// The same content under (r, n − s): it recovers the same sender, and has another hash.
    fileprivate var withOtherSignature: BuildRequest.Candidate {
        let signature = transaction.signature
        let other = AccountSignature(
            r: signature.r, s: secp256k1Order &- signature.s, yParity: !signature.yParity)
        return BuildRequest.Candidate(Transaction(transaction.content, signature: other), from: sender)
    }
}

/// The order n of secp256k1 (SEC 2, section 2.4.1): with (r, s) also (r, n − s) is a signature.
private let secp256k1Order = UInt256(
    limbs: 0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff)
