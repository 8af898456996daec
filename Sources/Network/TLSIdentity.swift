internal import COpenSSL
import Crypto
import Primitives

/// Our node key as TLS wants it: a private key and a certificate for it, signed by itself.
@safe
final class TLSIdentity {
    let key: OpaquePointer
    let certificate: OpaquePointer

    init(_ nodeKey: NodeKey) throws(NetworkFailure) {
        guard let key = unsafe Self.privateKey(of: nodeKey) else { throw .openSSL("the node key", opensslError()) }
        guard let certificate = unsafe Self.certificate(for: key) else {
            unsafe EVP_PKEY_free(key)
            throw .openSSL("the certificate", opensslError())
        }
        (unsafe self.key, unsafe self.certificate) = unsafe (key, certificate)
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// Hands the key over in the encoding of RFC 5915: version 1, secret, curve prime256v1, point.
    private static func privateKey(of nodeKey: NodeKey) -> OpaquePointer? {
        var encoded: Bytes = [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20] + nodeKey.secret.bytes
        encoded += [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
        encoded += [0xa1, 0x44, 0x03, 0x42, 0x00, 0x04] + nodeKey.publicKey.bytes
        defer { unsafe OPENSSL_cleanse(&encoded, encoded.count) }
        return unsafe encoded.withUnsafeBufferPointer { encoded in
            var start = encoded.baseAddress
            return unsafe d2i_PrivateKey(EVP_PKEY_EC, nil, &start, encoded.count)
        }
    }

    /// Only the key in it means anything: name and dates are the same for every node and nobody checks them. The last
    /// date is how RFC 5280 writes "without end".
    private static func certificate(for key: OpaquePointer) -> OpaquePointer? {
        guard let certificate = unsafe X509_new() else { return nil }
        let name = unsafe X509_get_subject_name(certificate)
        let isMade =
            unsafe X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1
            && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20250101000000Z") == 1
            && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1
            && X509_NAME_add_entry_by_txt(name, "CN", V_ASN1_UTF8STRING, "firetower", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
        guard isMade else {
            unsafe X509_free(certificate)
            return nil
        }
        return unsafe certificate
    }
}

/// The node key in a peer's certificate.
///
/// The key must be encoded as ours is: named curve P-256, uncompressed point. One comparison with the fixed beginning
/// of that encoding (RFC 5480) refuses other algorithms, other curves, compressed points, and curves spelled out by
/// their parameters (which may share a key with P-256 and have another generator: CVE-2020-0601).
func nodeKey(in certificate: OpaquePointer) throws(DisconnectReason) -> NodePublicKey {
    var encoded: UnsafeMutablePointer<UInt8>?
    let count = unsafe Int(i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded))
    guard count > 0, let encoded = unsafe encoded else { throw .handshakeFailed("the certificate holds no key") }
    defer { unsafe CRYPTO_free(encoded, #file, #line) }
    let bytes = unsafe Bytes(UnsafeBufferPointer(start: encoded, count: count))
    guard bytes.count == encodedKeyStart.count + 64, bytes.starts(with: encodedKeyStart) else {
        throw .handshakeFailed("the certificate's key is not an uncompressed P-256 key")
    }
    do {
        return try NodePublicKey(checking: bytes.suffix(64))
    } catch {
        throw .handshakeFailed("the certificate's key is refused: \(error)")
    }
}

/// SubjectPublicKeyInfo of a P-256 key up to x: id-ecPublicKey, prime256v1, bit string, 04.
private let encodedKeyStart: Bytes = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
]

/// The oldest error that OpenSSL noted on this thread, in its words.
func opensslError() -> String {
    let code = ERR_get_error()
    guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "OpenSSL gave no reason" }
    return unsafe String(cString: text)
}
