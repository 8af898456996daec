import CZlib
import NIOCore

/// `body` compressed as gzip (RFC 1952), quickly rather than well; nil where zlib has no memory for it.
func gzipped(_ body: ByteBuffer) -> ByteBuffer? {
    var stream = unsafe z_stream()
    // 16 more than the window's bits asks for gzip's header instead of zlib's.
    let begun = unsafe deflateInit2_(
        &stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { return nil }
    defer { _ = unsafe deflateEnd(&stream) }
    let bound = unsafe Int(deflateBound(&stream, UInt(body.readableBytes)))
    var output = ByteBuffer()
    var isWhole = false
    unsafe body.withUnsafeReadableBytes { input in
        _ = unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room in
            let bytes = unsafe UnsafeMutableRawBufferPointer(mutating: input)
            unsafe stream.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe stream.avail_in = UInt32(bytes.count)
            unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe stream.avail_out = UInt32(bound)
            isWhole = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
            return unsafe bound - Int(stream.avail_out)
        }
    }
    return isWhole ? output : nil
}
