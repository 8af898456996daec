public import Primitives

extension ABIValue {
    /// The values as Solidity encodes arguments and results: words of 32 bytes, dynamic values behind offsets.
    public static func encode(_ values: [ABIValue]) -> Bytes {
        var bytes = Bytes()
        append(frame: values, to: &bytes)
        return bytes
    }

    /// A frame is what offsets count from: the heads of `values`, then the tails of those that are dynamic.
    private static func append(frame values: [ABIValue], to bytes: inout Bytes) {
        let start = bytes.count
        var offsetPositions: [Int] = []
        for value in values {
            if value.isDynamic {
                offsetPositions.append(bytes.count)
                bytes.append(contentsOf: repeatElement(0, count: ABIType.wordBytes))
            } else {
                value.append(staticTo: &bytes)
            }
        }
        var tails = offsetPositions.makeIterator()
        for value in values where value.isDynamic {
            guard let position = tails.next() else { preconditionFailure("every dynamic value has an offset") }
            let offset = UInt256(UInt64(bytes.count - start)).bigEndianBytes
            bytes.replaceSubrange(position..<position + ABIType.wordBytes, with: offset)
            value.append(tailTo: &bytes)
        }
    }

    private func append(staticTo bytes: inout Bytes) {
        switch self {
        case .uint(let word), .int(let word):
            bytes.append(contentsOf: word.bigEndianBytes)
        case .address(let address):
            bytes.append(contentsOf: UInt256(address).bigEndianBytes)
        case .bool(let truth):
            bytes.append(contentsOf: UInt256(truth ? 1 : 0).bigEndianBytes)
        case .fixedBytes(let content):
            precondition(content.count <= ABIType.wordBytes, "bytesN has at most 32 bytes")
            ABIValue.append(padded: content, to: &bytes)
        case .tuple(let components):
            for component in components { component.append(staticTo: &bytes) }
        case .bytes, .string, .array:
            preconditionFailure("a dynamic value has a tail")
        }
    }

    private func append(tailTo bytes: inout Bytes) {
        switch self {
        case .bytes(let content):
            bytes.append(contentsOf: UInt256(UInt64(content.count)).bigEndianBytes)
            ABIValue.append(padded: content, to: &bytes)
        case .string(let text):
            ABIValue.bytes(Bytes(text.utf8)).append(tailTo: &bytes)
        case .array(let elements):
            bytes.append(contentsOf: UInt256(UInt64(elements.count)).bigEndianBytes)
            ABIValue.append(frame: elements, to: &bytes)
        case .tuple(let components):
            ABIValue.append(frame: components, to: &bytes)
        case .uint, .int, .address, .bool, .fixedBytes:
            preconditionFailure("a static value has no tail")
        }
    }

    /// Zeros follow up to a whole word.
    private static func append(padded content: Bytes, to bytes: inout Bytes) {
        bytes.append(contentsOf: content)
        let rest = content.count % ABIType.wordBytes
        if rest > 0 { bytes.append(contentsOf: repeatElement(0, count: ABIType.wordBytes - rest)) }
    }
}
