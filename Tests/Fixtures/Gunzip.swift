import CZlib
public import Primitives

/// What is wrong with bytes that should be a gzip stream.
public struct GunzipError: Error {
    /// zlib's code.
    let code: Int32
}

/// The bytes that a gzip stream holds (RFC 1952).
public func gunzipped(_ compressed: Bytes) throws(GunzipError) -> Bytes {
    var stream = unsafe z_stream()
    let begun = unsafe inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { throw GunzipError(code: begun) }
    defer { _ = unsafe inflateEnd(&stream) }
    var (input, result) = (compressed, Bytes())
    var room = Bytes(repeating: 0, count: 1 << 16)
    var status = Z_OK
    unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        while status == Z_OK {
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                status = unsafe inflate(&stream, Z_NO_FLUSH)
                unsafe result += room.prefix(room.count - Int(stream.avail_out))
            }
        }
    }
    guard status == Z_STREAM_END else { throw GunzipError(code: status) }
    return result
}
