import COpenSSL
import Primitives

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
