public import Chain
public import EVM
public import Primitives
public import Validation

// What a block does by itself, before and after its transactions, and how it runs them.

extension Journal {
    /// Runs a transaction of the block, if its fields and its signature are right and its sender can pay.
    ///
    /// - Throws: `.invalid` where the block may not have it here; nothing has come of it then.
    public mutating func run(
        _ transaction: Transaction, in context: TransactionContext, on machine: Machine
    ) throws(ValidationFailure<State.Failure>) -> (sender: Address, outcome: TransactionOutcome) {
        let rules = TransactionRules(in: context.block, policy: context.policy)
        let sender: Address
        do throws(BlockFault) {
            try rules.checkFields(of: transaction, at: context.index)
            sender = try rules.sender(of: transaction, at: context.index)
        } catch {
            throw .invalid(error)
        }
        return (
            sender, try runTransaction(transaction, from: sender, in: context, journal: &self, machine: machine)
        )
    }

    /// Makes the calls that precede the transactions: EIP-4788 and, from Prague on, EIP-2935. That they fail is no
    /// fault.
    public mutating func open(
        _ block: BlockEnvironment, parentHash: Hash32, beaconRoot: Hash32, on machine: Machine
    ) throws(State.Failure) {
        guard block.fork >= .cancun else { return }
        _ = try callFromSystem(SystemCalls.beaconRoots, beaconRoot.bytes, in: block, on: machine)
        guard block.fork >= .prague else { return }
        _ = try callFromSystem(SystemCalls.blockHashes, parentHash.bytes, in: block, on: machine)
    }

    /// Pays rewards before the merge and withdrawals after it (EIP-4895), and collects what the block asks of the
    /// beacon chain (EIP-7685).
    ///
    /// - Parameters:
    ///   - block: Its header, ommers and withdrawals count here.
    ///   - receipts: One for each transaction of the block.
    ///   - depositContract: Where deposits are made (EIP-6110).
    /// - Returns: The hash of the requests; nil before Prague.
    /// - Throws: `.invalid` where a deposit is none (EIP-6110), or a call fails that must not (EIP-7002, EIP-7251).
    public mutating func close(
        _ block: EthereumBlock, in environment: BlockEnvironment, after receipts: [Receipt],
        depositsTo depositContract: Address, on machine: Machine
    ) throws(EthereumFailure<State.Failure>) -> Hash32? {
        let requests = try finish(block, in: environment, after: receipts, depositsTo: depositContract, on: machine)
        return environment.fork >= .prague ? executionRequestsHash(of: requests) : nil
    }

    /// The same, which tells the requests themselves: of each kind that has any its number and its data.
    public mutating func finish(
        _ block: EthereumBlock, in environment: BlockEnvironment, after receipts: [Receipt],
        depositsTo depositContract: Address, on machine: Machine
    ) throws(EthereumFailure<State.Failure>) -> [Bytes] {
        do throws(State.Failure) {
            if environment.fork < .paris {
                for reward in EarlyReward.all(of: block, environment.fork) { try credit(reward.to, reward.amount) }
            }
            for withdrawal in block.withdrawals ?? [] { try credit(withdrawal.address, withdrawal.amountInWei) }
        } catch {
            throw .unreadable(error)
        }
        _ = closeTransaction()
        guard environment.fork >= .prague else { return [] }
        var requests: [Bytes] = []
        func collect(_ type: UInt8, _ data: Bytes) {
            if !data.isEmpty { requests.append([type] + data) }
        }
        do throws(EthereumFault) {
            collect(ExecutionRequests.depositType, try ExecutionRequests.deposits(in: receipts, to: depositContract))
        } catch {
            throw .invalid(error)
        }
        collect(ExecutionRequests.withdrawalType, try callForRequests(SystemCalls.withdrawals, environment, machine))
        collect(
            ExecutionRequests.consolidationType, try callForRequests(SystemCalls.consolidations, environment, machine))
        return requests
    }

    /// A call that must succeed, or the block is invalid (EIP-7002, EIP-7251).
    private mutating func callForRequests(
        _ target: Address, _ block: BlockEnvironment, _ machine: Machine
    ) throws(EthereumFailure<State.Failure>) -> Bytes {
        let outcome: SystemCallOutcome
        do throws(State.Failure) {
            outcome = try callFromSystem(target, [], in: block, on: machine)
        } catch {
            throw .unreadable(error)
        }
        switch outcome {
        case .returned(let data): return data
        case .absent:
            throw .invalid(EthereumFault(.systemCall, expected: "a contract at \(target)", found: "none"))
        case .failed(let status):
            throw .invalid(EthereumFault(.systemCall, expected: "that \(target) succeeds", found: "\(status)"))
        }
    }
}

/// What a header says of the requests of its block (EIP-7685).
public func executionRequestsHash(of requests: [Bytes]) -> Hash32 { ExecutionRequests.hash(of: requests) }
