import COpenSSL
public import Primitives

/// The group of P-256 (SEC 2 secp256r1) by OpenSSL.
enum P256Curve {
    /// The order n of the group.
    static let order = Hash32(
        0xFFFF_FFFF_0000_0000, 0xFFFF_FFFF_FFFF_FFFF, 0xBCE6_FAAD_A717_9E84, 0xF3B9_CAC2_FC63_2551)
    /// n / 2 rounded down: the highest low s.
    static let halfOrder = Hash32(
        0x7FFF_FFFF_8000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0xDE73_7D56_D38B_CF42, 0x79DC_E561_7E31_92A8)

    /// Whether `point`, x‖y in 64 bytes, lies on the curve.
    static func contains(_ point: Bytes) -> Bool {
        let parsed = unsafe EC_POINT_new(group)
        defer { unsafe EC_POINT_free(parsed) }
        let found = unsafe EC_POINT_oct2point(group, parsed, [uncompressed] + point, 65, nil) == 1
        if !found { ERR_clear_error() }
        return found
    }

    /// The point of `secret`, x‖y in 64 bytes.
    ///
    /// - Precondition: 1 ≤ `secret` < n.
    static func multiplyGenerator(by secret: Hash32) -> Bytes {
        let scalar = unsafe BN_secure_new()
        let point = unsafe EC_POINT_new(group)
        defer {
            unsafe BN_clear_free(scalar)
            unsafe EC_POINT_free(point)
        }
        unsafe BN_bin2bn(secret.bytes, 32, scalar)
        unsafe BN_set_flags(scalar, BN_FLG_CONSTTIME)
        precondition(unsafe EC_POINT_mul(group, point, scalar, nil, nil, nil) == 1, "OpenSSL multiplies")
        let octets = unsafe Bytes(unsafeUninitializedCapacity: 65) { buffer, count in
            count = unsafe EC_POINT_point2oct(
                group, point, POINT_CONVERSION_UNCOMPRESSED, buffer.baseAddress, 65, nil)
        }
        precondition(octets.count == 65, "a point in range is not at infinity")
        return Bytes(octets[1...])
    }

    /// Whether the key at `point` made (`r`, `s`) over `digest` (FIPS 186-5 §6.4.2). High `s` counts.
    ///
    /// OpenSSL's own verification wants the key loaded and the signature in DER, which costs more than these steps
    /// by hand; its `EC_POINT_mul` is as fast.
    ///
    /// - Parameter point: x‖y in 64 bytes; no signature is good for one that is not on the curve.
    static func verify(r: Hash32, s: Hash32, of digest: Hash32, by point: Bytes) -> Bool {
        guard r > .zero, s > .zero, max(r, s) < order else { return false }
        let (context, key, found) = unsafe (BN_CTX_new(), EC_POINT_new(group), EC_POINT_new(group))
        unsafe BN_CTX_start(context)
        defer {
            unsafe BN_CTX_end(context)
            unsafe BN_CTX_free(context)
            unsafe EC_POINT_free(key)
            unsafe EC_POINT_free(found)
        }
        guard unsafe EC_POINT_oct2point(group, key, [uncompressed] + point, 65, context) == 1 else {
            ERR_clear_error()
            return false
        }
        let modulus = unsafe EC_GROUP_get0_order(group)
        let (wanted, inverse) = unsafe (BN_CTX_get(context), BN_CTX_get(context))
        let (first, second, x) = unsafe (BN_CTX_get(context), BN_CTX_get(context), BN_CTX_get(context))
        precondition(unsafe x != nil, "there is memory for OpenSSL")
        unsafe BN_bin2bn(r.bytes, 32, wanted)
        unsafe BN_bin2bn(s.bytes, 32, inverse)
        unsafe BN_bin2bn(digest.bytes, 32, first)
        // digest/s·G + r/s·Q is the point of the nonce, whose x gave r.
        unsafe BN_mod_inverse(inverse, inverse, modulus, context)
        unsafe BN_mod_mul(first, first, inverse, modulus, context)
        unsafe BN_mod_mul(second, wanted, inverse, modulus, context)
        precondition(unsafe EC_POINT_mul(group, found, first, key, second, context) == 1, "OpenSSL multiplies")
        guard unsafe EC_POINT_is_at_infinity(group, found) == 0,
            unsafe EC_POINT_get_affine_coordinates(group, found, x, nil, context) == 1
        else { return false }
        unsafe BN_nnmod(x, x, modulus, context)
        return unsafe BN_cmp(x, wanted) == 0
    }

    /// First byte of a point written with both coordinates (SEC 1 §2.3.3).
    static let uncompressed: UInt8 = 4

    /// Never changed after it was made, so that any thread may use it.
    private nonisolated(unsafe) static let group: OpaquePointer = {
        guard let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else {
            preconditionFailure("OpenSSL has P-256")
        }
        return unsafe group
    }()
}

/// Whether the P-256 key at (`x`, `y`) made (`r`, `s`) over `digest`, by the rules of a contract (EIP-7951): any
/// numbers may be asked about, and unlike with signatures of nodes high `s` counts.
public func isP256Signature(r: Hash32, s: Hash32, of digest: Hash32, byKeyAt x: Hash32, _ y: Hash32) -> Bool {
    P256Curve.verify(r: r, s: s, of: digest, by: x.bytes + y.bytes)
}
