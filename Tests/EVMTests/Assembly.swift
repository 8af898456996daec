import EVM
import Primitives

/// Why a text is no program.
enum AssemblyError: Error {
    case unknownWord(String)
}

/// Translates a program: mnemonics stand for themselves, a number for the shortest PUSH of it, and hex digits after
/// `0x` for a PUSH of exactly those bytes. `#` and hex digits are data as they are. `^` and a number repeat a word.
func assemble(_ text: String) throws -> Bytes {
    try text.split(whereSeparator: \.isWhitespace).flatMap { word in
        let parts = word.split(separator: "^")
        let count = parts.count == 2 ? Int(parts[1]) ?? 0 : 1
        return Array(repeating: try instruction(String(parts[0])), count: count).joined()
    }
}

private func instruction(_ word: String) throws -> Bytes {
    if word.hasPrefix("#") { return try Bytes(hex: "0x" + word.dropFirst()) }
    if word.hasPrefix("0x") || word.first?.isNumber == true {
        let bytes = word.hasPrefix("0x") ? try Bytes(hex: word) : try UInt256(decimal: word).minimalBytes
        return [0x5f + UInt8(bytes.count)] + bytes
    }
    guard let opcode = opcodes[word] else { throw AssemblyError.unknownWord(word) }
    return [opcode]
}

private let opcodes: [String: UInt8] = {
    var opcodes: [String: UInt8] = [:]
    for opcode in UInt8.min...UInt8.max {
        if let name = Opcode.mnemonic(opcode) { opcodes[name] = opcode }
    }
    return opcodes
}()
