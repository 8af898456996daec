import Chain
import Crypto
import Primitives

@testable import conformance

/// A state test of one transaction from a rich sender to 0xaa…aa, as upstream writes them.
struct SampleStateTest {
    static let recipient = Address(Bytes(repeating: 0xaa, count: 20))
    static let beneficiary = Address(Bytes(repeating: 0xbb, count: 20))
    /// keccak(rlp([])): of no logs.
    static let noLogs = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
    /// Wei that the sender has.
    static let balance: UInt256 = 1_000_000_000_000_000_000

    /// The recipient's; none makes it a transfer of one wei.
    var code: Bytes = []
    var gasLimit: Gas = 21_000
    var nonce: UInt64 = 0
    var fork = "Osaka"
    var exception: String?
    /// Instead of the right one, which is that after a plain transfer, or without any transaction.
    var root: String?

    func fields() throws -> FixtureObject {
        let key = try AccountKey(keccak256(Bytes("sender".utf8)))
        let transaction = Transaction.signed(
            Transaction.Content(
                kind: .legacy, chainID: nil, nonce: nonce, maxFeePerGas: 10, gasLimit: gasLimit,
                to: SampleStateTest.recipient, value: 1),
            by: key)
        var pre: FixtureObject = [key.address.hex: account(SampleStateTest.balance)]
        if !code.isEmpty { pre[SampleStateTest.recipient.hex] = ["nonce": "0x01", "code": code.hex] }
        let spent: UInt256 = 21_000 * 10 + 1
        let after: FixtureObject = [
            key.address.hex: account(SampleStateTest.balance - spent, nonce: 1),
            SampleStateTest.recipient.hex: account(1),
            // The base fee of seven is burned.
            SampleStateTest.beneficiary.hex: account(21_000 * 3),
        ]
        let expected = try TestWorld(exception == nil ? after : pre).computedRoot()
        var post: FixtureObject = [
            "hash": root ?? expected.hex, "logs": SampleStateTest.noLogs, "txbytes": transaction.envelope.hex,
            "indexes": ["data": 0, "gas": 0, "value": 0], "state": after,
        ]
        if let exception { post["expectException"] = exception }
        return [
            "env": [
                "currentCoinbase": SampleStateTest.beneficiary.hex, "currentGasLimit": "0x7fffffffffffffff",
                "currentNumber": "0x01", "currentTimestamp": "0x03e8", "currentBaseFee": "0x07",
            ],
            "pre": pre, "transaction": ["sender": key.address.hex], "post": [fork: [post]],
        ]
    }

    private func account(_ balance: UInt256, nonce: UInt64 = 0) -> FixtureObject {
        ["nonce": nonce.quantity, "balance": balance.quantity, "code": "0x", "storage": FixtureObject()]
    }
}
