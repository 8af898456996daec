import NIOCore
import Primitives

/// Frames that wait to be sent to one peer, in order. They are shared, not copied, until they are taken.
struct Outbox {
    private var frames = CircularBuffer<Bytes>()
    /// Bytes of the first frame, header included, that have been taken.
    private var taken = 0
    /// What waits, headers included.
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ frame: Bytes) {
        frames.append(frame)
        byteCount += FrameDecoder.headerBytes + frame.count
    }

    /// Moves up to `bytesMax` bytes of headers and frames to the end of `buffer`.
    mutating func take(_ bytesMax: Int, into buffer: inout ByteBuffer) {
        var room = bytesMax
        while room >= FrameDecoder.headerBytes, let frame = frames.first {
            if taken == 0 {
                buffer.writeInteger(UInt32(frame.count))
                taken = FrameDecoder.headerBytes
                room -= FrameDecoder.headerBytes
                byteCount -= FrameDecoder.headerBytes
            }
            let start = taken - FrameDecoder.headerBytes
            let count = min(room, frame.count - start)
            buffer.writeBytes(frame[start..<start + count])
            taken += count
            room -= count
            byteCount -= count
            guard start + count == frame.count else { return }
            frames.removeFirst()
            taken = 0
        }
    }

    mutating func removeAll() { self = Outbox() }
}
