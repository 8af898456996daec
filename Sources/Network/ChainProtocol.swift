import Primitives

/// What TLS's application protocol negotiation (RFC 7301) carries for us: protocol, version and chain in one name. The
/// handshake's transcript covers it, so two nodes that agree on it have proved to each other that they mean one genesis.
public struct ChainProtocol {
    /// The version of the protocol that nodes talk with each other.
    public static let version: UInt64 = 1
    static let family = "firetower/\(version)/"

    let genesisHash: Hash32
    /// The protocol list with our one name in it, as it goes on the wire: a byte of length, then the name.
    let wire: Bytes

    var name: Bytes { Bytes(wire.dropFirst()) }

    init(genesisHash: Hash32) {
        self.genesisHash = genesisHash
        let name = Bytes((Self.family + genesisHash.hex.dropFirst(2)).utf8)
        wire = [UInt8(name.count)] + name
    }

    /// Where our name lies in the list of a client, or nil.
    func position(in list: some RandomAccessCollection<UInt8>) -> Int? {
        var rest = list[...]
        var position = 0
        while let length = rest.popFirst() {
            position += 1
            if rest.prefix(Int(length)).elementsEqual(wire.dropFirst()) { return position }
            position += Int(length)
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    /// The first name of the list of a client, fit for a log.
    static func firstName(in list: some RandomAccessCollection<UInt8>) -> String? {
        guard let length = list.first, length > 0 else { return nil }
        let printable = list.dropFirst().prefix(Int(length)).map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: printable, as: UTF8.self)
    }
}
