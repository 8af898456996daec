public import NIOCore
public import Primitives

/// Writes JSON straight into the bytes that go to the socket.
///
/// Blocks and receipts are written field by field from their binary form, with no dictionaries or
/// strings in between. Commas are the writer's business; names and nesting are the caller's.
public struct JSONWriter: ~Copyable {
    private var output = OutputBytes()
    /// Whether the next name or element must be parted from one before it.
    private var needsComma = false
    /// Bytes beyond which `checkSize` throws, unless the answer may grow.
    private let limit: Int
    /// Where an answer asks for leave to grow beyond `limit`; nil where it may not.
    private var large: LargeAnswers?
    /// The leave to do so.
    private var place: LargeAnswers.Place?

    public init(limit: Int = .max) {
        self.limit = limit
    }

    /// Bytes written so far.
    public var count: Int { output.count }

    /// All that was written; the writer begins anew.
    public mutating func finish() -> ByteBuffer {
        needsComma = false
        return output.take()
    }

    /// The same with the leave to be as large as it is.
    mutating func finishAnswer() -> Answer {
        defer { (large, place) = (nil, nil) }
        return Answer(finish(), place: place)
    }

    /// Called between the elements of long results, so that they stop growing at the limit.
    public mutating func checkSize() throws(RPCError) {
        guard count > limit else { return }
        guard let large else { throw .responseTooLarge }
        if place == nil { place = try large.enter() }
        guard count <= large.bytesMax else {
            throw .traceTooLarge(large.bytesMax, "bytes", limit: "traceAnswerBytesMax", JSONWriter.smallerTrace)
        }
    }

    private static let smallerTrace =
        "leave out enableMemory and enableReturnData, set disableStack and disableStorage, "
        + "ask for fewer opcodes with limit, or for calls alone with callTracer"

    /// Lets the result that is being written grow as far as `large` allows; nil, and it may not.
    mutating func mayGrow(_ large: LargeAnswers?) { self.large = large }

    /// A point to which what was written since can be taken back.
    struct Mark {
        fileprivate let count: Int
        fileprivate let needsComma: Bool
    }

    var mark: Mark { Mark(count: count, needsComma: needsComma) }

    mutating func rewind(to mark: Mark) {
        output.truncate(to: mark.count)
        needsComma = mark.needsComma
        if count <= limit { place = nil }
    }

    // MARK: Structure

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// `{ … }` with what `members` writes inside.
    public mutating func object<Failure: Error>(
        _ members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try members(&self)
        endObject()
    }

    /// `[ … ]` of what `element` writes for each of `elements`.
    public mutating func array<Elements: Sequence, Failure: Error>(
        _ elements: Elements, _ element: (inout JSONWriter, Elements.Element) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        for item in elements { try element(&self, item) }
        endArray()
    }

    /// The name of the member whose value comes next. Names are our own words and need no escapes.
    public mutating func name(_ name: StaticString) {
        openString()
        output.append(name)
        output.append(UInt8(ascii: "\""), UInt8(ascii: ":"))
        needsComma = false
    }

    /// A name that is an account.
    mutating func name(hex address: Address) {
        hex(address)
        endName()
    }

    /// A name that is 32 bytes.
    mutating func name(hex word: Hash32) {
        hex(word)
        endName()
    }

    /// The name of a member that is not known before.
    mutating func name(text: String) {
        string(text)
        endName()
    }

    private mutating func endName() {
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    public mutating func null() { literal("null") }
    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// A JSON number.
    public mutating func number(_ value: Int) {
        literal(String(value))
    }

    /// A JSON number.
    public mutating func number(_ value: UInt64) {
        literal(String(value))
    }

    /// A JSON number; whole values stand without a fraction, as Go writes them.
    ///
    /// - Precondition: `value` is finite.
    public mutating func number(_ value: Double) {
        precondition(value.isFinite, "JSON has no infinity and no NaN")
        if value == value.rounded(), abs(value) < 1e15 { number(Int(value)) } else { literal(value.description) }
    }

    /// The shortest hex number: 0x0, 0x1f.
    public mutating func quantity(_ value: UInt64) {
        openHex()
        output.appendShortestHex(value)
        closeString()
    }

    public mutating func quantity(_ value: Int) { quantity(UInt64(value)) }

    /// The shortest hex number.
    public mutating func quantity(_ value: UInt256) {
        openHex()
        if value.limb3 != 0 {
            output.appendShortestHex(value.limb3)
            output.appendHex(value.limb2)
            output.appendHex(value.limb1)
            output.appendHex(value.limb0)
        } else if value.limb2 != 0 {
            output.appendShortestHex(value.limb2)
            output.appendHex(value.limb1)
            output.appendHex(value.limb0)
        } else if value.limb1 != 0 {
            output.appendShortestHex(value.limb1)
            output.appendHex(value.limb0)
        } else {
            output.appendShortestHex(value.limb0)
        }
        closeString()
    }

    /// 0x and two digits a byte.
    public mutating func hex(_ value: Hash32) {
        openHex()
        output.appendHex(value.word0)
        output.appendHex(value.word1)
        output.appendHex(value.word2)
        output.appendHex(value.word3)
        closeString()
    }

    /// 0x and two digits a byte.
    public mutating func hex(_ value: Address) {
        let word = UInt256(value)
        openHex()
        output.appendHex(UInt32(truncatingIfNeeded: word.limb2))
        output.appendHex(word.limb1)
        output.appendHex(word.limb0)
        closeString()
    }

    /// 0x and sixteen digits.
    public mutating func hexWord(_ value: UInt64) {
        openHex()
        output.appendHex(value)
        closeString()
    }

    /// 0x and two digits a byte.
    public mutating func hex(_ value: Bytes) {
        openHex()
        output.appendHex(value)
        closeString()
    }

    /// Any text, with the escapes that JSON asks for.
    public mutating func string(_ text: String) {
        openString()
        for unit in text.utf8 { writeEscaped(unit) }
        closeString()
    }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let digits): literal(digits)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(text: member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// A value that was written before.
    mutating func written(_ json: ByteBuffer) {
        if needsComma { output.append(UInt8(ascii: ",")) }
        output.append(json)
        needsComma = true
    }

    // MARK: Bytes

    private mutating func open(_ bracket: UInt8) {
        if needsComma { output.append(UInt8(ascii: ",")) }
        output.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        output.append(bracket)
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        if needsComma { output.append(UInt8(ascii: ",")) }
        output.append(text)
        needsComma = true
    }

    @inline(__always)
    private mutating func openString() {
        if needsComma { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func closeString() {
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inline(__always)
    private mutating func openHex() {
        openString()
        output.append(UInt8(ascii: "0"), UInt8(ascii: "x"))
    }

    private mutating func writeEscaped(_ unit: UInt8) {
        switch unit {
        case UInt8(ascii: "\""): output.append(UInt8(ascii: "\\"), UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): output.append(UInt8(ascii: "\\"), UInt8(ascii: "\\"))
        case 10: output.append(UInt8(ascii: "\\"), UInt8(ascii: "n"))
        case 0..<0x20:
            output.append("\\u00" as StaticString)
            output.append(hexDigit(unit >> 4), hexDigit(unit & 15))
        default: output.append(unit)
        }
    }
}
