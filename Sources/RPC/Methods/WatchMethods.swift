import FaultProofs
import Primitives

/// How the council and this node are doing, and what a fault means: council_status, council_scores,
/// ranger_explainFault.
func watchMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "council_status", "Whether this node goes on, and if not, why, who signed it and what to do.",
            result: "object",
            .asking { _, writer in
                let report = await context.node.watchReport()
                writer.object { writer in
                    writer.name("headHeight")
                    writer.quantity(report.headHeight)
                    writer.name("halted")
                    if let reason = report.haltedBecause { writer.string(reason) } else { writer.null() }
                    writer.watchFields(report)
                }
            }),
        RPCMethod(
            "council_scores", "How each validator has done its work over the latest sealed blocks.",
            result: "array of objects",
            .asking { _, writer in
                let report = await context.node.watchReport()
                writer.array(report.scores) { writer, score in writer.score(score) }
            }),
        RPCMethod(
            "ranger_explainFault", "What a fault is, in words: where execution parted from the block, who signed.",
            [.required("id", .hash)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                guard let explanation = await context.node.explanation(of: try arguments.hash(0)) else {
                    return writer.null()
                }
                writer.explanation(explanation)
            }),
    ]
}

extension JSONWriter {
    /// What council_status and ranger_status have in common.
    mutating func watchFields(_ report: WatchReport) {
        name("stopped")
        if let stopped = report.stopped { standstill(stopped) } else { null() }
        name("archivedVotes")
        quantity(report.archivedVotes)
        name("archivedHeights")
        quantity(report.archivedHeights)
        name("keyClashes")
        array(report.keyClashes) { writer, clash in
            writer.object { writer in
                writer.name("node")
                writer.hex(clash.node)
                writer.name("first")
                writer.string(clash.first)
                writer.name("second")
                writer.string(clash.second)
                writer.name("count")
                writer.quantity(clash.count)
            }
        }
    }

    private mutating func standstill(_ report: StandstillReport) {
        beginObject()
        name("lastGoodHeight")
        quantity(report.lastGoodHeight)
        name("height")
        quantity(report.height)
        name("cause")
        string(report.cause)
        name("rule")
        string(report.rule)
        name("block")
        hex(report.block)
        name("fault")
        if let fault = report.fault { hex(fault) } else { null() }
        name("signers")
        addresses(report.signers)
        name("reason")
        string(report.reason)
        name("advice")
        string(report.advice)
        endObject()
    }

    mutating func score(_ score: ScoreReport) {
        beginObject()
        name("validator")
        hex(score.validator)
        name("heights")
        quantity(score.heights)
        name("sealsMissed")
        quantity(score.sealsMissed)
        name("unheard")
        quantity(score.unheard)
        name("heightsHeard")
        quantity(score.heightsHeard)
        name("lastUnheard")
        optionalQuantity(score.lastUnheard)
        name("proposalsMissed")
        quantity(score.proposalsMissed)
        name("lastProposalMissed")
        optionalQuantity(score.lastProposalMissed)
        name("equivocations")
        quantity(score.equivocations)
        endObject()
    }

    fileprivate mutating func explanation(_ explanation: FaultExplanation) {
        beginObject()
        name("headline")
        string(explanation.headline)
        name("story")
        array(explanation.story) { writer, line in writer.string(line) }
        name("kind")
        string(explanation.kind.name)
        name("rule")
        string(explanation.rule)
        name("meaning")
        string(explanation.meaning)
        name("height")
        quantity(explanation.height)
        name("round")
        optionalQuantity(explanation.round)
        name("block")
        hex(explanation.block)
        name("transaction")
        if let found = explanation.transaction { transaction(found) } else { null() }
        name("divergence")
        if let found = explanation.divergence { divergence(found) } else { null() }
        name("expected")
        string(explanation.expected)
        name("found")
        string(explanation.found)
        name("sealed")
        bool(explanation.isSealed)
        name("signers")
        addresses(explanation.signers)
        name("statements")
        array(explanation.statements) { writer, line in writer.string(line) }
        name("advice")
        array(explanation.advice) { writer, line in writer.string(line) }
        name("text")
        array(explanation.lines) { writer, line in writer.string(line) }
        endObject()
    }

    private mutating func transaction(_ transaction: ExplainedTransaction) {
        beginObject()
        name("index")
        quantity(transaction.position)
        name("hash")
        hex(transaction.hash)
        name("from")
        optionalAddress(transaction.sender)
        name("to")
        optionalAddress(transaction.recipient)
        name("nonce")
        quantity(transaction.nonce)
        name("value")
        quantity(transaction.value)
        endObject()
    }

    private mutating func divergence(_ divergence: Divergence) {
        beginObject()
        name("account")
        hex(divergence.account)
        name("slot")
        if let slot = divergence.slot { quantity(slot) } else { null() }
        name("field")
        string(divergence.field)
        name("expected")
        string(divergence.expected)
        name("found")
        string(divergence.found)
        name("calls")
        array(divergence.calls) { writer, call in writer.string(call.description) }
        endObject()
    }

    private mutating func optionalQuantity(_ value: UInt64?) {
        if let value { quantity(value) } else { null() }
    }

    private mutating func optionalAddress(_ address: Address?) {
        if let address { hex(address) } else { null() }
    }
}
