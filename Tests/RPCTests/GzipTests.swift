import Compression
import NIOCore
import Primitives
import Testing

@testable import RPC

/// Packing for clients, and unpacking of files.
@Suite struct GzipTests {
    private static func packed(_ count: Int) throws -> Bytes {
        let bytes = try #require(gzipped(ByteBuffer(repeating: 7, count: count)))
        return Bytes(bytes.readableBytesView)
    }

    @Test func `a stream is unpacked up to the limit and not beyond`() throws {
        let packed = try Self.packed(100_000)
        #expect(isGzip(packed) && packed.count < 1_000)
        #expect(try gunzipped(packed, limit: 100_000) == Bytes(repeating: 7, count: 100_000))
        #expect(throws: GunzipError.tooLarge(limit: 99_999)) { try gunzipped(packed, limit: 99_999) }
    }

    @Test func `what is no whole stream is refused`() throws {
        let packed = try Self.packed(1_000)
        for bytes in [Bytes(packed.dropLast()), [], [0x1f, 0x8b], [1, 2, 3]] {
            #expect(throws: GunzipError.self) { try gunzipped(bytes, limit: 1_000) }
        }
    }
}
