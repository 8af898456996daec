import Chain
import Crypto
import Primitives

/// council_*: who seals, who sealed, and why a round failed.
func councilMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "council_members", "The council and the committee that seal a height; the next one by default.",
            [.optional("block", .block)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                let height = try context.sealedHeight(arguments, 0)
                guard let sealers = await context.node.sealers(at: height) else { return writer.null() }
                writer.sealers(sealers, at: height)
            }),
        RPCMethod(
            "council_proposer", "Who proposes at a height and round; the next height and its round by default.",
            [.optional("block", .block), .optional("round", .quantity)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                let height = try context.sealedHeight(arguments, 0)
                var round = try arguments.readOptional(1, quantityArgument)
                if round == nil { round = await context.node.rounds(at: height)?.currentRound ?? 0 }
                guard let round, let sealers = await context.node.sealers(at: height) else { return writer.null() }
                writer.object { writer in
                    writer.name("height")
                    writer.quantity(height)
                    writer.name("round")
                    writer.quantity(round)
                    writer.name("proposer")
                    writer.member(sealers.committee.proposer(height: height, round: round))
                }
            }),
        RPCMethod(
            "council_certificate", "The seals of a block: who sealed it and who is missing.",
            [.required("block", .blockOrHash)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                guard let height = try context.height(of: arguments.blockOrHash(0)) else { return writer.null() }
                let found = try reading { () throws(ChainReadError) in try context.chain.certificate(at: height) }
                guard let certificate = found else { return writer.null() }
                writer.certificate(certificate, sealers: await context.node.sealers(at: height))
            }),
        RPCMethod(
            "council_roundSummary", "What this node saw of the rounds at a height; the next one by default.",
            [.optional("block", .block)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                let height = try context.sealedHeight(arguments, 0)
                guard let summary = await context.node.rounds(at: height) else { return writer.null() }
                writer.rounds(summary)
            }),
    ]
}

extension RPCContext {
    /// The height that an argument means: the one being sealed now where it was left out or is `pending`.
    fileprivate func sealedHeight(_ arguments: Arguments, _ index: Int) throws(RPCError) -> Height {
        let next = chain.headHeight + 1
        guard arguments[index] != nil else { return next }
        switch try arguments.block(index) {
        case .latest: return next - 1
        case .height(let height): return height
        case .pending, .hash: return next
        }
    }
}

extension JSONWriter {
    fileprivate mutating func sealers(_ sealers: Sealers, at height: Height) {
        beginObject()
        name("height")
        quantity(height)
        name("councilHash")
        hex(sealers.council.hash)
        name("members")
        beginArray()
        for member in sealers.council.members { self.member(member) }
        endArray()
        name("committee")
        addresses(sealers.committee.members.map(\.address))
        name("quorum")
        quantity(sealers.committee.quorum)
        name("faultTolerance")
        quantity(sealers.committee.faultTolerance)
        endObject()
    }

    fileprivate mutating func member(_ member: CouncilMember) {
        beginObject()
        name("address")
        hex(member.address)
        name("publicKey")
        hex(member.publicKey.bytes)
        name("rewardAddress")
        hex(member.rewardAddress)
        endObject()
    }

    fileprivate mutating func certificate(_ certificate: CommitCertificate, sealers: Sealers?) {
        beginObject()
        name("height")
        quantity(certificate.height)
        name("round")
        quantity(certificate.round)
        name("block")
        hex(certificate.block)
        name("seals")
        beginArray()
        for seal in certificate.seals {
            beginObject()
            name("validator")
            hex(seal.validator)
            name("signature")
            hex(seal.signature.bytes)
            endObject()
        }
        endArray()
        if let committee = sealers?.committee {
            name("proposer")
            hex(committee.proposer(height: certificate.height, round: certificate.round).address)
            name("quorum")
            quantity(committee.quorum)
            let sealed = certificate.seals.map(\.validator)
            name("missing")
            addresses(committee.members.map(\.address).filter { !sealed.contains($0) })
        }
        endObject()
    }

    fileprivate mutating func rounds(_ summary: RoundSummary) {
        beginObject()
        name("height")
        quantity(summary.height)
        name("currentRound")
        quantity(summary.currentRound)
        name("sealed")
        bool(summary.isSealed)
        name("rounds")
        beginArray()
        for report in summary.rounds { round(report) }
        endArray()
        endObject()
    }

    private mutating func round(_ report: RoundReport) {
        beginObject()
        roundMembers(report)
        endObject()
    }

    mutating func roundMembers(_ report: RoundReport) {
        name("round")
        quantity(report.round)
        name("proposer")
        hex(report.proposer)
        name("proposal")
        if let proposal = report.proposal { hex(proposal) } else { null() }
        name("preparesFrom")
        addresses(report.preparesFrom)
        name("commitsFrom")
        addresses(report.commitsFrom)
        name("roundChangesFrom")
        addresses(report.roundChangesFrom)
        name("verdict")
        string(report.verdict)
    }

    mutating func addresses(_ addresses: [Address]) {
        beginArray()
        for address in addresses { hex(address) }
        endArray()
    }
}
