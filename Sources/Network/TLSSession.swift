internal import COpenSSL
import Crypto
import NIOCore
import Primitives

/// One TLS connection as a machine without a socket: bytes of the wire go in by `feed` and out by `drain`.
@safe
final class TLSSession {
    enum Role { case client, server }

    enum Progress { case done, wantsMore, closed }

    private let context: TLSContext
    private let session: OpaquePointer
    /// Owned by `session`.
    private let incoming, outgoing: OpaquePointer
    private var recordsWritten = 0
    var recordsPerKey = recordsPerKeyMax
    /// After a fatal error nothing more may be asked of OpenSSL, not even to say goodbye.
    private(set) var hasFailed = false

    /// Traffic keys are replaced after so many records of 16 KiB; AES-GCM wants it before 2^24.5 (RFC 8446 §5.5) and
    /// OpenSSL does not do it by itself.
    static let recordsPerKeyMax = 1 << 23

    init(_ context: TLSContext, _ role: Role) throws(DisconnectReason) {
        guard let session = unsafe SSL_new(context.pointer) else { throw .io("no memory for TLS") }
        guard let incoming = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(session)
            throw .io("no memory for TLS")
        }
        guard let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(incoming)
            unsafe SSL_free(session)
            throw .io("no memory for TLS")
        }
        unsafe SSL_set_bio(session, incoming, outgoing)
        switch role {
        case .client: unsafe SSL_set_connect_state(session)
        case .server: unsafe SSL_set_accept_state(session)
        }
        self.context = context
        unsafe (self.session, self.incoming, self.outgoing) = unsafe (session, incoming, outgoing)
    }

    deinit { unsafe SSL_free(session) }

    /// Takes all of `bytes` from the wire.
    func feed(_ bytes: ByteBuffer) {
        unsafe bytes.withUnsafeReadableBytes { bytes in
            guard unsafe !bytes.isEmpty else { return }
            let count = unsafe BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
            precondition(count == bytes.count, "a memory BIO takes everything")
        }
    }

    /// Appends what must go to the wire to `buffer`.
    func drain(into buffer: inout ByteBuffer) {
        let count = unsafe BIO_ctrl_pending(outgoing)
        guard count > 0 else { return }
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { free in
            unsafe Int(BIO_read(outgoing, free.baseAddress, Int32(count)))
        }
    }

    /// Whether bytes were fed that nobody has looked at. (The start of a record inside OpenSSL does not count: only
    /// more bytes bring it on.)
    var hasInput: Bool { unsafe BIO_ctrl_pending(incoming) > 0 }

    var hasOutput: Bool { unsafe BIO_ctrl_pending(outgoing) > 0 }

    /// Goes on with the handshake as far as the bytes fed allow.
    ///
    /// - Returns: `.done`, or `.wantsMore`.
    func handshake() throws(DisconnectReason) -> Progress {
        ERR_clear_error()
        context.finding = nil
        let result = unsafe SSL_do_handshake(session)
        guard result != 1 else { return .done }
        return try progress(after: result, isHandshake: true)
    }

    /// Decrypts one record into `plain`.
    func read(into plain: inout ByteBuffer) throws(DisconnectReason) -> Progress {
        ERR_clear_error()
        var result: Int32 = 0
        unsafe plain.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.recordBytesMax) { free in
            unsafe result = SSL_read(session, free.baseAddress, Int32(free.count))
            return max(0, Int(result))
        }
        return result > 0 ? .done : try progress(after: result, isHandshake: false)
    }

    /// The payload of the largest TLS record.
    static let recordBytesMax = 16384

    /// Encrypts all of `plain`.
    func write(_ plain: ByteBuffer) throws(DisconnectReason) {
        guard plain.readableBytes > 0 else { return }
        ERR_clear_error()
        recordsWritten += 1 + plain.readableBytes / Self.recordBytesMax
        if recordsWritten >= recordsPerKey {
            recordsWritten = 0
            renewKey(askingPeer: false)
        }
        let count = plain.readableBytes
        let result = unsafe plain.withUnsafeReadableBytes { bytes in
            unsafe SSL_write(session, bytes.baseAddress, Int32(bytes.count))
        }
        guard result == count else {
            hasFailed = true
            throw .io("TLS cannot encrypt: \(opensslError())")
        }
    }

    /// Has the next `write` begin with a change of our key, and a request that the peer change its own.
    func renewKey(askingPeer: Bool) {
        _ = unsafe SSL_key_update(session, askingPeer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED)
    }

    /// Says goodbye (close_notify), once the handshake is done.
    func sayGoodbye() {
        guard !hasFailed, unsafe SSL_is_init_finished(session) == 1 else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(session)
    }

    /// The key that the peer has proved to hold, on the chain that both have proved to mean.
    func peerKey() throws(DisconnectReason) -> NodePublicKey {
        var name: UnsafePointer<UInt8>?
        var nameCount: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &nameCount)
        let selected = unsafe Bytes(UnsafeBufferPointer(start: name, count: Int(nameCount)))
        guard selected == context.chain.name else {
            throw .wrongChain(expected: context.chain.genesisHash, found: nil)
        }
        guard let certificate = unsafe SSL_get0_peer_certificate(session) else {
            throw .handshakeFailed("the peer showed no certificate")
        }
        return try unsafe nodeKey(in: certificate)
    }

    private func progress(after result: Int32, isHandshake: Bool) throws(DisconnectReason) -> Progress {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            return .wantsMore
        case SSL_ERROR_ZERO_RETURN:
            return .closed
        default:
            hasFailed = true
            throw failure(isHandshake: isHandshake)
        }
    }

    private func failure(isHandshake: Bool) -> DisconnectReason {
        let code = ERR_peek_error()
        let text = opensslError()
        ERR_clear_error()
        if let finding = context.finding {
            context.finding = nil
            return finding
        }
        guard isHandshake else { return .io("TLS: \(text)") }
        if ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL {
            return .wrongChain(expected: context.chain.genesisHash, found: nil)
        }
        return .handshakeFailed(text)
    }
}
