import NIOCore
import Primitives
import Testing

@testable import Network

private let samples: [Bytes] = [
    [7], Bytes(repeating: 1, count: 3), Bytes(0...255), Bytes(repeating: 9, count: 70_000), [1, 2], [0],
]

@Suite struct FrameTests {
    @Test(arguments: [1, 2, 3, 4, 5, 7, 100, 4096, 1 << 20])
    func `frames survive any cutting of the stream`(pieceBytes: Int) throws {
        var outbox = Outbox()
        for frame in samples { outbox.append(frame) }
        let streamBytes = samples.reduce(0) { $0 + 4 + $1.count }
        #expect(outbox.byteCount == streamBytes)
        var stream = ByteBuffer()
        // The outbox takes whole headers only, so a piece has at least their four bytes.
        while !outbox.isEmpty {
            let before = stream.readableBytes
            outbox.take(max(4, pieceBytes), into: &stream)
            #expect(stream.readableBytes - before <= max(4, pieceBytes))
            #expect(stream.readableBytes > before)
        }
        #expect(stream.readableBytes == streamBytes)

        var decoder = FrameDecoder(frameBytesMax: 70_000)
        var frames: [Bytes] = []
        while var piece = stream.readSlice(length: min(pieceBytes, stream.readableBytes)), piece.readableBytes > 0 {
            while let frame = try decoder.next(&piece) { frames.append(frame) }
            #expect(piece.readableBytes == 0)
        }
        #expect(frames == samples)
        #expect(!decoder.isMidFrame)
    }

    @Test func `a frame of the largest size passes and one byte more is refused by its header alone`() throws {
        var decoder = FrameDecoder(frameBytesMax: 1000)
        var whole = ByteBuffer(integer: UInt32(1000))
        whole.writeRepeatingByte(5, count: 1000)
        #expect(try decoder.next(&whole)?.count == 1000)
        var header = ByteBuffer(integer: UInt32(1001))
        #expect(throws: DisconnectReason.frameTooLarge(limit: 1000, found: 1001)) { try decoder.next(&header) }
    }

    @Test(arguments: [UInt32.max, 1 << 31, (16 << 20) + 1] as [UInt32])
    func `a header of gigabytes is refused`(length: UInt32) {
        var decoder = FrameDecoder(frameBytesMax: 16 << 20)
        var header = ByteBuffer(integer: length)
        #expect(throws: DisconnectReason.frameTooLarge(limit: 16 << 20, found: Int(length))) {
            try decoder.next(&header)
        }
    }

    @Test func `an empty frame is refused`() {
        var decoder = FrameDecoder(frameBytesMax: 1000)
        var header = ByteBuffer(integer: UInt32(0))
        #expect(throws: DisconnectReason.emptyFrame) { try decoder.next(&header) }
    }

    @Test func `frames wait in the outbox shared and leave it whole`() {
        var outbox = Outbox()
        outbox.append([1, 2, 3])
        var buffer = ByteBuffer()
        outbox.take(5, into: &buffer)
        #expect(Bytes(buffer.readableBytesView) == [0, 0, 0, 3, 1])
        #expect(outbox.byteCount == 2)
        outbox.removeAll()
        #expect(outbox.isEmpty)
    }
}
