import Primitives

/// ranger_*: what was found wrong, with the proofs.
func rangerMethods(_ context: RPCContext) -> [RPCMethod] {
    [
        RPCMethod(
            "ranger_getFaults", "The faults that are proven, oldest first.",
            [.optional("start", .quantity), .optional("limit", .quantity)], result: "array of faults",
            .asking { arguments, writer throws(RPCError) in
                let start = try arguments.readOptional(0, quantityArgument) ?? 0
                let limit = try arguments.readOptional(1, quantityArgument) ?? UInt64(context.limits.faultsListedMax)
                let faults = await context.node.faults(
                    from: Int(clamping: start), limit: Int(min(limit, UInt64(context.limits.faultsListedMax))))
                writer.beginArray()
                for fault in faults {
                    writer.fault(fault, proof: nil)
                    try writer.checkSize()
                }
                writer.endArray()
            }),
        RPCMethod(
            "ranger_getFault", "One fault with the proof that anybody can check.",
            [.required("id", .hash)], result: "fault or null",
            .asking { arguments, writer throws(RPCError) in
                guard let found = await context.node.fault(try arguments.hash(0)) else { return writer.null() }
                writer.fault(found.record, proof: found.proof)
            }),
        RPCMethod(
            "ranger_verdict", "What this node found when it executed a block.",
            [.required("block", .blockOrHash)], result: "object or null",
            .asking { arguments, writer throws(RPCError) in
                // Also above the head: a ranger follows headers past a block that it refused.
                let reference = try arguments.blockOrHash(0)
                var height = try context.height(of: reference)
                if case .height(let asked) = reference { height = asked }
                guard let height else { return writer.null() }
                writer.verdict(await context.node.verdict(at: height))
            }),
        RPCMethod(
            "ranger_status", "How far this node has checked the chain.", result: "object",
            .asking { _, writer in
                writer.ranger(await context.node.rangerStatus(), await context.node.watchReport())
            }),
    ]
}

extension JSONWriter {
    mutating func fault(_ record: FaultRecord, proof: Bytes?) {
        beginObject()
        name("id")
        hex(record.id)
        name("kind")
        string(record.kind)
        name("rule")
        string(record.rule)
        name("height")
        quantity(record.height)
        name("round")
        if let round = record.round { quantity(round) } else { null() }
        name("block")
        hex(record.block)
        name("guilty")
        addresses(record.guilty)
        name("expected")
        string(record.expected)
        name("found")
        string(record.found)
        name("firstSeen")
        quantity(record.firstSeenMilliseconds)
        name("proofSize")
        quantity(record.proofByteCount)
        if let proof {
            name("proof")
            hex(proof)
        }
        endObject()
    }

    mutating func verdict(_ report: VerdictReport) {
        beginObject()
        name("height")
        quantity(report.height)
        name("verdict")
        string(report.outcome.rawValue)
        name("explanation")
        string(report.explanation)
        name("fault")
        if let fault = report.fault { hex(fault) } else { null() }
        endObject()
    }

    fileprivate mutating func ranger(_ report: RangerReport, _ watch: WatchReport) {
        beginObject()
        name("validatedHeight")
        quantity(report.validatedHeight)
        name("followedHeight")
        quantity(report.followedHeight)
        name("faults")
        quantity(report.faultCount)
        name("rejectedReports")
        quantity(report.rejectedReports)
        name("penalisedPeers")
        quantity(report.penalisedPeers)
        watchFields(watch)
        name("scores")
        array(watch.scores) { writer, score in writer.score(score) }
        endObject()
    }
}
