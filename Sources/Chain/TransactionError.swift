public import Primitives

/// Why bytes are no transaction, or a transaction can run on no state of this chain.
public enum TransactionError: Error, Equatable, Sendable {
    // The envelope.
    case empty
    case tooLarge(limit: Int, found: Int)
    /// The first byte is neither a known type nor the start of a list.
    case unknownKind(UInt8)
    /// A blob transaction in its network form, with blobs, commitments and proofs.
    case blobSidecar
    case encoding(RLPError)
    case invalidV(UInt64)
    case invalidParity(UInt64)
    case chainIDTooLarge(UInt64)
    case missingRecipient(Transaction.Kind)

    // The signature.
    case signatureOutOfRange
    case highS
    case unrecoverable

    // The rules.
    case kindNotAllowed(Transaction.Kind)
    case wrongChain(expected: UInt64, found: UInt64)
    case gasLimitTooHigh(limit: Gas, found: Gas)
    case nonceTooHigh
    case initCodeTooLarge(limit: Int, found: Int)
    case intrinsicGas(required: Gas, limit: Gas)
    case floorGas(required: Gas, limit: Gas)
    case tipAboveFeeCap(tip: UInt256, feeCap: UInt256)
    case costOverflow
    case noAuthorizations
}

extension TransactionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "an empty transaction"
        case .tooLarge(let limit, let found): "a transaction of \(found) bytes; the limit is \(limit)"
        case .unknownKind(let byte): "transaction type \(byte) is not supported"
        case .blobSidecar: "a blob transaction with its sidecar; this chain carries no blobs"
        case .encoding(let error): "not the encoding of a transaction: \(error)"
        case .invalidV(let v): "v is \(v), neither 27 or 28 nor that of a chain (EIP-155)"
        case .invalidParity(let parity): "the signature's parity is \(parity), not 0 or 1"
        case .chainIDTooLarge(let chainID): "chain id \(chainID) is above \(Transaction.chainIDMax) (EIP-2294)"
        case .missingRecipient(let kind): "a \(kind) transaction must have a recipient"
        case .signatureOutOfRange: "r and s of the signature must be from 1 to the order of the curve"
        case .highS: "s of the signature is in the upper half (EIP-2)"
        case .unrecoverable: "no account has made this signature"
        case .kindNotAllowed(let kind): "\(kind) transactions are not accepted on this chain"
        case .wrongChain(let expected, let found): "signed for chain \(found), this is chain \(expected)"
        case .gasLimitTooHigh(let limit, let found): "gas limit \(found) is above \(limit) (EIP-7825)"
        case .nonceTooHigh: "the nonce is at its maximum (EIP-2681)"
        case .initCodeTooLarge(let limit, let found): "initcode of \(found) bytes; the limit is \(limit) (EIP-3860)"
        case .intrinsicGas(let required, let limit): "intrinsic gas is \(required), the gas limit \(limit)"
        case .floorGas(let required, let limit): "the data costs at least \(required) gas, the gas limit is \(limit)"
        case .tipAboveFeeCap(let tip, let feeCap): "max priority fee per gas \(tip) is above max fee per gas \(feeCap)"
        case .costOverflow: "gas limit times fee does not fit 256 bits"
        case .noAuthorizations: "a set-code transaction without authorizations"
        }
    }
}
