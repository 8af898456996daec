import Chain
import Consensus
import Crypto
import Primitives
import Testing

@testable import Node

/// Orders to misbehave: who plays what, and which orders are refused.
@Suite struct InjectionTests {
    struct AnySignature: SignatureScheme {
        func verify(_ signature: NodeSignature, of digest: Hash32, by key: NodePublicKey) -> Bool { true }
    }

    static func council(of count: Int) throws -> Council {
        try Council(
            (0..<count).map {
                CouncilMember(publicKey: try NodeKey(keccak256([UInt8($0)])).publicKey, rewardAddress: .zero)
            })
    }

    private func node(council count: Int = 4, isRanger: Bool = false) throws -> Node<AnySignature> {
        let council = try Self.council(of: count)
        let genesis = try Genesis(
            rules: ChainRules(chainID: 7, pocFund: .zero, kirFund: .zero), council: council,
            timestampMilliseconds: 1_000, accounts: [])
        let key = isRanger ? try NodeKey(keccak256([99])).publicKey : council.members[0].publicKey
        let settings = NodeSettings(
            name: "n", genesis: genesis, publicKey: key, listen: "a:1", bootstrap: [], blockTime: .seconds(1),
            wallClockStart: 2_000, allowsInjection: true)
        let tail = ChainTail(block: genesis.block(), certificate: nil)
        return Node(settings: settings, scheme: AnySignature(), memory: NodeMemory(tail: tail))
    }

    // MARK: Who plays what

    @Test(arguments: 1...22)
    func `at level S exactly a quorum looks away, its proposer first, in any round`(count: Int) throws {
        let committee = try Self.council(of: count).committee(at: 9, parent: .zero, sizeMax: Council.memberMax)
        for round in Injection.Fault.wrongReward.rounds {
            let injection = Injection(fault: .wrongReward, level: .sealed, height: 9, round: round)
            let cast = try #require(InjectionCast(injection, in: committee))
            #expect(cast.liars.count == committee.quorum && Set(cast.liars).count == committee.quorum)
            #expect(cast.liars[0] == committee.proposer(height: 9, round: round).address)
            #expect(Set(cast.liars + cast.firstHalf) == Set(committee.members.map(\.address)))
            #expect(cast.secondHalf.isEmpty)
            #expect(cast.silent == (0..<round).map { committee.proposer(height: 9, round: $0).address })
        }
    }

    @Test(arguments: 1...22)
    func `a fork takes more liars than are withstood, fewer than a quorum, and either half makes one with them`(
        count: Int
    ) throws {
        let committee = try Self.council(of: count).committee(at: 9, parent: .zero, sizeMax: Council.memberMax)
        for fault in [Injection.Fault.fork, .crossRoundFork] {
            let injection = Injection(fault: fault, level: .fork, height: 9)
            guard let cast = InjectionCast(injection, in: committee) else {
                #expect(count < 4)
                continue
            }
            #expect(count >= 4)
            #expect(cast.liars.count > committee.faultTolerance && cast.liars.count < committee.quorum)
            #expect(cast.liars.prefix(2) == [0, 1].map { committee.proposer(height: 9, round: $0).address }[...])
            for half in [cast.firstHalf, cast.secondHalf] {
                #expect(!half.isEmpty && cast.liars.count + half.count >= committee.quorum)
            }
            let all = cast.liars + cast.firstHalf + cast.secondHalf
            #expect(all.count == count && Set(all).count == count)
        }
    }

    @Test func `the one who is named comes first, and the others follow in rotation`() throws {
        let committee = try Self.council(of: 4).committee(at: 9, parent: .zero, sizeMax: Council.memberMax)
        let named = committee.proposer(height: 9, round: 2).address
        let injection = Injection(fault: .doubleCommit, level: .conduct, height: 9, actor: named)
        #expect(InjectionCast(injection, in: committee)?.liars == [named])
        let stranger = Injection(fault: .doubleCommit, level: .conduct, height: 9, actor: .zero)
        #expect(InjectionCast(stranger, in: committee) == nil)
    }

    // MARK: What is refused

    struct Refusal: Sendable, CustomTestStringConvertible {
        let injection: Injection
        let reason: String
        var council = 4

        init(
            _ fault: Injection.Fault, _ level: Injection.Level, height: Height = 5, round: UInt64? = nil,
            actor: Address? = nil, council: Int = 4, _ reason: String
        ) {
            injection = Injection(fault: fault, level: level, height: height, round: round, actor: actor)
            (self.reason, self.council) = (reason, council)
        }

        var testDescription: String { "\(injection.fault.rawValue) \(injection.level.rawValue): \(reason)" }
    }

