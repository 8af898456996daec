import Testing

@testable import RPC

@Suite struct GoDurationTests {
    @Test(
        arguments: [
            ("5s", .seconds(5)), ("300ms", .milliseconds(300)), ("1m30s", .seconds(90)), ("1.5h", .seconds(5_400)),
            ("0", .zero), ("+2us", .microseconds(2)), ("2\u{b5}s", .microseconds(2)), ("7ns", .nanoseconds(7)),
            (".5s", .milliseconds(500)), ("5.s", .seconds(5)), ("-5s", .zero), ("9999999h", .seconds(3_600_000)),
        ] as [(String, Duration)])
    func `spans of time are read as Go writes them`(text: String, duration: Duration) {
        #expect(Duration(goText: text) == duration)
    }

    @Test(
        arguments: [
            (.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(999), "999ms"), (.seconds(5), "5s"),
            (.milliseconds(1_500), "1.5s"), (.milliseconds(2_050), "2.05s"), (.seconds(60), "1m0s"),
            (.milliseconds(90_001), "1m30.001s"),
        ] as [(Duration, String)])
    func `spans of time are written as Go does`(duration: Duration, text: String) {
        #expect(duration.goText == text)
        #expect(Duration(goText: text) == duration)
    }

    @Test(arguments: ["", "-", "5", "s", "5 s", "5x", "1.2.3s", ".s", "5s3", "1e3s", "0x5s", "５s"])
    func `what is no span of time is none`(text: String) {
        #expect(Duration(goText: text) == nil)
    }
}
