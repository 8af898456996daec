import NIOCore

/// Those who are counted together when connections from one address are bounded: an IPv4 address, or an IPv6 network
/// of 64 bits, since one subscriber owns that many addresses.
struct AddressGroup: Hashable {
    private let prefix: UInt64
    let isLoopback: Bool

    /// nil for addresses that are no IP addresses.
    init?(_ address: SocketAddress) {
        // Where the address lies in the system's structures is the same on Linux and Darwin.
        switch address {
        case .v4(let address):
            let bytes = unsafe withUnsafeBytes(of: address.address) { bytes in unsafe [UInt8](bytes[4..<8]) }
            self.init(v4: bytes)
        case .v6(let address):
            let bytes = unsafe withUnsafeBytes(of: address.address) { bytes in unsafe [UInt8](bytes[8..<24]) }
            if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) {
                // IPv4 seen through a socket for both families (RFC 4291 §2.5.5.2).
                self.init(v4: bytes.suffix(4))
            } else {
                let isLoopback = bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
                self.init(prefix: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, isLoopback: isLoopback)
            }
        case .unixDomainSocket:
            return nil
        }
    }

    /// No IPv6 network in use begins with the 32 zero bits that an IPv4 address gets here.
    private init(v4 bytes: some Collection<UInt8>) {
        self.init(prefix: bytes.reduce(0) { $0 << 8 | UInt64($1) }, isLoopback: bytes.first == 127)
    }

    private init(prefix: UInt64, isLoopback: Bool) {
        (self.prefix, self.isLoopback) = (prefix, isLoopback)
    }
}
