import EVM
import Primitives
import Testing

@testable import EthereumChain

/// The figures are those of execution-specs.
struct BlobGasTests {
    @Test(
        arguments: [
            (0, 1), (2_314_057, 1), (2_314_058, 2), (50_000_000, 3_194_333), (100_000_000, 10_203_769_476_395),
        ] as [(Gas, UInt64)])
    func `the blob base fee of Cancun is e to the excess`(excess: Gas, fee: UInt64) {
        #expect(blobBaseFee(excessBlobGas: excess, under: .cancun) == UInt256(fee))
    }

    @Test(
        arguments: [
            (0, 1), (2_314_058, 1), (50_000_000, 21_689), (100_000_000, 470_442_149),
            (200_000_000, 221_315_816_840_568_244),
        ] as [(Gas, UInt64)])
    func `the blob base fee of Prague rises more slowly`(excess: Gas, fee: UInt64) {
        #expect(blobBaseFee(excessBlobGas: excess, under: .prague) == UInt256(fee))
    }

    @Test func `a blob base fee beyond 256 bits is the highest there is`() {
        #expect(blobBaseFee(excessBlobGas: .max, under: .cancun) == .max)
    }

    struct Parent: Sendable, CustomTestStringConvertible {
        let excess: Gas
        let used: Gas
        let baseFee: UInt64
        let cancun: Gas
        let prague: Gas
        let osaka: Gas

        var testDescription: String { "excess \(excess), used \(used), base fee \(baseFee)" }
    }

    static let parents = [
        Parent(excess: 0, used: 0, baseFee: 7, cancun: 0, prague: 0, osaka: 0),
        Parent(excess: 0, used: 393_216, baseFee: 7, cancun: 0, prague: 0, osaka: 0),
        Parent(excess: 131_072, used: 393_216, baseFee: 7, cancun: 131_072, prague: 0, osaka: 0),
        Parent(excess: 262_144, used: 786_432, baseFee: 7, cancun: 655_360, prague: 262_144, osaka: 262_144),
        Parent(
            excess: 524_288, used: 786_432, baseFee: 1_000_000_000, cancun: 917_504, prague: 524_288, osaka: 786_432),
        Parent(
            excess: 1_179_648, used: 131_072, baseFee: 1_000_000_000, cancun: 917_504, prague: 524_288,
            osaka: 1_223_338),
        // EIP-7918's reserve price starts above sixteen times the blob base fee.
        Parent(excess: 0, used: 786_432, baseFee: 16, cancun: 393_216, prague: 0, osaka: 0),
        Parent(excess: 0, used: 786_432, baseFee: 17, cancun: 393_216, prague: 0, osaka: 262_144),
    ]

    @Test(arguments: parents)
    func `the excess follows target and reserve price of each fork`(parent: Parent) {
        let header = EthereumHeader(
            parentHash: .zero, stateRoot: .zero, number: 1, gasLimit: 30_000_000, timestamp: 12,
            baseFeePerGas: UInt256(parent.baseFee), blobGasUsed: parent.used, excessBlobGas: parent.excess)
        func excess(_ fork: Fork, _ blobs: BlobSchedule) -> Gas {
            excessBlobGas(after: header, under: EthereumRules.Phase(activation: 0, fork: fork, blobs: blobs))
        }
        #expect(excess(.cancun, .cancun) == parent.cancun)
        #expect(excess(.prague, .prague) == parent.prague)
        #expect(excess(.osaka, .prague) == parent.osaka)
    }

    @Test func `the first block with blobs has no excess`() {
        let header = EthereumHeader(
            parentHash: .zero, stateRoot: .zero, number: 1, gasLimit: 30_000_000, timestamp: 12, baseFeePerGas: 7,
            blobGasUsed: nil)
        #expect(
            excessBlobGas(after: header, under: EthereumRules.Phase(activation: 0, fork: .cancun, blobs: .cancun)) == 0)
    }
}
