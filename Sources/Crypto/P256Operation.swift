import COpenSSL
import Primitives

/// A key loaded into OpenSSL and made ready either to sign or to verify raw digests.
///
/// `@unchecked`: the context is a template. It is never used itself nor changed after `init`; every call works
/// on a copy of its own, which costs 0.1 µs against 2 µs for a new context.
@safe
final class P256Operation: @unchecked Sendable {
    enum Purpose {
        case signing
        case verifying
    }

    private let template: OpaquePointer

    /// nil if OpenSSL refuses the key.
    init?(_ purpose: Purpose, _ key: NodePublicKey, secret: Hash32? = nil) {
        guard let loaded = unsafe Self.load(key, secret: secret) else {
            ERR_clear_error()
            return nil
        }
        defer { unsafe EVP_PKEY_free(loaded) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, loaded, nil) else { return nil }
        unsafe template = context
        let ready =
            switch purpose {
            case .signing: unsafe EVP_PKEY_sign_init(context)
            case .verifying: unsafe EVP_PKEY_verify_init(context)
            }
        guard ready == 1 else {
            ERR_clear_error()
            return nil
        }
    }

    deinit { unsafe EVP_PKEY_CTX_free(template) }

    func verify(_ signature: NodeSignature, of digest: Hash32) -> Bool {
        let context = unsafe EVP_PKEY_CTX_dup(template)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        let der = DERSignature.encode(signature)
        let valid = unsafe EVP_PKEY_verify(context, der, der.count, digest.bytes, 32) == 1
        // TLS on this thread would take a leftover error for its own.
        if !valid { ERR_clear_error() }
        return valid
    }

    func sign(_ digest: Hash32) -> NodeSignature {
        let context = unsafe EVP_PKEY_CTX_dup(template)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        let der = unsafe Bytes(unsafeUninitializedCapacity: DERSignature.bytesMax) { buffer, count in
            count = DERSignature.bytesMax
            let signed = unsafe EVP_PKEY_sign(context, buffer.baseAddress, &count, digest.bytes, 32)
            precondition(signed == 1, "a key in range signs any digest")
        }
        guard let signature = DERSignature.decode(der) else {
            preconditionFailure("OpenSSL writes signatures in DER")
        }
        return signature
    }

    private static func load(_ key: NodePublicKey, secret: Hash32?) -> OpaquePointer? {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_fromdata_init(context) == 1 else { return nil }
        var point = [P256Curve.uncompressed] + key.bytes
        // OpenSSL takes integers in the order of the machine: little-endian wherever Swift runs.
        var scalar = Bytes((secret ?? .zero).bytes.reversed())
        defer { unsafe OPENSSL_cleanse(&scalar, scalar.count) }
        return unsafe point.withUnsafeMutableBytes { point in
            unsafe scalar.withUnsafeMutableBytes { scalar in
                var parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(name("group"), mutableName("prime256v1"), 0),
                    OSSL_PARAM_construct_octet_string(name("pub"), point.baseAddress, point.count),
                ]
                if secret != nil {
                    unsafe parameters.append(
                        OSSL_PARAM_construct_BN(
                            name("priv"), scalar.assumingMemoryBound(to: UInt8.self).baseAddress, scalar.count))
                }
                unsafe parameters.append(OSSL_PARAM_construct_end())
                var loaded: OpaquePointer?
                let selection = secret == nil ? firetower_evp_pkey_public_key : firetower_evp_pkey_keypair
                let done = unsafe EVP_PKEY_fromdata(context, &loaded, selection, &parameters)
                return unsafe done == 1 ? loaded : nil
            }
        }
    }

    /// A name that lives as long as the process: OpenSSL keeps the pointer, not the text.
    private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// OpenSSL only reads the text; its parameter lacks the `const`.
    private static func mutableName(_ text: StaticString) -> UnsafeMutablePointer<CChar> {
        unsafe UnsafeMutablePointer(mutating: name(text))
    }
}

/// OpenSSL's form of an ECDSA signature: SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 §2.2.3).
enum DERSignature {
    /// Two headers of two bytes, two integers of at most 33, and the header of the sequence.
    static let bytesMax = 72

    static func encode(_ signature: NodeSignature) -> Bytes {
        let integers = integer(signature.r) + integer(signature.s)
        return [0x30, UInt8(integers.count)] + integers
    }

    static func decode(_ der: Bytes) -> NodeSignature? {
        unsafe der.withUnsafeBufferPointer { der -> NodeSignature? in
            var cursor = der.baseAddress
            guard let parsed = unsafe d2i_ECDSA_SIG(nil, &cursor, der.count) else { return nil }
            defer { unsafe ECDSA_SIG_free(parsed) }
            return unsafe NodeSignature(r: word(ECDSA_SIG_get0_r(parsed)), s: word(ECDSA_SIG_get0_s(parsed)))
        }
    }

    private static func word(_ number: OpaquePointer?) -> Hash32 {
        let bytes = unsafe Bytes(unsafeUninitializedCapacity: 32) { buffer, count in
            count = 32
            let written = unsafe BN_bn2binpad(number, buffer.baseAddress, 32)
            precondition(written == 32, "r and s are below the order")
        }
        return Hash32(bytes)
    }

    private static func integer(_ value: Hash32) -> Bytes {
        let digits = value.bytes.drop { $0 == 0 }
        // An integer is signed: a set top bit needs a zero before it.
        let content = (digits.first ?? 0x80) >= 0x80 ? [0] + digits : Bytes(digits)
        return [0x02, UInt8(content.count)] + content
    }
}
