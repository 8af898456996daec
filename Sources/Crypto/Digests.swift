import COpenSSL
public import Primitives

/// SHA-256 (FIPS 180-4).
public func sha256(_ bytes: Bytes) -> Hash32 {
    Hash32(MessageDigest.sha256.digest(bytes))
}

/// SHA-256 of raw memory.
public func sha256(_ bytes: UnsafeRawBufferPointer) -> Hash32 {
    Hash32(unsafe MessageDigest.sha256.digest(bytes))
}

/// RIPEMD-160: 20 bytes.
public func ripemd160(_ bytes: Bytes) -> Bytes {
    MessageDigest.ripemd160.digest(bytes)
}

/// RIPEMD-160 of raw memory: 20 bytes.
public func ripemd160(_ bytes: UnsafeRawBufferPointer) -> Bytes {
    unsafe MessageDigest.ripemd160.digest(bytes)
}

/// HMAC-SHA-512 (RFC 2104): 64 bytes.
func hmacSHA512(key: Bytes, _ message: Bytes) -> Bytes {
    let code = unsafe Bytes(unsafeUninitializedCapacity: 64) { buffer, count in
        count = 64
        let done = unsafe EVP_Q_mac(
            nil, "HMAC", nil, "SHA512", nil, key, key.count, message, message.count, buffer.baseAddress, 64, nil)
        precondition(unsafe done != nil, "OpenSSL computes HMAC-SHA-512")
    }
    return code
}

/// PBKDF2 (RFC 8018) over HMAC-SHA-512: 64 bytes.
func pbkdf2SHA512(password: Bytes, salt: Bytes, rounds: Int32) -> Bytes {
    unsafe Bytes(unsafeUninitializedCapacity: 64) { buffer, count in
        count = 64
        let done = unsafe password.withUnsafeBytes { password in
            unsafe PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count),
                salt, Int32(salt.count), rounds, EVP_sha512(), 64, buffer.baseAddress)
        }
        precondition(done == 1, "OpenSSL computes PBKDF2")
    }
}

/// A hash function of OpenSSL, looked up once: the look-up costs more than hashing a short message.
///
/// `@unchecked`: OpenSSL never changes an `EVP_MD` after fetching it, and any thread may use it.
@safe
private struct MessageDigest: @unchecked Sendable {
    private let method: OpaquePointer
    private let byteCount: Int

    static let sha256 = MessageDigest("SHA2-256", byteCount: 32)
    static let ripemd160 = MessageDigest("RIPEMD-160", byteCount: 20)

    private init(_ name: String, byteCount: Int) {
        guard let method = unsafe EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("this OpenSSL has no \(name)")
        }
        unsafe self.method = method
        self.byteCount = byteCount
    }

    func digest(_ bytes: Bytes) -> Bytes {
        unsafe bytes.withUnsafeBytes { unsafe digest($0) }
    }

    func digest(_ bytes: UnsafeRawBufferPointer) -> Bytes {
        unsafe Bytes(unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = byteCount
            let done = unsafe EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, method, nil)
            precondition(done == 1, "OpenSSL hashes")
        }
    }
}
