internal import CZlib
public import Primitives

/// Why bytes that should be a gzip stream cannot be unpacked.
public enum GunzipError: Error, Equatable, CustomStringConvertible {
    /// zlib says so; the stream may end too early.
    case malformed(code: Int32)
    case tooLarge(limit: Int)

    public var description: String {
        switch self {
        case .malformed(let code): "no whole gzip stream (zlib says \(code))"
        case .tooLarge(let limit): "more than \(limit) bytes when unpacked"
        }
    }
}

/// The bytes that a gzip stream holds (RFC 1952), at most `limit` of them.
public func gunzipped(_ compressed: Bytes, limit: Int) throws(GunzipError) -> Bytes {
    var stream = unsafe z_stream()
    // 16 more than the window's bits asks for gzip's header instead of zlib's.
    let begun = unsafe inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { throw .malformed(code: begun) }
    defer { _ = unsafe inflateEnd(&stream) }
    var (input, result) = (compressed, Bytes())
    var room = Bytes(repeating: 0, count: 1 << 16)
    var status = Z_OK
    unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        while status == Z_OK, result.count <= limit {
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                status = unsafe inflate(&stream, Z_NO_FLUSH)
                unsafe result += room.prefix(room.count - Int(stream.avail_out))
            }
        }
    }
    guard result.count <= limit else { throw .tooLarge(limit: limit) }
    guard status == Z_STREAM_END else { throw .malformed(code: status) }
    return result
}

/// Whether `bytes` begin as a gzip stream does.
public func isGzip(_ bytes: Bytes) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }
