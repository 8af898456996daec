import Chain
import Primitives
import SampleChain
import Testing
import Validation

/// EIP-1559's rule, worked by hand from its formula.
struct `The base fee` {
    static let vectors: [(limit: Gas, used: Gas, fee: UInt256, next: UInt256)] = [
        (20_000_000, 10_000_000, 1_000_000_000, 1_000_000_000),
        (20_000_000, 9_000_000, 1_000_000_000, 987_500_000),
        (20_000_000, 11_000_000, 1_000_000_000, 1_012_500_000),
        (20_000_000, 20_000_000, 1_000_000_000, 1_125_000_000),
        (20_000_000, 0, 1_000_000_000, 875_000_000),
        (60_000_000, 0, 1_000_000_000, 875_000_000),
        (60_000_000, 21_000, 875_000_000, 765_701_563),
        // It rises by one at least, and stays where an eighth is less than one.
        (20_000_000, 10_000_001, 1, 2),
        (20_000_000, 20_000_000, 0, 1),
        (20_000_000, 0, 7, 7),
        (20_000_000, 0, 8, 7),
        (20_000_000, 0, 0, 0),
    ]

    @Test(arguments: vectors)
    func `follows the gas that the parent used`(limit: Gas, used: Gas, fee: UInt256, next: UInt256) throws {
        let rules = try SampleChain().rules
        let parent = Header(
            number: 1, gasLimit: limit, gasUsed: used, timestamp: 0, extraData: [], baseFeePerGas: fee)
        #expect(baseFee(after: parent, under: rules) == next)
    }

    @Test
    func `never overflows, however absurd the genesis`() throws {
        let rules = try SampleChain().rules
        var parent = Header(
            number: 0, gasLimit: 5_000, gasUsed: 5_000, timestamp: 0, extraData: [], baseFeePerGas: .max)
        #expect(baseFee(after: parent, under: rules) == .max)
        parent.gasUsed = 0
        #expect(baseFee(after: parent, under: rules) < .max)
        parent.gasLimit = 1
        #expect(baseFee(after: parent, under: rules) == .max)
    }

    @Test
    func `of an idle chain falls to seven`() throws {
        var chain = try SampleChain()
        for _ in 0..<180 { try chain.grow() }
        #expect(chain.head.header.baseFeePerGas == 7)
    }
}
