import COpenSSL
import CSecp256k1
import Primitives

/// What the module asks of libsecp256k1.
enum Secp256k1 {
    /// The one context, made and blinded at first use and only read after that, so that any thread may use it.
    nonisolated(unsafe) static let context: OpaquePointer = {
        guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 makes a context")
        }
        // Blinding guards the secret against side channels; it never changes a result.
        let blinded = unsafe secp256k1_context_randomize(context, secretRandomBytes(32))
        precondition(blinded == 1, "libsecp256k1 blinds a fresh context")
        return unsafe context
    }()

    /// The point of `secret` (32 bytes), or nil if it is 0 or not below the order.
    static func publicKey(of secret: Bytes) -> secp256k1_pubkey? {
        var point = secp256k1_pubkey()
        return unsafe secp256k1_ec_pubkey_create(context, &point, secret) == 1 ? point : nil
    }

    /// x‖y, 64 bytes.
    static func serialize(_ point: secp256k1_pubkey) -> Bytes {
        Bytes(serialize(point, byteCount: 65, form: SECP256K1_EC_UNCOMPRESSED)[1...])
    }

    /// 02 or 03, then x: 33 bytes.
    static func serializeCompressed(_ point: secp256k1_pubkey) -> Bytes {
        serialize(point, byteCount: 33, form: SECP256K1_EC_COMPRESSED)
    }

    private static func serialize(_ point: secp256k1_pubkey, byteCount: Int, form: Int32) -> Bytes {
        unsafe Bytes(unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = byteCount
            var point = point
            _ = unsafe secp256k1_ec_pubkey_serialize(context, buffer.baseAddress!, &count, &point, UInt32(form))
        }
    }

    /// `secret` + `tweak` modulo the order; nil if the tweak is not below the order or the sum is 0 (BIP-32).
    static func add(_ tweak: Bytes, to secret: Bytes) -> Bytes? {
        var sum = secret
        return unsafe secp256k1_ec_seckey_tweak_add(context, &sum, tweak) == 1 ? sum : nil
    }
}

/// `count` unpredictable bytes, fit to be a secret.
func secretRandomBytes(_ count: Int) -> Bytes {
    unsafe Bytes(unsafeUninitializedCapacity: count) { buffer, initialized in
        initialized = count
        let done = unsafe RAND_priv_bytes(buffer.baseAddress, Int32(count))
        precondition(done == 1, "the operating system gives randomness")
    }
}
