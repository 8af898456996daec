import Primitives
import Testing

@testable import EVM

@Suite
struct `The reason of a revert` {
    @Test
    func `an error's text is read`() {
        #expect(RevertReason(error(Bytes("no way".utf8), length: 6)) == .message("no way"))
        #expect(RevertReason(error(Bytes("no way".utf8), length: 2))?.description == "no")
        #expect(RevertReason(error([], length: 0)) == .message(""))
    }

    @Test
    func `a panic's code is read and explained`() {
        let code = UInt256(0x11).bigEndianBytes
        #expect(RevertReason([0x4e, 0x48, 0x7b, 0x71] + code) == .panic(0x11))
        #expect(RevertReason([0x4e, 0x48, 0x7b, 0x71] + code)?.description == "arithmetic underflow or overflow")
        let unknown = RevertReason([0x4e, 0x48, 0x7b, 0x71] + UInt256(0x99).bigEndianBytes)
        #expect(unknown?.description == "unknown panic code: 0x99")
        #expect(RevertReason([0x4e, 0x48, 0x7b, 0x71] + code.dropLast()) == nil)
    }

    @Test
    func `what claims more than is there has no reason`() {
        #expect(RevertReason([]) == nil)
        #expect(RevertReason([8, 0xc3, 0x79, 0xa0]) == nil)
        #expect(RevertReason(error(Bytes("no way".utf8), length: 7)) == nil)
        #expect(RevertReason(error(Bytes("no way".utf8), length: .max)) == nil)
        #expect(RevertReason(error([], place: .max, length: 0)) == nil)
        #expect(RevertReason(error([], place: 33, length: 0)) == nil)
    }

    private func error(_ content: Bytes, place: UInt256 = 32, length: UInt256) -> Bytes {
        [8, 0xc3, 0x79, 0xa0] + place.bigEndianBytes + length.bigEndianBytes + content
    }
}
