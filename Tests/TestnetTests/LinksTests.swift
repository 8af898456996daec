import Testing

@testable import Testnet

struct LinksTests {
    @Test(
        arguments: [
            ("all", Links.Choice.all), ("cn1", .of("cn1")), ("cn1-rn2", .between("cn1", "rn2")), ("", nil),
            ("cn1-", nil), ("-cn1", nil), ("cn1-cn1", nil), ("cn1-cn2-cn3", nil),
        ] as [(String, Links.Choice?)])
    func `links are named by their ends, by one end, or all together`(text: String, choice: Links.Choice?) {
        #expect(Links.Choice(text: text) == choice)
    }

    @Test func `a link has no direction`() {
        #expect(Links.Edge("cn2", "cn1") == Links.Edge("cn1", "cn2") && "\(Links.Edge("rn1", "cn3"))" == "cn3-rn1")
    }
}
