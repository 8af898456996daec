import Primitives
import Testing

@testable import EVM

/// Rules before Cancun, by the EIPs that made them. The chain that tests/conversations imports runs through all.
struct EarlyForkTests {
    /// The examples of EIP-1283 and EIP-2200: what a program of SSTOREs to slot 0 costs and gives back, in a slot that
    /// held `original`.
    struct Stores: Sendable {
        let original: UInt64
        let values: [UInt64]
        /// Gas of the program and its refund by EIP-1283.
        let constantinople: (gas: Int64, refund: Int64)
        /// The same by EIP-2200.
        let istanbul: (gas: Int64, refund: Int64)

        static let all = [
            Stores(original: 0, values: [0, 0], constantinople: (412, 0), istanbul: (1_612, 0)),
            Stores(original: 0, values: [0, 1], constantinople: (20_212, 0), istanbul: (20_812, 0)),
            Stores(original: 0, values: [1, 0], constantinople: (20_212, 19_800), istanbul: (20_812, 19_200)),
            Stores(original: 1, values: [0, 0], constantinople: (5_212, 15_000), istanbul: (5_812, 15_000)),
            Stores(original: 1, values: [0, 1], constantinople: (5_212, 4_800), istanbul: (5_812, 4_200)),
            Stores(original: 1, values: [2, 0], constantinople: (5_212, 15_000), istanbul: (5_812, 15_000)),
            Stores(original: 1, values: [2, 3], constantinople: (5_212, 0), istanbul: (5_812, 0)),
            Stores(original: 1, values: [1, 0], constantinople: (5_212, 15_000), istanbul: (5_812, 15_000)),
        ]
    }

    @Test(arguments: Stores.all)
    func `writes to storage are counted net at Constantinople and Istanbul`(stores: Stores) {
        for (fork, figures) in [(Fork.constantinople, stores.constantinople), (.istanbul, stores.istanbul)] {
            let original = UInt256(stores.original)
            var current = original
            // Two pushes before each SSTORE.
            var (gas, refund): (Int64, Int64) = (Int64(6 * stores.values.count), 0)
            for value in stores.values {
                let new = UInt256(value)
                gas += EarlyStore.cost(atStart: original, current: current, new: new, fork)
                refund += EarlyStore.refund(atStart: original, current: current, new: new, fork)
                current = new
            }
            #expect(gas == figures.gas && refund == figures.refund, "\(fork)")
        }
    }

    @Test(arguments: [Fork.homestead, .byzantium, .petersburg])
    func `elsewhere a write costs by what it finds and leaves alone`(fork: Fork) {
        for (current, new, cost, refund) in [
            (0, 1, 20_000, 0), (1, 0, 5_000, 15_000), (1, 2, 5_000, 0), (0, 0, 5_000, 0),
        ]
            as [(UInt64, UInt64, Int64, Int64)]
        {
            let (current, new) = (UInt256(current), UInt256(new))
            #expect(EarlyStore.cost(atStart: 7, current: current, new: new, fork) == cost)
            #expect(EarlyStore.refund(atStart: 7, current: current, new: new, fork) == refund)
        }
    }

    @Test func `an opcode exists from its fork on and costs what its fork says`() {
        func rule(_ opcode: Int, _ fork: Fork) -> OpcodeRule { unsafe OpcodeRules.of(fork).rules[opcode] }
        for (opcode, first) in [
            (0xfd, Fork.byzantium), (0xfa, .byzantium), (0x3d, .byzantium), (0x1b, .constantinople),
            (0xf5, .constantinople), (0x46, .istanbul), (0x48, .london), (0x5f, .shanghai), (0x5c, .cancun),
            (0x1e, .osaka),
        ] {
            for fork in Fork.allCases {
                #expect((rule(opcode, fork).needed == .max) == (fork < first), "\(opcode) at \(fork)")
            }
        }
        let balances = Fork.allCases.map { rule(0x31, $0).gas }
        #expect(balances == [20, 400, 400, 400, 400, 400, 700, 100, 100, 100, 100, 100, 100, 100])
        #expect(Fork.allCases.map { rule(0x54, $0).gas }.prefix(8) == [50, 200, 200, 200, 200, 200, 800, 100])
        #expect(Fork.allCases.sorted() == Fork.allCases)
    }

    /// The example of EIP-198: 3 to the power 2^256 − 2^32 − 978 modulo the prime of secp256k1.
    @Test func `modexp costs by EIP-198 before Berlin`() {
        let prime = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
        let exponent = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e"
        let lengths = [1, 32, 32].map { String(repeating: "0", count: 62) + ($0 == 1 ? "01" : "20") }.joined()
        guard let input = try? Bytes(hex: "0x" + lengths + "03" + exponent + prime) else {
            Issue.record("no input")
            return
        }
        let address = Address(word0: 0, word1: 0, word2: 5)
        guard case .success(let gas, _) = Precompiles.call(address, input, gas: .max, fork: .byzantium) else {
            Issue.record("modexp failed")
            return
        }
        #expect(gas == 13_056)
        #expect(Precompiles.call(address, input, gas: .max, fork: .homestead) == nil)
    }
}
