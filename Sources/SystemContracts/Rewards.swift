public import Chain
public import EVM
public import Primitives

/// Divides the reward of each block among its proposer and two funds, and tells anybody how.
///
/// It keeps nothing: the rules are those of genesis, so that what has been made by a height follows from the height.
/// A running total would cost every block a write to storage, and every witness of a block the path to it.
public struct Rewards: SystemContract {
    static let name = "Rewards"
    static let address = SystemAddress.rewards
    static let events = [distributed.declaration]

    private static let distributed = SystemEvent<Address, UInt256, UInt256, UInt256>(
        "Distributed", .indexed("proposer"), .plain("toProposer"), .plain("toPoC"), .plain("toKIR"))

    private let rules: ChainRules

    /// - Precondition: The rules are those of a genesis, which has checked the split.
    init(_ rules: ChainRules) {
        precondition(rules.rewardSplit.isWhole, "the shares of the reward make up the whole")
        self.rules = rules
    }

    /// What the chain calls at the end of each block, to reward `proposer`. It is no part of a transaction.
    public static func distribution(to proposer: Address) -> Message {
        let selector = abiSelector(of: "distribute(address)").selectorBytes
        return Message(
            caller: SystemAddress.caller, target: .call(address),
            input: selector + ABIValue.encode([.address(proposer)]), gas: SystemGas.systemCall)
    }

    func functions<State: StateReader>() -> [SystemFunction<State>] {
        let split = rules.rewardSplit
        let shares = Rewards.shares(under: rules)
        return [
            .nonpayable("distribute", Parameter<Address>("proposer"), body: distribute),
            .view("blockReward", returns: Parameter<UInt256>("peb")) { _ in rules.blockReward },
            .view(
                "split", returns: Parameter<UInt64>("proposer"), Parameter<UInt64>("poc"), Parameter<UInt64>("kir")
            ) { _ in (split.proposer, split.poc, split.kir) },
            .view(
                "shares", returns: Parameter<UInt256>("proposer"), Parameter<UInt256>("poc"),
                Parameter<UInt256>("kir")
            ) { _ in (shares.proposer, shares.poc, shares.kir) },
            .view("funds", returns: Parameter<Address>("poc"), Parameter<Address>("kir")) { _ in
                (rules.pocFund, rules.kirFund)
            },
            .view("minted", Parameter<UInt64>("height"), returns: Parameter<UInt256>("peb"), body: minted),
        ]
    }

    /// What each of three gets of a block's reward, in peb.
    public struct Shares: Hashable, Sendable {
        public let proposer, poc, kir: UInt256

        public init(proposer: UInt256, poc: UInt256, kir: UInt256) {
            (self.proposer, self.poc, self.kir) = (proposer, poc, kir)
        }
    }

    /// The funds get their hundredths rounded down, and the proposer what is left: its own share and the fraction of
    /// a peb that rounding leaves.
    public static func shares(under rules: ChainRules) -> Shares {
        let poc = rules.blockReward.hundredths(rules.rewardSplit.poc)
        let kir = rules.blockReward.hundredths(rules.rewardSplit.kir)
        return Shares(proposer: rules.blockReward - poc - kir, poc: poc, kir: kir)
    }

    private func distribute<State: StateReader>(
        _ call: inout SystemCall<State>, to proposer: Address
    ) throws(NativeFailure<State.Failure>) {
        try call.require(call.caller == SystemAddress.caller, "only the chain itself distributes")
        let shares = Rewards.shares(under: rules)
        // A share of nothing does not even touch its account.
        for (address, amount) in [
            (proposer, shares.proposer), (rules.pocFund, shares.poc), (rules.kirFund, shares.kir),
        ]
        where !amount.isZero {
            try call.mint(amount, to: address)
        }
        try call.emit(Rewards.distributed, proposer, shares.proposer, shares.poc, shares.kir)
    }

    /// What the rewards of the blocks up to `height` have made.
    private func minted<State: StateReader>(
        _ call: inout SystemCall<State>, by height: Height
    ) throws(NativeFailure<State.Failure>) -> UInt256 {
        let (peb, overflow) = rules.blockReward.multipliedReportingOverflow(by: UInt256(height))
        guard !overflow else { throw call.overflowed() }
        return peb
    }
}

extension UInt256 {
    /// `share` hundredths of this, rounded down, for any value: 100 is divided out first.
    fileprivate func hundredths(_ share: UInt64) -> UInt256 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: 100)
        return quotient * UInt256(share) + remainder * UInt256(share) / 100
    }
}
