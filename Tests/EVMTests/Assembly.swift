import EVM
import Primitives

/// Why a text is no program.
enum AssemblyError: Error {
    case unknownWord(String)
}

/// Translates a program: mnemonics stand for themselves, a number for the shortest PUSH of it, and hex digits after
/// `0x` for a PUSH of exactly those bytes. `#` and hex digits are data as they are.
func assemble(_ text: String) throws -> Bytes {
    var code = Bytes()
    for word in text.split(whereSeparator: \.isWhitespace).map(String.init) {
        if word.hasPrefix("#") {
            code += try Bytes(hex: "0x" + word.dropFirst())
        } else if word.hasPrefix("0x") {
            let bytes = try Bytes(hex: word)
            code += [0x5f + UInt8(bytes.count)] + bytes
        } else if word.first?.isNumber == true {
            let bytes = try UInt256(decimal: word).minimalBytes
            code += [0x5f + UInt8(bytes.count)] + bytes
        } else {
            guard let opcode = opcodes[word] else { throw AssemblyError.unknownWord(word) }
            code.append(opcode)
        }
    }
    return code
}

private let opcodes: [String: UInt8] = {
    var opcodes: [String: UInt8] = [:]
    for opcode in UInt8.min...UInt8.max {
        if let name = Opcode.mnemonic(opcode) { opcodes[name] = opcode }
    }
    return opcodes
}()
