public import Chain
import Crypto
public import Primitives

/// The rules that a header must keep by itself, given its extension and those who may propose it.
///
/// - Parameters:
///   - committee: The committee of the header's height.
///   - council: The council that seals the header's height.
/// - Throws: `extraData`, `fixedFields`, `nextCouncil`, `timestamp`, `gasUsed` or `proposer`.
public func checkHeader(
    _ header: Header, _ blockExtension: BlockExtension, committee: Committee, council: Council, round: RoundBound,
    conduct: Conduct = .honest
) throws(BlockFault) {
    try conduct.require(
        .extraData, header.extraData == blockExtension.hash.bytes, expected: "\(blockExtension.hash)",
        found: header.extraData.hex)
    try checkFixedFields(header, blockExtension, conduct: conduct)
    // Members come and go by the Council contract; until it exists, the council of a height seals the next one too.
    try conduct.require(.nextCouncil, blockExtension.nextCouncilHash, is: council.hash)
    try conduct.require(
        .timestamp, header.timestamp == blockExtension.timestampMilliseconds / 1_000,
        expected: "\(blockExtension.timestampMilliseconds / 1_000) s, the extension's milliseconds in seconds",
        found: "\(header.timestamp) s")
    try conduct.require(
        .gasUsed, header.gasUsed <= header.gasLimit, expected: "at most \(header.gasLimit)", found: "\(header.gasUsed)")
    try checkProposer(header, committee: committee, round: round, conduct: conduct)
}

/// The rules between a header and its parent.
///
/// - Throws: `parentHash`, `number`, `timestamp`, `gasLimit` or `baseFee`.
public func checkHeader(
    _ header: Header, _ blockExtension: BlockExtension, after parent: Header, _ parentExtension: BlockExtension,
    parentHash: Hash32, under rules: ChainRules, conduct: Conduct = .honest
) throws(BlockFault) {
    try conduct.require(.parentHash, header.parentHash, is: parentHash)
    let (number, overflow) = parent.number.addingReportingOverflow(1)
    try conduct.require(
        .number, header.number == number && !overflow, expected: "\(number)", found: "\(header.number)")
    try conduct.require(
        .timestamp, blockExtension.timestampMilliseconds > parentExtension.timestampMilliseconds,
        expected: "above \(parentExtension.timestampMilliseconds) ms",
        found: "\(blockExtension.timestampMilliseconds) ms")
    try checkGasLimit(header, after: parent, under: rules, conduct: conduct)
    try conduct.require(.baseFee, header.baseFeePerGas, is: baseFee(after: parent, under: rules))
}

/// Yellow Paper, section 4.3.4: the gas limit moves by less than one part in `gasLimitBoundDivisor`.
private func checkGasLimit(
    _ header: Header, after parent: Header, under rules: ChainRules, conduct: Conduct
) throws(BlockFault) {
    let bound = parent.gasLimit / rules.gasLimitBoundDivisor
    let change = header.gasLimit.distance(from: parent.gasLimit)
    try conduct.require(
        .gasLimit, change < bound || change == 0, expected: "less than \(bound) from \(parent.gasLimit)",
        found: "\(header.gasLimit)")
    try conduct.require(
        .gasLimit, header.gasLimit >= rules.gasLimitMin, expected: "at least \(rules.gasLimitMin)",
        found: "\(header.gasLimit)")
}

private func checkFixedFields(
    _ header: Header, _ blockExtension: BlockExtension, conduct: Conduct
) throws(BlockFault) {
    func require<Value: Equatable>(_ name: String, _ found: Value, _ expected: Value) throws(BlockFault) {
        try conduct.require(
            .fixedFields, found == expected, expected: "\(name) \(expected)", found: "\(found)")
    }
    try require("difficulty", header.difficulty, 0)
    try require("nonce", header.nonce, 0)
    try require("ommersHash", header.ommersHash, Header.emptyOmmersHash)
    try require("withdrawalsRoot", header.withdrawalsRoot, Header.emptyTrieRoot)
    try require("blobGasUsed", header.blobGasUsed, 0)
    try require("excessBlobGas", header.excessBlobGas, 0)
    try require("parentBeaconBlockRoot", header.parentBeaconBlockRoot, .zero)
    try require("requestsHash", header.requestsHash, Header.emptyRequestsHash)
    try require("prevRandao", header.prevRandao, prevRandao(parentHash: header.parentHash, number: header.number))
    try require("extension version", blockExtension.version, BlockExtension.currentVersion)
}

/// The block pays the proposer of the round in which it was first proposed, and that round is not above the bound.
private func checkProposer(
    _ header: Header, committee: Committee, round: RoundBound, conduct: Conduct
) throws(BlockFault) {
    let latest = round.round
    var first: UInt64 = 0
    if case .proposedFresh = round { first = latest }
    // Proposers rotate, so the rounds repeat themselves after one turn.
    let turns = min(latest - first, UInt64(committee.count - 1))
    var isProposer = false
    for turn in 0...turns {
        let proposer = committee.proposer(height: header.number, round: latest - turn)
        if proposer.rewardAddress == header.beneficiary { isProposer = true }
    }
    let expected = committee.proposer(height: header.number, round: latest).rewardAddress
    try conduct.require(
        .proposer, isProposer,
        expected: first == latest
            ? "beneficiary \(expected), of round \(latest)"
            : "beneficiary \(expected), of round \(latest), or that of an earlier round",
        found: "\(header.beneficiary)")
}

/// The base fee of the child of `parent`, in peb per gas (EIP-1559).
///
/// It stops at 2²⁵⁶ − 1, which only an absurd genesis can reach.
public func baseFee(after parent: Header, under rules: ChainRules) -> UInt256 {
    baseFee(after: parent.baseFeePerGas, gasUsed: parent.gasUsed, gasLimit: parent.gasLimit, under: rules)
}

/// The base fee after a block with the base fee `fee` that has used `gasUsed` of its `gasLimit`, in peb per gas.
public func baseFee(after fee: UInt256, gasUsed: Gas, gasLimit: Gas, under rules: ChainRules) -> UInt256 {
    let target = gasLimit / rules.elasticity
    guard target > 0, gasUsed != target else { return fee }
    let distance = UInt256(gasUsed.distance(from: target))
    let (product, overflow) = fee.multipliedReportingOverflow(by: distance)
    let change = (overflow ? .max : product) / UInt256(target) / UInt256(rules.baseFeeChangeDenominator)
    if gasUsed > target {
        let (sum, overflow) = fee.addingReportingOverflow(max(change, 1))
        return overflow ? .max : sum
    }
    return change > fee ? 0 : fee - change
}

/// What PREVRANDAO reads in a block (EIP-4399): keccak(parentHash ‖ number as eight bytes).
///
/// Nobody draws lots here and proposers must not choose it; so it is a fixed function that differs in every block.
/// Contracts must not take it for randomness: whoever seals the parent can compute it.
public func prevRandao(parentHash: Hash32, number: Height) -> Hash32 {
    keccak256(parentHash.bytes + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
}

extension UInt64 {
    func distance(from other: UInt64) -> UInt64 {
        self > other ? self - other : other - self
    }
}
