import NIOCore
import Primitives
import Testing

@testable import Network

@Suite struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:8545", "127.0.0.1", 8545), ("localhost:0", "localhost", 0), ("cn1:65535", "cn1", 65535),
        ("[::1]:30303", "::1", 30303), ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
    ])
    func `an endpoint is read and written back`(text: String, host: String, port: Int) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        ("localhost", EndpointError.missingPort("localhost")), ("", .missingPort("")),
        ("localhost:", .badPort("localhost:")), ("localhost:65536", .badPort("localhost:65536")),
        ("localhost:-1", .badPort("localhost:-1")), ("localhost:+1", .badPort("localhost:+1")),
        ("localhost:9999999999999999999999", .badPort("localhost:9999999999999999999999")),
        (":1", .badHost(":1")), ("[]:1", .badHost("[]:1")), ("a b:1", .badHost("a b:1")),
        ("::1:30303", .unbracketedAddress("::1:30303")),
    ])
    func `what is no endpoint is refused with the text`(text: String, error: EndpointError) {
        #expect(throws: error) { try Endpoint(parsing: text) }
        #expect(error.description.contains(text))
    }

    private func group(_ address: String) throws -> AddressGroup? {
        AddressGroup(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test func `an IPv4 address stands for itself, an IPv6 address for its network of 64 bits`() throws {
        #expect(try group("10.0.0.1") != group("10.0.0.2"))
        #expect(try group("10.0.0.1") == group("::ffff:10.0.0.1"))
        #expect(try group("2001:db8:1:2::3") == group("2001:db8:1:2:ffff::4"))
        #expect(try group("2001:db8:1:2::3") != group("2001:db8:1:3::3"))
    }

    @Test func `loopback is recognised in both families`() throws {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try group(address)?.isLoopback == true)
        }
        for address in ["128.0.0.1", "10.0.0.127", "::2", "2001:db8::1"] {
            #expect(try group(address)?.isLoopback == false)
        }
    }
}
