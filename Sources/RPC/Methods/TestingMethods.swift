import Chain
import EVM
import EthereumChain
import Primitives
import Validation

/// testing_buildBlockV1: the block that given transactions would make after any block. The chain stays as it is.
///
/// Of execution-apis, for tests of clients; only imported chains have it, which are there for tests alone.
func testingMethods(_ context: RPCContext, under rules: EthereumRules) -> [RPCMethod] {
    [
        RPCMethod(
            "testing_buildBlockV1", "Builds a block of the given transactions after a block, as an execution payload.",
            [
                .required("parentBlockHash", .hash), .required("payloadAttributes", .payloadAttributes),
                .optional("transactions", .transactions), .optional("extraData", .data),
            ],
            result: "object: executionPayload, blockValue, blobsBundle, executionRequests, shouldOverrideBuilder",
            .asking { arguments, writer throws(RPCError) in
                guard let parent = try context.block(.hash(arguments.hash(0))) else { throw .server("unknown parent") }
                let attributes = try arguments.read(1, PayloadAttributes.init)
                let envelopes = try arguments.readOptional(2, transactionsArgument)
                let extraData = try arguments.readOptional(3, dataArgument) ?? []
                guard extraData.count <= EthereumRules.extraDataBytesMax else {
                    throw .server(
                        "extra data exceeds max length. \(extraData.count) > \(EthereumRules.extraDataBytesMax)")
                }
                let header = try context.header(after: parent, attributes, extraData, rules)
                var building = BlockBuilding(
                    header,
                    on: CallState(
                        context.chain, at: parent.header.number, until: .now + context.limits.callTimeout),
                    under: rules, limits: context.limits)
                let waiting = envelopes == nil ? await context.node.poolContent(of: nil) : []
                writer.payload(try building.run(envelopes, orBest: waiting, withdrawals: attributes.withdrawals))
            })
    ]
}

/// What the beacon chain decides of a block (engine API, PayloadAttributesV3).
private struct PayloadAttributes {
    let timestamp: UInt64
    let prevRandao: Hash32
    let feeRecipient: Address
    let withdrawals: [Withdrawal]?
    let beaconRoot: Hash32?

    init(_ argument: JSONValue) throws(ArgumentError) {
        let object = try objectArgument(argument)
        timestamp = try required(argument, "timestamp", quantityArgument)
        prevRandao = try required(argument, "prevRandao", hashArgument)
        feeRecipient = try required(argument, "suggestedFeeRecipient", addressArgument)
        withdrawals = try optionalElements(object, "withdrawals", withdrawalArgument)
        beaconRoot = try member(object, "parentBeaconBlockRoot", hashArgument)
    }
}

private func transactionsArgument(_ value: JSONValue) throws(ArgumentError) -> [Bytes] {
    guard let elements = value.array else { throw ArgumentError("expected an array, found \(value.kind)") }
    var envelopes: [Bytes] = []
    for element in elements { envelopes.append(try dataArgument(element)) }
    return envelopes
}

/// The gas limit that blocks grow or shrink towards, as geth's miner has it.
private let gasLimitAim: Gas = 60_000_000

extension RPCContext {
    /// The header of the block to build, as far as it is known before.
    fileprivate func header(
        after parent: LoadedBlock, _ attributes: PayloadAttributes, _ extraData: Bytes, _ rules: EthereumRules
    ) throws(RPCError) -> EthereumHeader {
        guard attributes.timestamp > parent.header.timestamp else {
            throw .server("invalid timestamp: parent \(parent.header.timestamp), given \(attributes.timestamp)")
        }
        let step = max(parent.header.gasLimit / EthereumRules.gasLimitBoundDivisor, 1) - 1
        let limit = parent.header.gasLimit
        let phase = rules.phase(at: attributes.timestamp)
        guard phase.activation <= attributes.timestamp, phase.fork >= .cancun else {
            throw .server("blocks are built from Cancun on")
        }
        var header = EthereumHeader(
            parentHash: parent.hash, stateRoot: .zero, number: parent.header.number + 1,
            gasLimit: limit < gasLimitAim ? min(gasLimitAim, limit + step) : max(gasLimitAim, limit - step),
            timestamp: attributes.timestamp, baseFeePerGas: profile.baseFee(after: parent.header),
            excessBlobGas: excessBlobGas(after: parent.header, under: phase),
            parentBeaconBlockRoot: attributes.beaconRoot ?? .zero,
            requestsHash: phase.fork < .prague ? nil : Header.emptyRequestsHash)
        header.beneficiary = attributes.feeRecipient
        header.prevRandao = attributes.prevRandao
        header.extraData = extraData
        return header
    }
}
