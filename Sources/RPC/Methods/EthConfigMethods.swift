import Chain
import EVM
import EthereumChain
import Primitives

/// eth_config and eth_capabilities: which rules hold, and how far back answers go.
func ethConfigMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "eth_config", "The rules of this fork, the next and the last one that is planned (EIP-7910).",
            result: "object",
            .reading { _, writer throws(RPCError) in
                let genesis = try reading { () throws(ChainReadError) in try context.chain.hash(ofBlockAt: 0) }
                guard let genesis else { throw .internalError("the genesis is not there") }
                let plan = context.profile.forkPlan(at: try context.head().header, genesis: genesis)
                writer.object { writer in
                    writer.name("current")
                    writer.fork(plan.current, chainID: context.profile.chainID)
                    writer.name("next")
                    writer.forkOrNull(plan.next, chainID: context.profile.chainID)
                    writer.name("last")
                    writer.forkOrNull(plan.last, chainID: context.profile.chainID)
                }
            }),
        RPCMethod(
            "eth_capabilities", "How far back this node can answer, by kind of question.", result: "object",
            .reading { _, writer throws(RPCError) in
                let head = try context.head()
                writer.object { writer in
                    writer.name("head")
                    writer.object { writer in
                        writer.name("number")
                        writer.quantity(head.header.number)
                        writer.name("hash")
                        writer.hex(head.hash)
                    }
                    let oldest = context.chain.oldestState
                    // A block's receipts come of executing it on the state before.
                    let oldestReceipts = oldest == 0 ? 0 : oldest + 1
                    writer.capability("state", since: oldest)
                    writer.capability("tx", since: 0)
                    writer.capability("logs", since: oldestReceipts)
                    writer.capability("receipts", since: oldestReceipts)
                    writer.capability("blocks", since: 0)
                    writer.capability("stateproofs", since: oldest)
                }
            }),
    ]
}

/// The rules of one fork, as eth_config tells them.
struct ForkReport {
    /// Seconds since 1970; zero where it began with the genesis or by height.
    let activation: UInt64
    let fork: Fork
    let blobs: BlobSchedule
    let identifier: ForkIdentifier
    let depositContract: Address?
}

struct ForkPlan {
    let current: ForkReport
    let next: ForkReport?
    let last: ForkReport?
}

extension ChainProfile {
    /// What holds at `head`, and what is planned after it.
    func forkPlan(at head: EthereumHeader, genesis: Hash32) -> ForkPlan {
        switch rules {
        case .own:
            let identifier = ForkIdentifier(genesis: genesis, heights: [], times: [])
            let report = ForkReport(
                activation: 0, fork: .osaka, blobs: .none, identifier: identifier, depositContract: nil)
            return ForkPlan(current: report, next: nil, last: nil)
        case .ethereum(let rules):
            let current = rules.phase(of: head)
            let coming = rules.phases.filter { $0.activation > head.timestamp && $0.activation != .max }
            func report(_ phase: EthereumRules.Phase) -> ForkReport {
                let time = max(phase.activation, head.timestamp)
                // What comes later by time has passed all heights.
                let isLater = phase.activation > head.timestamp
                let identifier = ForkIdentifier(
                    genesis: genesis, heights: rules.forkHeights.filter { isLater || $0 <= head.number },
                    times: rules.forkTimes.filter { $0 <= time })
                return ForkReport(
                    activation: phase.activation, fork: phase.fork, blobs: phase.blobs, identifier: identifier,
                    depositContract: rules.depositContract)
            }
            return ForkPlan(current: report(current), next: coming.first.map(report), last: coming.last.map(report))
        }
    }
}

extension JSONWriter {
    fileprivate mutating func forkOrNull(_ report: ForkReport?, chainID: UInt64) {
        if let report { fork(report, chainID: chainID) } else { null() }
    }

    fileprivate mutating func fork(_ report: ForkReport, chainID: UInt64) {
        object { writer in
            writer.name("activationTime")
            writer.number(Int(clamping: report.activation))
            writer.name("blobSchedule")
            writer.schedule(report.blobs)
            writer.name("chainId")
            writer.quantity(chainID)
            writer.name("forkId")
            writer.hex((0..<4).map { UInt8(truncatingIfNeeded: report.identifier.checksum >> (24 - 8 * $0)) } as Bytes)
            writer.name("precompiles")
            writer.precompiles(at: report.fork)
            writer.name("systemContracts")
            writer.systemContracts(report)
        }
    }

    private mutating func schedule(_ blobs: BlobSchedule) {
        object { writer in
            writer.name("target")
            writer.number(Int(clamping: blobs.target))
            writer.name("max")
            writer.number(Int(clamping: blobs.max))
            writer.name("baseFeeUpdateFraction")
            writer.number(Int(clamping: blobs.baseFeeUpdateFraction))
        }
    }

    private mutating func precompiles(at fork: Fork) {
        let known = Set(Precompiles.addresses(of: fork))
        object { writer in
            for (name, number) in precompileNames {
                let address = Address(word0: 0, word1: 0, word2: number)
                guard known.contains(address) else { continue }
                writer.name(name)
                writer.hex(address)
            }
        }
    }

    /// What the protocol itself calls (EIP-4788, EIP-7251, EIP-6110, EIP-2935, EIP-7002).
    private mutating func systemContracts(_ report: ForkReport) {
        object { writer in
            guard report.fork >= .cancun else { return }
            writer.name("BEACON_ROOTS_ADDRESS")
            writer.hex(SystemAddress.beaconRoots)
            guard report.fork >= .prague else { return }
            if report.depositContract != nil {
                writer.name("CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS")
                writer.hex(SystemCalls.consolidations)
            }
            if let depositContract = report.depositContract {
                writer.name("DEPOSIT_CONTRACT_ADDRESS")
                writer.hex(depositContract)
            }
            writer.name("HISTORY_STORAGE_ADDRESS")
            writer.hex(SystemAddress.history)
            if report.depositContract != nil {
                writer.name("WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS")
                writer.hex(SystemCalls.withdrawals)
            }
        }
    }

    fileprivate mutating func capability(_ kind: StaticString, since oldest: Height) {
        name(kind)
        object { writer in
            writer.name("disabled")
            writer.bool(false)
            writer.name("oldestBlock")
            writer.quantity(oldest)
        }
    }
}

/// The names of EIP-7910, in their order.
private let precompileNames: [(StaticString, UInt32)] = [
    ("BLAKE2F", 0x09), ("BLS12_G1ADD", 0x0b), ("BLS12_G1MSM", 0x0c), ("BLS12_G2ADD", 0x0d), ("BLS12_G2MSM", 0x0e),
    ("BLS12_MAP_FP2_TO_G2", 0x11), ("BLS12_MAP_FP_TO_G1", 0x10), ("BLS12_PAIRING_CHECK", 0x0f), ("BN254_ADD", 0x06),
    ("BN254_MUL", 0x07), ("BN254_PAIRING", 0x08), ("ECREC", 0x01), ("ID", 0x04), ("KZG_POINT_EVALUATION", 0x0a),
    ("MODEXP", 0x05), ("P256VERIFY", 0x100), ("RIPEMD160", 0x03), ("SHA256", 0x02),
]
