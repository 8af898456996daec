import NIOCore
import Primitives

/// Cuts a byte stream into frames: four bytes of length, big-endian, then that many bytes.
///
/// Memory follows what has arrived, never what was announced.
struct FrameDecoder {
    static let headerBytes = 4

    let frameBytesMax: Int
    private var header: UInt32 = 0
    private var headerBytesSeen = 0
    private var frame = Bytes()
    private var missing = 0

    init(frameBytesMax: Int) {
        precondition(frameBytesMax > 0 && frameBytesMax <= Int(UInt32.max))
        self.frameBytesMax = frameBytesMax
    }

    /// Whether a frame has begun and not ended.
    var isMidFrame: Bool { headerBytesSeen > 0 }

    /// The next whole frame in `input`, or nil once `input` is used up.
    ///
    /// - Throws: `.emptyFrame` or `.frameTooLarge`; the stream cannot be read any further.
    mutating func next(_ input: inout ByteBuffer) throws(DisconnectReason) -> Bytes? {
        if headerBytesSeen < Self.headerBytes {
            guard try readHeader(&input) else { return nil }
        }
        let available = input.readableBytes
        if frame.isEmpty, available >= missing {
            let whole = input.readBytes(length: missing)
            headerBytesSeen = 0
            return whole
        }
        guard available > 0 else { return nil }
        let taken = min(available, missing)
        frame.append(contentsOf: input.readableBytesView.prefix(taken))
        input.moveReaderIndex(forwardBy: taken)
        missing -= taken
        guard missing == 0 else { return nil }
        headerBytesSeen = 0
        defer { frame = [] }
        return frame
    }

    /// - Returns: Whether the header is complete and `missing` set.
    private mutating func readHeader(_ input: inout ByteBuffer) throws(DisconnectReason) -> Bool {
        if headerBytesSeen == 0, let whole = input.readInteger(as: UInt32.self) {
            (header, headerBytesSeen) = (whole, Self.headerBytes)
        }
        while headerBytesSeen < Self.headerBytes {
            guard let byte = input.readInteger(as: UInt8.self) else { return false }
            header = header << 8 | UInt32(byte)
            headerBytesSeen += 1
        }
        guard header != 0 else { throw .emptyFrame }
        guard header <= UInt32(frameBytesMax) else {
            throw .frameTooLarge(limit: frameBytesMax, found: Int(header))
        }
        missing = Int(header)
        return true
    }
}
