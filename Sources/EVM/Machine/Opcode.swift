/// The opcodes that are named in the machine's code (Yellow Paper, appendix H.2).
enum Opcode {
    static let clz: UInt8 = 0x1e
    static let create: UInt8 = 0xf0
    static let call: UInt8 = 0xf1
    static let callCode: UInt8 = 0xf2
    static let delegateCall: UInt8 = 0xf4
    static let create2: UInt8 = 0xf5
    static let staticCall: UInt8 = 0xfa
    static let invalid: UInt8 = 0xfe
}
