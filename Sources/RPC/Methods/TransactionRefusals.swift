import Chain

extension TransactionError {
    /// The refusal in geth's words, which libraries look for.
    var gethMessage: String {
        switch self {
        case .unknownKind, .blobSidecar, .kindNotAllowed: "transaction type not supported"
        case .signatureOutOfRange, .highS, .unrecoverable, .invalidV, .invalidParity:
            "invalid sender: invalid transaction v, r, s values"
        case .wrongChain(let expected, let found):
            "invalid sender: invalid chain id for signer: have \(found) want \(expected)"
        case .gasLimitTooHigh(let limit, let found): "transaction gas limit too high (cap: \(limit), tx: \(found))"
        case .nonceTooHigh: "nonce has max value"
        case .initCodeTooLarge(let limit, let found): "max initcode size exceeded: code size \(found), limit \(limit)"
        case .intrinsicGas(let required, let limit): "intrinsic gas too low: gas \(limit), minimum needed \(required)"
        case .floorGas(let required, let limit):
            "insufficient gas for floor data gas cost: gas \(limit), minimum needed \(required)"
        case .tipAboveFeeCap(let tip, let feeCap):
            "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: \(tip), "
                + "maxFeePerGas: \(feeCap)"
        case .costOverflow: "insufficient funds for gas * price + value"
        case .noAuthorizations: "EIP-7702 transaction with empty auth list"
        case .tooLarge(let limit, let found): "oversized data: transaction size \(found), limit \(limit)"
        case .empty: "typed transaction too short"
        case .encoding(let error): "rlp: \(error)"
        case .chainIDTooLarge, .missingRecipient: "\(self)"
        }
    }
}
