internal import COpenSSL
import Crypto
import Primitives

/// What all TLS connections of one node share: its identity, the chain, and the rules of the protocol.
///
/// TLS 1.3 only, both sides with a certificate, no session is ever resumed. Used on one thread.
@safe
final class TLSContext {
    let pointer: OpaquePointer
    let chain: ChainProtocol
    private let identity: TLSIdentity

    /// What our own checks found wrong while OpenSSL ran a handshake: its error codes cannot say it. Set by the two
    /// callbacks below, taken by the session that made the call.
    var finding: DisconnectReason?

    init(key: NodeKey, genesisHash: Hash32) throws(NetworkFailure) {
        identity = try TLSIdentity(key)
        chain = ChainProtocol(genesisHash: genesisHash)
        guard let context = unsafe SSL_CTX_new(TLS_method()) else { throw .openSSL("TLS", opensslError()) }
        unsafe pointer = unsafe context
        guard restrict() else { throw .openSSL("TLS", opensslError()) }
        verifyPeers()
        bindChain()
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// The option bits are macros with arguments in OpenSSL's headers, which Swift does not see.
    private enum Option {
        static let noTicket: UInt64 = 1 << 14
        static let noCompression: UInt64 = 1 << 17
        static let cipherServerPreference: UInt64 = 1 << 22
        static let noRenegotiation: UInt64 = 1 << 30
    }

    /// The longest chain of certificates a peer may send, in bytes. Ours has 300.
    private static let certificateBytesMax = 4096

    private func restrict() -> Bool {
        let options = Option.noTicket | Option.noCompression | Option.noRenegotiation | Option.cipherServerPreference
        _ = unsafe SSL_CTX_set_options(pointer, options)
        _ = control(SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF))
        _ = control(SSL_CTRL_SET_MAX_CERT_LIST, Self.certificateBytesMax)
        // Buffers of 34 KB a connection live only while something is in them.
        _ = control(SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS))
        return unsafe control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION)) == 1
            && control(SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION)) == 1
            && control(SSL_CTRL_SET_GROUPS_LIST, 0, "X25519:P-256") == 1
            && control(SSL_CTRL_SET_SIGALGS_LIST, 0, "ECDSA+SHA256") == 1
            && control(SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, "ECDSA+SHA256") == 1
            && SSL_CTX_set_ciphersuites(
                pointer, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1
            && SSL_CTX_set_num_tickets(pointer, 0) == 1
            && SSL_CTX_use_certificate(pointer, identity.certificate) == 1
            && SSL_CTX_use_PrivateKey(pointer, identity.key) == 1
    }

    private func control(_ command: Int32, _ number: Int, _ text: String? = nil) -> Int {
        guard let text else { return unsafe SSL_CTX_ctrl(pointer, command, number, nil) }
        // OpenSSL takes text here as a pointer to change, and does not change it.
        var terminated = Bytes(text.utf8) + [0]
        return unsafe SSL_CTX_ctrl(pointer, command, number, &terminated)
    }

    /// Any certificate with a node key in it is good: who may connect is decided by the key, and that the peer holds
    /// its secret is proved by TLS itself (CertificateVerify, RFC 8446 §4.4.3). So no chain is built and neither
    /// dates nor the certificate's own signature are looked at.
    private func verifyPeers() {
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        unsafe SSL_CTX_set_cert_verify_callback(
            pointer,
            { store, argument in
                guard let argument = unsafe argument, let certificate = unsafe X509_STORE_CTX_get0_cert(store) else {
                    return 0
                }
                let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
                do throws(DisconnectReason) {
                    _ = try unsafe nodeKey(in: certificate)
                    return 1
                } catch {
                    context.finding = error
                    unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
                    return 0
                }
            }, unsafe Unmanaged.passUnretained(self).toOpaque())
    }

    private func bindChain() {
        let wire = chain.wire
        // Here 0 is success.
        let isSet = unsafe SSL_CTX_set_alpn_protos(pointer, wire, UInt32(wire.count)) == 0
        precondition(isSet, "the protocol's name is well formed")
        unsafe SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, name, nameCount, list, listCount, argument in
                guard let argument = unsafe argument, let list = unsafe list else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
                let offered = unsafe UnsafeBufferPointer(start: list, count: Int(listCount))
                guard let position = unsafe context.chain.position(in: offered) else {
                    context.finding = unsafe .wrongChain(
                        expected: context.chain.genesisHash, found: ChainProtocol.firstName(in: offered))
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                unsafe name?.pointee = unsafe list + position
                unsafe nameCount?.pointee = UInt8(context.chain.wire.count - 1)
                return SSL_TLSEXT_ERR_OK
            }, unsafe Unmanaged.passUnretained(self).toOpaque())
    }
}
