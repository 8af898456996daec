import Chain
import Crypto
import Primitives

/// The accounts that this node signs for: those of a test network's public mnemonic, if it was told them.
struct DevelopmentAccounts: Sendable {
    /// In the order of the configuration, as eth_accounts lists them.
    let addresses: [Address]
    private let keys: [Address: AccountKey]
    let turn = SendingTurn()

    init(_ keys: [AccountKey]) {
        addresses = keys.map(\.address)
        self.keys = Dictionary(keys.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func key(of address: Address) throws(RPCError) -> AccountKey {
        guard let key = keys[address] else { throw .server("unknown account") }
        return key
    }
}

/// Whose turn it is to send: two transactions that are filled in at once must not be given one nonce.
///
/// Who waits is a request that a worker has, of which there are at most `RPCLimits.requestsWaitingMax`.
actor SendingTurn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        // Who leaves hands the turn over: nobody can come in between.
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}

extension AccountKey {
    /// Signs a text as wallets do, so that no signature of a text is one of a transaction (EIP-191, version 0x45).
    ///
    /// - Returns: r, s and 27 or 28, in 65 bytes.
    func signPersonal(_ message: Bytes) -> Bytes {
        signWhole(keccak256(Bytes("\u{19}Ethereum Signed Message:\n\(message.count)".utf8) + message))
    }

    /// - Returns: r, s and 27 or 28, in 65 bytes.
    func signWhole(_ digest: Hash32) -> Bytes {
        let signature = sign(digest)
        return signature.r.bigEndianBytes + signature.s.bigEndianBytes + [signature.yParity ? 28 : 27]
    }
}
