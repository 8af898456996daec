import Chain
import EVM
import Primitives
import Testing

@testable import SystemContracts

/// A contract compiled by Vyper 0.4.3 that calls the rewards contract by its interface:
///
/// ```
/// interface Rewards:
///     def blockReward() -> uint256: view
///     def split() -> (uint64, uint64, uint64): view
///     def minted(height: uint64) -> uint256: view
///     def distribute(proposer: address): nonpayable
///
/// REWARDS: constant(address) = 0x0000000000000000000000000000000000000401
///
/// @external
/// @view
/// def proposerShare() -> uint256:
///     a: uint64 = 0
///     b: uint64 = 0
///     c: uint64 = 0
///     a, b, c = staticcall Rewards(REWARDS).split()
///     return staticcall Rewards(REWARDS).blockReward() * convert(a, uint256) // 100
///
/// @external
/// @view
/// def minted(height: uint64) -> uint256:
///     return staticcall Rewards(REWARDS).minted(height)
///
/// @external
/// def steal():
///     extcall Rewards(REWARDS).distribute(msg.sender)
/// ```
struct `A contract of Vyper` {
    static let address = Address(Bytes(repeating: 0xdd, count: 20))
    static let code = """
        5f3560e01c60026001821660011b61019901601e395f51565b637000243581186100f957346101955760603660403763\
        f765417660a052606060a0600460bc6104015afa61004f573d5f5f3e3d5ffd5b3d606081183d60601002188060a00161\
        0100116101955760a0518060401c610195576101205260c0518060401c610195576101405260e0518060401c61019557\
        61016052506101206060816101805e50606061018060405e630ac168a160a052602060a0600460bc6104015afa6100c8\
        573d5f5f3e3d5ffd5b60203d106101955760a05160405180820281158383830414171561019557905090506064810490\
        5060e052602060e0f35b63cf7a896581186101915734610195576363453ae1604052336060526104013b15610195575f\
        60406024605c5f6104015af1610137573d5f5f3e3d5ffd5b005b630b32d16e8118610191576024361034176101955760\
        04358060401c610195576040526020630b32d16e606052604051608052602060606024607c6104015afa610185573d5f\
        5f3e3d5ffd5b60203d10610195576060f35b5f5ffd5b5f80fd01390018
        """

    private let rules = ChainRules(chainID: 1, pocFund: .zero, kirFund: .zero)

    private func call(_ signature: String, _ values: [ABIValue] = [], hasCode: Bool = true) throws -> Ending {
        var state = PlainState()
        state.put(Self.address, code: try Bytes(hex: "0x" + Self.code))
        if hasCode { state.put(SystemAddress.rewards, code: SystemAddress.nativeCode) }
        var journal = Journal(state)
        return try journal.call(
            Self.address, Notebook.data(signature, values), natives: SystemContracts.contracts(under: rules))
    }

    @Test
    func `reads what the rewards contract answers`() throws {
        #expect(
            try call("proposerShare()").output == ABIValue.encode([.uint(3_264_000_000_000_000_000)]))
        #expect(
            try call("minted(uint64)", [.uint(10)]).output == ABIValue.encode([.uint(UInt256(10) * rules.blockReward)]))
    }

    @Test
    func `passes on why it was refused`() throws {
        let ending = try call("steal()")
        #expect(ending.status == .reverted)
        #expect(RevertReason(ending.output) == .error("Rewards: only the chain itself distributes"))
    }

    /// Its compiler, like solc, asks `extcodesize` before it calls a function that returns nothing.
    @Test
    func `would not call a native contract that had no code in the state`() throws {
        let ending = try call("steal()", hasCode: false)
        #expect(ending.status == .reverted)
        #expect(ending.output.isEmpty)
    }
}