    static let refusals: [Refusal] = [
        Refusal(.wrongTransactionsRoot, .sealed, "has level P, not S"),
        Refusal(.fork, .conduct, "has level F, not C"),
        Refusal(.unjustifiedProposal, .conduct, round: 0, "in round 1 to 4, not 0"),
        Refusal(.silentValidator, .conduct, round: 1, "in round 0, not 1"),
        Refusal(.wrongReward, .sealed, round: 5, "in round 0 to 4, not 5"),
        Refusal(.wrongReward, .sealed, height: 0, "height 0 is sealed already"),
        Refusal(.wrongReward, .sealed, height: 1_000_001, "too far away"),
        Refusal(.wrongReward, .sealed, height: .max, "too far away"),
        Refusal(.nonceReplay, .proposal, "there is nothing to replay"),
        Refusal(.amnesia, .conduct, actor: .zero, "a validator's deed, and the node named is none"),
        Refusal(.fork, .fork, council: 3, "3 of whom must agree, cannot be forked by fewer"),
        Refusal(.wrongReward, .proposal, council: 1, "nobody is there to notice"),
        Refusal(.silentValidator, .conduct, council: 3, "would stop for good"),
    ]

    @Test(arguments: refusals)
    func `an order that would come to nothing is refused with the reason`(refusal: Refusal) throws {
        let node = try node(council: refusal.council)
        let effective = refusal.injection.moved(to: node.effectiveHeight(of: refusal.injection))
        let reason = try #require(node.refusal(of: effective))
        #expect(reason.contains(refusal.reason), "\(reason)")
    }

    @Test func `every fault can be ordered at each of its levels and rounds, where there is something to make it of`()
        throws
    {
        let (validator, ranger) = (try node(), try node(isRanger: true))
        for fault in Injection.Fault.allCases where fault != .nonceReplay {
            for level in fault.levels {
                for round in fault.rounds {
                    let injection = Injection(fault: fault, level: level, height: 5, round: round)
                    #expect(validator.refusal(of: injection) == nil, "\(fault.rawValue) \(level.rawValue) \(round)")
                }
            }
        }
        let lie = Injection(fault: .lyingRanger, level: .conduct, height: 5)
        #expect(ranger.refusal(of: lie) == "this ranger has no vote yet that it could forge")
        let member = try Self.council(of: 4).members[1].address
        let misplaced = Injection(fault: .lyingRanger, level: .conduct, height: 5, actor: member)
        #expect(ranger.refusal(of: misplaced)?.contains("a ranger's deed") == true)
    }

    @Test func `a block has room for one fault, and a fork takes up its height`() throws {
        var node = try node()
        func order(_ fault: Injection.Fault, _ level: Injection.Level, _ height: Height, round: UInt64 = 0) -> Injection
        {
            Injection(fault: fault, level: level, height: height, round: round)
        }
        _ = node.handle(.inject(order(.wrongReward, .sealed, 5)), at: .zero)
        _ = node.handle(.inject(order(.fork, .fork, 6)), at: .zero)
        for clash in [
            order(.overspend, .proposal, 5), order(.wrongStateRoot, .sealed, 5, round: 1), order(.fork, .fork, 5),
            order(.doubleCommit, .conduct, 6), order(.wrongReward, .sealed, 5),
        ] {
            #expect(node.refusal(of: clash)?.contains("to happen at height") == true, "\(clash)")
        }
        for other in [
            order(.overspend, .proposal, 5, round: 1), order(.doubleCommit, .conduct, 5), order(.overspend, .sealed, 7),
        ] {
            #expect(node.refusal(of: other) == nil, "\(other)")
        }
    }

    @Test func `a proposer's fault waits for the turn of who is named`() throws {
        let node = try node()
        let committee = try Self.council(of: 4).committee(at: 5, parent: .zero, sizeMax: Council.memberMax)
        for round: UInt64 in 0...2 {
            for member in committee.members {
                let order = Injection(
                    fault: .overspend, level: .proposal, height: 5, round: round, actor: member.address)
                let height = node.effectiveHeight(of: order)
                #expect((5..<9).contains(height))
                #expect(committee.proposer(height: height, round: round) == member)
            }
        }
    }

    // MARK: What became of it

    @Test func `an order for a sealed height, or of somebody else, is reported as such`() throws {
        var node = try node()
        _ = node.handle(.started, at: .zero)
        let late = Injection(fault: .amnesia, level: .conduct, height: 0)
        let own = Injection(fault: .silentValidator, level: .conduct, height: 1, actor: node.address)
        let other = try #require(Self.council(of: 4).members.last?.address)
        let foreign = Injection(fault: .silentValidator, level: .conduct, height: 1, actor: other)
        let lie = Injection(fault: .lyingRanger, level: .conduct, height: 1)
        for injection in [late, own, foreign, lie] { _ = node.handle(.inject(injection), at: .zero) }
        #expect(
            node.injectionReports == [
                InjectionReport(late, .missed("height 0 was sealed before the order came")), InjectionReport(own),
                InjectionReport(foreign, .bystander), InjectionReport(lie, .bystander),
            ])
    }

    @Test func `settled orders are forgotten beyond a limit, oldest first, and waiting ones never`() throws {
        var node = try node()
        let waiting = Injection(fault: .amnesia, level: .conduct, height: 9)
        _ = node.handle(.inject(waiting), at: .zero)
        for seed in 0..<UInt64(Misconduct.settledMax) + 10 {
            _ = node.handle(.inject(Injection(fault: .amnesia, level: .conduct, height: 0, seed: seed)), at: .zero)
        }
        #expect(node.injectionReports.count == Misconduct.settledMax + 1)
        #expect(node.injectionReports[0] == InjectionReport(waiting))
        #expect(node.injectionReports[1].injection.seed == 10)
    }
}
