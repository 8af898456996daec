import NIOCore
import Testing

@testable import Network

private func rivalry(ownKeyIsSmaller: Bool) -> Rivalry {
    Rivalry(ownKeyIsSmaller: ownKeyIsSmaller, quietAfter: .seconds(10), simultaneous: .seconds(5))
}

@Suite struct RivalryTests {
    @Test func `of two that connect at once exactly the connection of the smaller key stays`() {
        for isLive in [true, false] {
            // The smaller key has begun a connection of its own, and one of the larger comes in.
            let own = Rivalry.Holder(isInbound: false, isLive: isLive, age: .seconds(1), silence: .seconds(0))
            #expect(!rivalry(ownKeyIsSmaller: true).inboundReplaces(own))
            #expect(rivalry(ownKeyIsSmaller: false).inboundReplaces(own))
        }
        // The smaller key accepted the larger one's before it heard the verdict on its own.
        let theirs = Rivalry.Holder(isInbound: true, isLive: true, age: .seconds(1), silence: .seconds(0))
        #expect(rivalry(ownKeyIsSmaller: true).acceptedOutboundReplaces(theirs))
        #expect(!rivalry(ownKeyIsSmaller: false).acceptedOutboundReplaces(theirs))
    }

    @Test(arguments: [true, false])
    func `a settled connection stays as long as it speaks`(ownKeyIsSmaller: Bool) {
        for isInbound in [true, false] {
            let settled = Rivalry.Holder(isInbound: isInbound, isLive: true, age: .hours(1), silence: .seconds(9))
            #expect(!rivalry(ownKeyIsSmaller: ownKeyIsSmaller).inboundReplaces(settled))
            #expect(!rivalry(ownKeyIsSmaller: ownKeyIsSmaller).acceptedOutboundReplaces(settled))
        }
    }

    @Test(arguments: [true, false])
    func `a silent connection yields`(ownKeyIsSmaller: Bool) {
        for isInbound in [true, false] {
            let silent = Rivalry.Holder(isInbound: isInbound, isLive: true, age: .hours(1), silence: .seconds(10))
            #expect(rivalry(ownKeyIsSmaller: ownKeyIsSmaller).inboundReplaces(silent))
            #expect(rivalry(ownKeyIsSmaller: ownKeyIsSmaller).acceptedOutboundReplaces(silent))
        }
    }

    @Test(arguments: [true, false])
    func `a second process with the key of a peer does not push the first out`(ownKeyIsSmaller: Bool) {
        let sameWay = Rivalry.Holder(isInbound: true, isLive: true, age: .seconds(0), silence: .seconds(0))
        #expect(!rivalry(ownKeyIsSmaller: ownKeyIsSmaller).inboundReplaces(sameWay))
        let ours = Rivalry.Holder(isInbound: false, isLive: true, age: .seconds(0), silence: .seconds(0))
        #expect(!rivalry(ownKeyIsSmaller: ownKeyIsSmaller).acceptedOutboundReplaces(ours))
    }
}
