import Primitives

/// *_subscribe and *_unsubscribe: only where there is a connection to talk back on.
func subscriptionMethods(_ context: RPCContext) -> [RPCMethod] {
    ethSubscriptionMethods(context, of: "eth") + [
        RPCMethod(
            "ranger_subscribe", "Tells of proven faults, or of this node's verdicts, over WebSocket.",
            [.required("subscription", .rangerSubscription)], result: "subscription id",
            .subscribing { arguments, caller, writer throws(RPCError) in
                let topic: Topic =
                    switch try arguments.read(0, textArgument) {
                    case "faults": .faults
                    case "verdicts": .verdicts
                    case let name: throw .unknownSubscription(name, in: "ranger")
                    }
                writer.quantity(try caller.subscribe(to: topic, as: "ranger_subscription"))
            }),
        RPCMethod(
            "council_subscribe", "Tells how each round of the council ended, over WebSocket.",
            [.required("subscription", .councilSubscription)], result: "subscription id",
            .subscribing { arguments, caller, writer throws(RPCError) in
                let name = try arguments.read(0, textArgument)
                guard name == "rounds" else { throw .unknownSubscription(name, in: "council") }
                writer.quantity(try caller.subscribe(to: .rounds, as: "council_subscription"))
            }),
        unsubscribe("ranger_unsubscribe"), unsubscribe("council_unsubscribe"),
    ]
}

/// What eth_subscribe can, under the name of `family`: its notifications carry that name.
func ethSubscriptionMethods(_ context: RPCContext, of family: String) -> [RPCMethod] {
    [
        RPCMethod(
            "\(family)_subscribe", "Tells of new heads, matching logs or transactions, over WebSocket.",
            [.required("subscription", .subscription), .optional("options", .subscriptionOptions)],
            result: "subscription id",
            .subscribing { arguments, caller, writer throws(RPCError) in
                let topic = try ethTopic(arguments, of: family, limits: context.limits)
                writer.quantity(try caller.subscribe(to: topic, as: "\(family)_subscription"))
            }),
        unsubscribe("\(family)_unsubscribe"),
    ]
}

private func unsubscribe(_ name: String) -> RPCMethod {
    RPCMethod(
        name, "Ends a subscription of this connection.", [.required("id", .quantity)], result: "true",
        .subscribing { arguments, caller, writer throws(RPCError) in
            try caller.unsubscribe(try arguments.read(0, wideQuantityArgument))
            writer.bool(true)
        })
}

private func ethTopic(_ arguments: Arguments, of family: String, limits: RPCLimits) throws(RPCError) -> Topic {
    switch try arguments.read(0, textArgument) {
    case "newHeads": return .heads
    case "syncing": return .syncing
    case "newPendingTransactions": return .pending(full: try arguments.flag(1) ?? false)
    case "logs":
        guard arguments[1] != nil else { return .logs(try arguments.logFilterOfAll()) }
        let filter = try arguments.read(1, LogFilter.init)
        // What is told is new whatever the range says; Go's clients say 0 to latest where nobody asked for a range.
        if case .block = filter.span { throw .invalidArgument(1, "a subscription tells of new logs: no block hash") }
        try filter.checkRange()
        let wanted = filter.topics.reduce(filter.addresses.count) { $0 + $1.count }
        guard wanted <= limits.subscriptionFilterMax else {
            throw .invalidArgument(1, "exceed max addresses and topics together: \(limits.subscriptionFilterMax)")
        }
        return .logs(filter)
    case let name: throw .unknownSubscription(name, in: family)
    }
}

extension Arguments {
    fileprivate func logFilterOfAll() throws(RPCError) -> LogFilter {
        try Arguments(values: [.object(JSONObject())]).read(0, LogFilter.init)
    }
}

private func textArgument(_ value: JSONValue) throws(ArgumentError) -> String {
    guard let text = value.string else { throw ArgumentError("expected a text, found \(value.kind)") }
    return text
}
