import Chain
import EVM
import Node
import Primitives
import RPC
import Storage
import Synchronization

/// A few read-only connections to the chain's file, for threads that must not wait for each other.
final class StoreReaderPool: Sendable {
    private let readers: [StoreReader]
    private let turn = Atomic<Int>(0)

    init(readers: [StoreReader]) {
        precondition(!readers.isEmpty, "a pool has at least one reader")
        self.readers = readers
    }

    func read<Answer: Sendable>(
        _ body: @Sendable (StoreView) throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        let next = turn.add(1, ordering: .relaxed).newValue
        return try readers[abs(next % readers.count)].read(body)
    }

    /// Sealed blocks as one message, at most `count` and of no more than `servedBytesMax` bytes.
    func sealedBlocks(from: Height, count: UInt64) -> Bytes {
        let blocks = try? read { (view) throws(StorageError) in
            var blocks: [Bytes] = []
            var bytes = 0
            // Both numbers come from a peer: no sum of them may overflow.
            guard from <= view.headHeight else { return blocks }
            for height in from...(from + min(count, view.headHeight - from)) where height - from < count {
                guard bytes < Self.servedBytesMax else { break }
                guard let block = try view.encodedCertifiedBlock(at: height) else { break }
                blocks.append(block)
                bytes += block.count
            }
            return blocks
        }
        return Message.encodedBlocks(blocks ?? [])
    }

    /// A quarter of a frame: the last block that is added may be a large one, of 8 MiB and its seals.
    static let servedBytesMax = 4 << 20

    /// Decodes a transaction, recovers its sender and reads that account; nil where one of these fails.
    func entry(for envelope: Bytes) -> PoolEntry? {
        guard let transaction = try? Transaction(envelope: envelope), let sender = try? transaction.recoverSender()
        else {
            return nil
        }
        return entry(for: SentTransaction(transaction, sender: sender))
    }

    func entry(for sent: SentTransaction) -> PoolEntry? {
        do {
            let (account, code) = try read { (view) throws(StorageError) in
                let account = try view.account(sent.sender, at: view.stateHeight)
                return (account, try view.code(account?.codeHash ?? Account.emptyCodeHash))
            }
            return PoolEntry(
                transaction: sent.transaction, sender: sent.sender, account: account,
                isFromContract: !code.isEmpty && !Self.isDelegation(code),
                authorities: Self.authorities(of: sent.transaction, paidBy: account))
        } catch {
            return nil
        }
    }

    /// Who signed the transaction's authorizations (EIP-7702): not asked where the pool refuses it anyway, since each
    /// costs as much as the transaction's own signature.
    private static func authorities(of transaction: Transaction, paidBy account: Account?) -> [Address] {
        guard !transaction.authorizations.isEmpty, transaction.nonce >= account?.nonce ?? 0,
            let cost = transaction.costMax, cost <= account?.balance ?? .zero,
            transaction.authorizations.count <= PoolLimits().authorizationsMax
        else { return [] }
        return transaction.authorizations.compactMap { $0.recoverAuthority() }
    }

    /// Whether `code` only names the code to run in its place (EIP-7702): 0xef0100 and an address.
    private static func isDelegation(_ code: Bytes) -> Bool {
        code.count == 23 && code.starts(with: [0xef, 0x01, 0x00])
    }
}
