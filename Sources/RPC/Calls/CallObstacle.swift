import Chain
import Crypto
import EVM
import Primitives
import Validation

/// Why a call cannot begin, in geth's words.
struct CallObstacle {
    enum Kind {
        case nonceTooLow
        case nonceTooHigh
        case nonceMax
        case feeCap
        case intrinsicGas
        case funds
        case initCode
    }

    let kind: Kind
    let message: String

    /// As geth tells it of a call that was given `gas`.
    func told(gas: Gas) -> String { "err: \(message) (supplied gas \(gas))" }
}

extension Transaction.Content {
    /// What keeps this from beginning with its gas limit in `block`; nil where nothing does.
    ///
    /// Where no price is named none is asked for, unless `isValidated` says that all is to be as in a block.
    ///
    /// - Parameter account: The account of `sender`.
    func obstacle(
        from sender: Address, _ account: Account?, in block: BlockEnvironment, isValidated: Bool
    ) -> CallObstacle? {
        let named = "address \(sender)"
        if isValidated, let obstacle = nonceObstacle(named, account?.nonce ?? 0) { return obstacle }
        if isValidated || !isUnpriced, let obstacle = feeObstacle(named, in: block, isValidated: isValidated) {
            return obstacle
        }
        let balance = account?.balance ?? 0
        let need = costMaxSaturating
        guard need <= balance else {
            return CallObstacle(
                kind: .funds,
                message: "insufficient funds for gas * price + value: \(named) have \(balance) want \(need)")
        }
        if to == nil, block.fork >= .shanghai, data.count > Transaction.initCodeBytesMax {
            return CallObstacle(
                kind: .initCode,
                message: "max initcode size exceeded: code size \(data.count), limit \(Transaction.initCodeBytesMax)")
        }
        let intrinsicGas = Transaction(self, signature: .nobodys).intrinsicGas(at: block.fork)
        guard gasLimit >= intrinsicGas else {
            return CallObstacle(
                kind: .intrinsicGas, message: "intrinsic gas too low: have \(gasLimit), want \(intrinsicGas)")
        }
        // EIP-7623
        guard block.fork < .prague || gasLimit >= floorGas else {
            return CallObstacle(
                kind: .intrinsicGas,
                message: "insufficient gas for floor data gas cost: have \(gasLimit), want \(floorGas)")
        }
        return nil
    }

    /// Whether nobody pays for gas.
    var isUnpriced: Bool { maxFeePerGas.isZero && maxPriorityFeePerGas.isZero }

    private func nonceObstacle(_ named: String, _ expected: UInt64) -> CallObstacle? {
        let found = "\(named), tx: \(nonce) state: \(expected)"
        if nonce < expected { return CallObstacle(kind: .nonceTooLow, message: "nonce too low: \(found)") }
        if nonce > expected { return CallObstacle(kind: .nonceTooHigh, message: "nonce too high: \(found)") }
        // EIP-2681
        guard nonce == .max else { return nil }
        return CallObstacle(kind: .nonceMax, message: "nonce has max value: \(named), nonce: \(nonce)")
    }

    private func feeObstacle(_ named: String, in block: BlockEnvironment, isValidated: Bool) -> CallObstacle? {
        guard maxPriorityFeePerGas <= maxFeePerGas else {
            return CallObstacle(
                kind: .feeCap,
                message: "max priority fee per gas higher than max fee per gas: \(named), "
                    + "maxPriorityFeePerGas: \(maxPriorityFeePerGas), maxFeePerGas: \(maxFeePerGas)")
        }
        guard maxFeePerGas >= block.baseFeePerGas else {
            return CallObstacle(
                kind: .feeCap,
                message: "max fee per gas less than block base fee: \(named), "
                    + "maxFeePerGas: \(maxFeePerGas), baseFee: \(block.baseFeePerGas)")
        }
        guard kind == .blob, isValidated || !maxFeePerBlobGas.isZero, maxFeePerBlobGas < block.blobBaseFee else {
            return nil
        }
        return CallObstacle(
            kind: .feeCap,
            message: "max fee per blob gas less than block blob gas fee: \(named), "
                + "blobGasFeeCap: \(maxFeePerBlobGas), blobBaseFee: \(block.blobBaseFee)")
    }

    /// The most that the sender pays: gas, value and blobs.
    private var costMaxSaturating: UInt256 {
        func product(_ price: UInt256, _ gas: Gas) -> UInt256 {
            let (product, overflow) = price.multipliedReportingOverflow(by: UInt256(gas))
            return overflow ? .max : product
        }
        func sum(_ left: UInt256, _ right: UInt256) -> UInt256 {
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? .max : sum
        }
        let blobGas = Gas(blobVersionedHashes.count) * GasSchedule.blob
        return sum(sum(product(maxFeePerGas, gasLimit), value), product(maxFeePerBlobGas, blobGas))
    }
}
