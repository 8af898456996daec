public import Primitives

// What opcodes cost and which exist at forks before Osaka. Only old blocks of Ethereum chains run by these: the table
// is made once for each fork, and what is asked while code runs is asked off the usual path.

/// The static price of an opcode from a fork on.
private struct Repricing {
    let opcode: Int
    let gas: Int32
    /// The first fork at which the price no longer holds.
    let until: Fork

    init(_ opcode: Int, _ gas: Int32, until: Fork) {
        (self.opcode, self.gas, self.until) = (opcode, gas, until)
    }

    /// The earliest price of an opcode stands first.
    static let all = [
        // EIP-150, EIP-1884, EIP-2929: BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SLOAD
        Repricing(0x31, 20, until: .tangerineWhistle), Repricing(0x31, 400, until: .istanbul),
        Repricing(0x31, 700, until: .berlin),
        Repricing(0x3b, 20, until: .tangerineWhistle), Repricing(0x3b, 700, until: .berlin),
        Repricing(0x3c, 20, until: .tangerineWhistle), Repricing(0x3c, 700, until: .berlin),
        Repricing(0x3f, 400, until: .istanbul), Repricing(0x3f, 700, until: .berlin),
        Repricing(0x54, 50, until: .tangerineWhistle), Repricing(0x54, 200, until: .istanbul),
        Repricing(0x54, 800, until: .berlin),
        // EIP-150: SELFDESTRUCT
        Repricing(0xff, 0, until: .tangerineWhistle),
    ]
}

/// Opcodes that came after Homestead, and with which fork.
private let arrivals: [(ClosedRange<Int>, Fork)] = [
    (0x3d...0x3e, .byzantium), (0xfa...0xfa, .byzantium), (0xfd...0xfd, .byzantium),  // EIP-211, EIP-214, EIP-140
    (0x1b...0x1d, .constantinople), (0x3f...0x3f, .constantinople), (0xf5...0xf5, .constantinople),  // EIP-145, 1052
    (0x46...0x47, .istanbul),  // EIP-1344, EIP-1884
    (0x48...0x48, .london),  // EIP-3198
    (0x5f...0x5f, .shanghai),  // EIP-3855
    (0x49...0x4a, .cancun), (0x5c...0x5e, .cancun),  // EIP-4844, EIP-7516, EIP-1153, EIP-5656
    (0x1e...0x1e, .osaka),  // EIP-7939
]

/// What the static price of `opcode` was at `fork`, or nil where it is that of Osaka.
func earlyPrice(of opcode: Int, at fork: Fork) -> Int32? {
    Repricing.all.first { $0.opcode == opcode && fork < $0.until }?.gas
}

/// Whether `opcode` exists at `fork`, given that it does at Osaka.
func exists(_ opcode: Int, at fork: Fork) -> Bool {
    !arrivals.contains { $0.0.contains(opcode) && fork < $0.1 }
}

extension Fork {
    /// A byte of EXP's exponent (EIP-160).
    @inline(__always)
    var exponentByteGas: Int64 { self < .spuriousDragon ? 10 : DynamicGas.exponentByte }

    /// A begun word of initcode, and its longest form (EIP-3860).
    var initCodeWordGas: Int64 { self < .shanghai ? 0 : DynamicGas.initCodeWord }
    var limitsInitCode: Bool { self >= .shanghai }

    /// What the four calls cost by themselves before accounts were warm or cold (EIP-150).
    var callGas: Int64 { self < .tangerineWhistle ? 40 : 700 }

    /// Whether a call and a creation keep a 64th of the gas back (EIP-150).
    var keepsGasBack: Bool { self >= .tangerineWhistle }

    /// Whether a contract begins with nonce 1, and what is empty and touched goes (EIP-161).
    public var clearsEmptyAccounts: Bool { self >= .spuriousDragon }

    /// What a contract gives back that destroys itself (EIP-3529 ended it).
    var selfDestructRefund: Int64 { self < .london ? 24_000 : 0 }

    /// Whether only a contract that came in the same transaction goes by SELFDESTRUCT (EIP-6780).
    var keepsOldContracts: Bool { self >= .cancun }

    /// The part of the gas used that refunds may reach: one in so many (EIP-3529).
    public var refundQuotient: Gas { self < .london ? 2 : 5 }
}

/// SSTORE before Berlin.
enum EarlyStore {
    private static let set: Int64 = 20_000
    private static let reset: Int64 = 5_000
    static let cleared: Int64 = 15_000

    /// What a write costs that does not reach the trie, where writes are counted net (EIP-1283, EIP-2200).
    private static func netGas(_ fork: Fork) -> Int64? {
        switch fork {
        case .constantinople: 200
        case .istanbul: 800
        default: nil
        }
    }

    static func cost(atStart: UInt256, current: UInt256, new: UInt256, _ fork: Fork) -> Int64 {
        guard let net = netGas(fork) else { return current.isZero && !new.isZero ? set : reset }
        guard current != new, current == atStart else { return net }
        return current.isZero ? set : reset
    }

    /// What the write gives back; negative where it takes back what was given.
    static func refund(atStart: UInt256, current: UInt256, new: UInt256, _ fork: Fork) -> Int64 {
        guard current != new else { return 0 }
        guard let net = netGas(fork) else { return !current.isZero && new.isZero ? cleared : 0 }
        var refund: Int64 = 0
        if !atStart.isZero {
            if current.isZero { refund -= cleared } else if new.isZero { refund += cleared }
        }
        if atStart == new, current != atStart { refund += (new.isZero ? set : reset) - net }
        return refund
    }
}
