import Chain
import EVM
public import Primitives

/// What one blob gas costs where the excess is `excessBlobGas`, in wei (EIP-4844).
///
/// It is e to the power of excess over update fraction, in integers. A price beyond 2²⁵⁶ − 1 is given as that:
/// nobody can pay either.
public func blobBaseFee(excessBlobGas: Gas, under blobs: BlobSchedule) -> UInt256 {
    let fraction = UInt256(blobs.baseFeeUpdateFraction)
    var sum: UInt256 = 0
    // The next term of the series, times the fraction.
    var term = fraction
    var index: UInt256 = 1
    while !term.isZero {
        let (total, overflow) = sum.addingReportingOverflow(term)
        let (product, productOverflow) = term.multipliedReportingOverflow(by: UInt256(excessBlobGas))
        guard !overflow, !productOverflow else { return .max }
        sum = total
        term = product / (fraction * index)
        index += 1
    }
    return sum / fraction
}

/// The excess of blob gas that the child of `parent` has (EIP-4844, EIP-7691; EIP-7918 from Osaka on).
///
/// - Parameter phase: The rules of the child.
/// - Returns: In blob gas; 0 where the parent has no blobs yet. It stops at 2⁶⁴ − 1, which no chain reaches.
public func excessBlobGas(after parent: EthereumHeader, under phase: EthereumRules.Phase) -> Gas {
    let excess = parent.excessBlobGas ?? 0
    let used = parent.blobGasUsed ?? 0
    let (sum, overflow) = excess.addingReportingOverflow(used)
    let total = overflow ? Gas.max : sum
    let target = phase.blobs.target * GasSchedule.blob
    guard total >= target else { return 0 }
    if phase.fork >= .osaka {
        // EIP-7918: while the blobs' price is below what executing them costs, their fee does not steer. Then the
        // excess grows by the share above the target, and never shrinks.
        let price = blobBaseFee(excessBlobGas: excess, under: phase.blobs).saturatingTimes(GasSchedule.blob)
        let reserve = parent.baseFee.saturatingTimes(blobBaseCost)
        if reserve > price {
            let growth = UInt256(used) * UInt256(phase.blobs.max - phase.blobs.target) / UInt256(phase.blobs.max)
            let (grown, overflow) = excess.addingReportingOverflow(growth.asUInt64 ?? .max)
            return overflow ? .max : grown
        }
    }
    return total - target
}

/// What executing one blob costs at least, in gas (EIP-7918's BLOB_BASE_COST).
private let blobBaseCost: Gas = 1 << 13

extension UInt256 {
    func saturatingTimes(_ factor: UInt64) -> UInt256 {
        let (product, overflow) = multipliedReportingOverflow(by: UInt256(factor))
        return overflow ? .max : product
    }
}
