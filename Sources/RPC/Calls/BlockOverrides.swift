import Chain
import EVM
import EthereumChain
import Primitives

/// What a caller wants supposed about the block that a call runs in: geth's block overrides. What is nil stays as it
/// is.
struct BlockOverrides {
    var number: Height?
    let difficulty: UInt256?
    /// Seconds since 1970.
    var time: UInt64?
    let gasLimit: Gas?
    let feeRecipient: Address?
    let prevRandao: Hash32?
    let baseFeePerGas: UInt256?
    let blobBaseFee: UInt256?
    /// For simulated blocks only, like the next one.
    let beaconRoot: Hash32?
    let withdrawals: [Withdrawal]?

    static let none: BlockOverrides = BlockOverrides()

    private init() {
        (number, difficulty, time, gasLimit, feeRecipient) = (nil, nil, nil, nil, nil)
        (prevRandao, baseFeePerGas, blobBaseFee, beaconRoot, withdrawals) = (nil, nil, nil, nil, nil)
    }

    init(_ argument: JSONValue) throws(ArgumentError) {
        let object = try objectArgument(argument)
        number = try member(object, "number", quantityArgument)
        difficulty = try member(object, "difficulty", wideQuantityArgument)
        time = try member(object, "time", quantityArgument)
        gasLimit = try member(object, "gasLimit", quantityArgument)
        feeRecipient = try member(object, "feeRecipient", addressArgument)
        prevRandao = try member(object, "prevRandao", hashArgument)
        baseFeePerGas = try member(object, "baseFeePerGas", wideQuantityArgument)
        blobBaseFee = try member(object, "blobBaseFee", wideQuantityArgument)
        beaconRoot = try member(object, "beaconRoot", hashArgument)
        withdrawals = try optionalElements(object, "withdrawals", withdrawalArgument)
    }

    /// `header` with what is supposed; a blob base fee is no part of it.
    func applied(to header: EthereumHeader) -> EthereumHeader {
        var header = header
        if let number { header.number = number }
        if let difficulty { header.difficulty = difficulty }
        if let time { header.timestamp = time }
        if let gasLimit { header.gasLimit = gasLimit }
        if let feeRecipient { header.beneficiary = feeRecipient }
        if let prevRandao { header.prevRandao = prevRandao }
        if let baseFeePerGas { header.baseFeePerGas = baseFeePerGas }
        if let beaconRoot { header.parentBeaconBlockRoot = beaconRoot }
        return header
    }

    /// The overrides for a single call, which begins and ends no block.
    func checkedForCall() throws(RPCError) -> BlockOverrides {
        for (name, isThere) in [("beaconRoot", beaconRoot != nil), ("withdrawals", withdrawals != nil)] where isThere {
            throw .server("block override \"\(name)\" is not supported for this RPC method")
        }
        return self
    }
}

func withdrawalArgument(_ value: JSONValue) throws(ArgumentError) -> Withdrawal {
    Withdrawal(
        index: try required(value, "index", quantityArgument),
        validatorIndex: try required(value, "validatorIndex", quantityArgument),
        address: try required(value, "address", addressArgument),
        amount: try required(value, "amount", quantityArgument))
}
