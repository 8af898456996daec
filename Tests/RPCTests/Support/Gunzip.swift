import CZlib
import Primitives
import Testing

/// The bytes that a gzip stream holds.
func gunzipped(_ compressed: Bytes) throws -> Bytes {
    var stream = unsafe z_stream()
    let begun = unsafe inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    try #require(begun == Z_OK)
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
    try #require(status == Z_STREAM_END)
    return result
}
