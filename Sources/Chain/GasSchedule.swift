public import Primitives

/// What a transaction costs before it runs, at the Osaka fork.
public enum GasSchedule {
    /// Yellow Paper, G_transaction.
    public static let transaction: Gas = 21_000
    /// Yellow Paper, G_txcreate (EIP-2).
    public static let creation: Gas = 32_000
    /// A zero byte of data is one token, another four (EIP-7623).
    public static let tokensPerNonZeroByte: Gas = 4
    /// EIP-2028 and before: 4 gas a zero byte, 16 another.
    public static let dataToken: Gas = 4
    /// What a token costs at least, whatever else runs (EIP-7623).
    public static let dataTokenFloor: Gas = 10
    /// EIP-2930
    public static let accessListAddress: Gas = 2_400
    public static let accessListStorageKey: Gas = 1_900
    /// Each begun 32 bytes of initcode (EIP-3860).
    public static let initCodeWord: Gas = 2
    /// Each authorization, as if its account were empty (EIP-7702).
    public static let authorization: Gas = 25_000
    /// What is given back of that where the account was there already (EIP-7702).
    public static let authorizationRefund: Gas = 12_500
    /// Each blob (EIP-4844), in blob gas.
    public static let blob: Gas = 1 << 17
}

extension Transaction.Content {
    private var dataTokens: Gas {
        var zeros = 0
        for byte in data where byte == 0 { zeros += 1 }
        return Gas(zeros) + Gas(data.count - zeros) * GasSchedule.tokensPerNonZeroByte
    }

    /// What the transaction costs before its first opcode. It counts the data anew at each call.
    public var intrinsicGas: Gas {
        var gas = GasSchedule.transaction + dataTokens * GasSchedule.dataToken
        if to == nil {
            gas += GasSchedule.creation + Gas((data.count + 31) / 32) * GasSchedule.initCodeWord
        }
        for entry in accessList {
            gas += GasSchedule.accessListAddress
            gas += Gas(entry.storageKeys.count) * GasSchedule.accessListStorageKey
        }
        return gas + Gas(authorizations.count) * GasSchedule.authorization
    }

    /// The least that the transaction is charged, by its data alone (EIP-7623). The gas limit must cover it too.
    public var floorGas: Gas {
        GasSchedule.transaction + dataTokens * GasSchedule.dataTokenFloor
    }
}

extension Transaction {
    /// What the transaction costs before its first opcode. It counts the data anew at each call.
    public var intrinsicGas: Gas { content.intrinsicGas }

    /// The least that the transaction is charged, by its data alone (EIP-7623). The gas limit must cover it too.
    public var floorGas: Gas { content.floorGas }
}
