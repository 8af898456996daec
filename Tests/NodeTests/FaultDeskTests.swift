import Crypto
import Primitives
import Ranger
import Testing

@testable import FaultProofs

/// One deed is one fault, however many proofs show it.
@Suite struct FaultDeskTests {
    private func address(_ number: UInt8) -> Address { Address(lastBytesOf: keccak256([number])) }
    private func id(_ number: Int) -> Hash32 { keccak256([UInt8(number >> 8), UInt8(number & 255)]) }

    private func fault(
        _ kind: FaultProof.Kind, rule: String = "stateRoot", height: Height = 5, round: UInt64? = 0,
        block: UInt8 = 1, guilty: [UInt8], isSealed: Bool
    ) -> ProvenFault {
        ProvenFault(
            kind: kind, rule: rule, height: height, round: round, block: keccak256([block]),
            guilty: guilty.map(address), expected: "", found: "", isSealed: isSealed, transactionIndex: nil)
    }

    /// The macro cannot see through a call that mutates a value; through a reference it can.
    private final class Desk {
        var inner: FaultDesk
        init(_ inner: FaultDesk = FaultDesk()) { self.inner = inner }
        var count: Int { inner.count }
        var refusedCount: UInt64 { inner.refusedCount }
        func accept(_ id: Hash32, showing fault: ProvenFault) -> Bool { inner.accept(id, showing: fault) }
        func admit(_ id: Hash32, isOwn: Bool = false) -> FaultDesk.Admission { inner.admit(id, isOwn: isOwn) }
        func refuse(_ id: Hash32) { inner.refuse(id) }
        func equivocations(of address: Address, from height: Height) -> Int {
            inner.equivocations(of: address, from: height)
        }
    }

    @Test func `a further proof of one sealed block is news only if it convicts somebody new`() {
        let desk = Desk()
        #expect(desk.accept(id(1), showing: fault(.execution, guilty: [1, 2, 3], isSealed: true)))
        // Another transaction of it, another rule, other seals of the same validators.
        #expect(!desk.accept(id(2), showing: fault(.body, rule: "nonce", guilty: [1, 2, 3], isSealed: true)))
        #expect(!desk.accept(id(3), showing: fault(.execution, guilty: [2, 3], isSealed: true)))
        #expect(desk.accept(id(4), showing: fault(.execution, guilty: [2, 3, 4], isSealed: true)))
        // Whoever sealed it need not be convicted of having proposed it.
        #expect(!desk.accept(id(5), showing: fault(.execution, guilty: [1], isSealed: false)))
        #expect(desk.accept(id(6), showing: fault(.execution, guilty: [9], isSealed: false)))
        #expect(desk.count == 3)
        #expect(desk.admit(id(3)) == .known)
    }

    @Test func `a fork is news again only if it convicts more`() {
        let desk = Desk()
        #expect(desk.accept(id(1), showing: fault(.fork, rule: "fork", guilty: [1], isSealed: true)))
        #expect(!desk.accept(id(2), showing: fault(.fork, rule: "fork", block: 2, guilty: [1], isSealed: true)))
        #expect(desk.accept(id(3), showing: fault(.fork, rule: "fork", guilty: [1, 2], isSealed: true)))
        #expect(desk.accept(id(4), showing: fault(.fork, rule: "fork", height: 6, guilty: [], isSealed: true)))
    }

    @Test func `many pairs of one contradiction are one fault`() {
        let desk = Desk()
        #expect(desk.accept(id(1), showing: fault(.pair, rule: "E4", guilty: [1], isSealed: false)))
        #expect(!desk.accept(id(2), showing: fault(.pair, rule: "E4", block: 2, guilty: [1], isSealed: false)))
        #expect(desk.accept(id(3), showing: fault(.pair, rule: "E1", guilty: [1], isSealed: false)))
        #expect(desk.accept(id(4), showing: fault(.pair, rule: "E4", guilty: [2], isSealed: false)))
        #expect(desk.accept(id(5), showing: fault(.pair, rule: "E4", round: 3, guilty: [1], isSealed: false)))
        #expect(desk.equivocations(of: address(1), from: 5) == 3 && desk.equivocations(of: address(1), from: 6) == 0)
    }

    @Test func `a liar cannot fill the desk with its own faults`() {
        let desk = Desk()
        for number in 0..<FaultDesk.faultsPerValidatorMax + 50 {
            let shown = fault(.pair, rule: "E1", height: Height(number), guilty: [1], isSealed: false)
            #expect(desk.accept(id(number), showing: shown) == (number < FaultDesk.faultsPerValidatorMax))
        }
        #expect(desk.accept(id(900), showing: fault(.pair, rule: "E1", guilty: [2], isSealed: false)))
        #expect(desk.accept(id(901), showing: fault(.execution, guilty: [1, 2, 3], isSealed: true)))
    }

    @Test func `so many proofs wait to be judged, and our own beside them`() {
        let desk = Desk()
        for number in 0..<FaultDesk.judgingMax { #expect(desk.admit(id(number)) == .judge) }
        #expect(desk.admit(id(500)) == .tooMany)
        for number in 0..<FaultDesk.ownJudgingMax { #expect(desk.admit(id(100 + number), isOwn: true) == .judge) }
        #expect(desk.admit(id(501), isOwn: true) == .tooMany)
        desk.refuse(id(0))
        #expect(desk.admit(id(0)) == .refusedBefore && desk.refusedCount == 2)
    }

    @Test func `what was known before a restart is known after it`() {
        let known = fault(.execution, guilty: [1, 2, 3], isSealed: true)
        let desk = Desk(FaultDesk(known: [(id(1), known)]))
        #expect(desk.admit(id(1)) == .known && !desk.accept(id(2), showing: known) && desk.count == 1)
    }
}
