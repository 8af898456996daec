import Chain
import EVM
public import Primitives

/// The rules of a header by itself and against its parent (Yellow Paper, section 4.3.4, as changed by EIP-1559,
/// EIP-3675, EIP-4844 and EIP-7918).
///
/// - Throws: The first rule that it breaks.
public func checkHeader(
    _ header: EthereumHeader, after parent: EthereumHeader, under rules: EthereumRules
) throws(EthereumFault) {
    let phase = rules.phase(of: header)
    try require(.parentHash, header.parentHash, is: parent.hash)
    let (number, overflow) = parent.number.addingReportingOverflow(1)
    try require(.number, !overflow && header.number == number, expected: "\(number)", found: "\(header.number)")
    try require(
        .timestamp, header.timestamp > parent.timestamp, expected: "above \(parent.timestamp)",
        found: "\(header.timestamp)")
    try checkGas(header, after: parent)
    try require(
        .extraData, header.extraData.count <= EthereumRules.extraDataBytesMax,
        expected: "at most \(EthereumRules.extraDataBytesMax) bytes", found: "\(header.extraData.count)")
    try require(.difficulty, header.difficulty, is: 0)
    try require(.nonce, header.nonce, is: 0)
    try require(.ommersHash, header.ommersHash, is: Header.emptyOmmersHash)
    try checkForkFields(header, phase)
    try require(.excessBlobGas, header.excessBlobGas ?? 0, is: excessBlobGas(after: parent, under: phase))
}

private func checkGas(_ header: EthereumHeader, after parent: EthereumHeader) throws(EthereumFault) {
    let bound = parent.gasLimit / EthereumRules.gasLimitBoundDivisor
    let change =
        header.gasLimit > parent.gasLimit ? header.gasLimit - parent.gasLimit : parent.gasLimit - header.gasLimit
    try require(
        .gasLimit, change < bound, expected: "less than \(bound) from \(parent.gasLimit)", found: "\(header.gasLimit)")
    try require(
        .gasLimit, header.gasLimit >= EthereumRules.gasLimitMin, expected: "at least \(EthereumRules.gasLimitMin)",
        found: "\(header.gasLimit)")
    try require(
        .gasUsed, header.gasUsed <= header.gasLimit, expected: "at most \(header.gasLimit)", found: "\(header.gasUsed)")
    try require(.baseFee, header.baseFee, is: baseFee(after: parent))
}

/// Which of the fields at the header's end its fork has.
private func checkForkFields(_ header: EthereumHeader, _ phase: EthereumRules.Phase) throws(EthereumFault) {
    func require(_ name: String, _ isPresent: Bool, _ isExpected: Bool) throws(EthereumFault) {
        guard isPresent != isExpected else { return }
        throw EthereumFault(
            .forkFields, expected: "\(isExpected ? "a" : "no") field \(name) at \(phase.fork.rawValue)",
            found: isPresent ? "one" : "none")
    }
    try require("baseFeePerGas", header.baseFeePerGas != nil, true)
    try require("withdrawalsRoot", header.withdrawalsRoot != nil, true)
    try require("blobGasUsed", header.blobGasUsed != nil, true)
    try require("excessBlobGas", header.excessBlobGas != nil, true)
    try require("parentBeaconBlockRoot", header.parentBeaconBlockRoot != nil, true)
    try require("requestsHash", header.requestsHash != nil, phase.fork >= .prague)
}

/// The base fee of the child of `parent`, in wei per gas (EIP-1559). It stops at 2²⁵⁶ − 1.
public func baseFee(after parent: EthereumHeader) -> UInt256 {
    let target = parent.gasLimit / EthereumRules.elasticity
    guard target > 0, parent.gasUsed != target else { return parent.baseFee }
    let distance = parent.gasUsed > target ? parent.gasUsed - target : target - parent.gasUsed
    let change =
        parent.baseFee.saturatingTimes(distance) / UInt256(target) / EthereumRules.baseFeeChangeDenominator
    guard parent.gasUsed > target else { return parent.baseFee - change }
    let (sum, overflow) = parent.baseFee.addingReportingOverflow(max(change, 1))
    return overflow ? .max : sum
}
