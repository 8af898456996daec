import Chain
import EVM
import EthereumChain
import Primitives
import Trie

/// What came of one call of a simulated block.
struct SimulatedCall {
    let sender: Address
    let transaction: UnsignedTransaction
    /// What it returned; nothing where it failed.
    let output: Bytes
    /// With transfers of value where those were asked for.
    let logs: [LogRecord]
    let gasUsed: Gas
    /// The same before anything was given back.
    let peakGasUsed: Gas
    /// Why it failed, if it did.
    let failure: RPCError?
}

/// A block that was simulated.
struct SimulatedBlock {
    let header: EthereumHeader
    let hash: Hash32
    let calls: [SimulatedCall]
    /// Nil before Shanghai.
    let withdrawals: [Withdrawal]?
    let blobBaseFee: UInt256

    init(header: EthereumHeader, calls: [SimulatedCall], withdrawals: [Withdrawal]?, blobBaseFee: UInt256) {
        (self.header, self.calls, self.withdrawals, self.blobBaseFee) = (header, calls, withdrawals, blobBaseFee)
        hash = header.hash
    }

    /// The length of its encoding, in bytes.
    var encodedBytes: Int {
        var encoder = RLPEncoder()
        encoder.list { list in
            list.append(header)
            list.list { transactions in
                for call in calls { call.transaction.encode(into: &transactions) }
            }
            list.list { _ in }
            if let withdrawals { list.append(list: withdrawals) }
        }
        return encoder.bytes.count
    }
}

extension EthereumHeader {
    /// The header of the simulated block that comes after `previous`, as far as it is known before the block runs: it
    /// has the gas limit and the beneficiary of the one before.
    init(after previous: EthereumHeader, _ request: SimulationRequest.BlockRequest, under profile: ChainProfile) {
        let time = request.overrides.time ?? previous.timestamp
        self.init(
            parentHash: .zero, stateRoot: .zero, number: previous.number, gasLimit: previous.gasLimit,
            timestamp: time, baseFeePerGas: nil)
        beneficiary = previous.beneficiary
        difficulty = previous.difficulty
        self = request.overrides.applied(to: self)
        guard case .ethereum(let rules) = profile.rules else { return }
        let fork = rules.phase(of: self).fork
        if fork < .prague { requestsHash = nil }
        if fork < .cancun { (blobGasUsed, excessBlobGas, parentBeaconBlockRoot) = (nil, nil, nil) }
        if fork < .shanghai { withdrawalsRoot = nil }
    }
}
