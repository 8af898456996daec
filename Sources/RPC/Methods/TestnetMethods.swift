import Primitives

/// testnet_*: faults on purpose. In the table only where the manifest allows them.
func testnetMethods(_ context: RPCContext, _ testnet: any TestnetService) -> [RPCMethod] {
    [
        RPCMethod(
            "testnet_listFaults", "The faults that this node can be told to commit.", result: "array of objects",
            .asking { _, writer in
                let catalogue = await testnet.faultCatalogue()
                writer.array(catalogue) { writer, fault in
                    writer.object { writer in
                        writer.name("fault")
                        writer.string(fault.name)
                        writer.name("id")
                        writer.string(fault.id)
                        writer.name("levels")
                        writer.array(fault.levels) { writer, level in writer.string(level.rawValue) }
                        writer.name("rounds")
                        writer.array(Array(fault.rounds)) { writer, round in writer.quantity(round) }
                        writer.name("deed")
                        writer.string(fault.deed)
                        writer.name("summary")
                        writer.string(fault.summary)
                        writer.name("observable")
                        writer.string(fault.observable)
                    }
                }
            }),
        RPCMethod(
            "testnet_inject",
            "Tells this node to commit a fault: {fault, level?, height?, round?, seed?, node?, check?}; "
                + "with check it says only what would come of the order.",
            [.required("fault", .fault)], result: "the fault as it is armed",
            .asking { arguments, writer throws(RPCError) in
                let (request, onlyChecking) = try context.faultRequest(arguments)
                switch await testnet.inject(request, onlyChecking: onlyChecking) {
                case .failure(let refusal): throw .server(refusal.message)
                case .success(let armed): writer.object { $0.armed(armed) }
                }
            }),
        RPCMethod(
            "testnet_injections",
            "What became of the faults that this node was told to commit: waiting, bystander, applied or missed.",
            result: "array of objects",
            .asking { _, writer in
                let statuses = await testnet.injections()
                writer.array(statuses) { writer, status in writer.object { $0.status(status) } }
            }),
        RPCMethod(
            "testnet_setLinks",
            "Disturbs these links of this node and no others: [{node, cut?, delay?, jitter?, loss?}], seed?. Delays are in milliseconds, loss in percent; an empty list heals.",
            [.required("links", .links), .optional("seed", .quantity)], result: "the number of connections concerned",
            .asking { arguments, writer throws(RPCError) in
                let orders = try arguments.read(0, linkOrders)
                let seed = try arguments.readOptional(1, quantityArgument) ?? 0
                switch await testnet.setLinks(orders, seed: seed) {
                case .failure(let refusal): throw .server(refusal.message)
                case .success(let count): writer.quantity(count)
                }
            }),
    ]
}

private func linkOrders(_ value: JSONValue) throws(ArgumentError) -> [LinkOrder] {
    guard let items = value.array else { throw ArgumentError("expected an array, found \(value.kind)") }
    guard items.count <= LinkOrder.ordersMax else {
        throw ArgumentError("expected at most \(LinkOrder.ordersMax) links, found \(items.count)")
    }
    var orders: [LinkOrder] = []
    for item in items { orders.append(try linkOrder(item)) }
    guard Set(orders.map(\.node)).count == orders.count else { throw ArgumentError("a node is named twice") }
    return orders
}

private func linkOrder(_ value: JSONValue) throws(ArgumentError) -> LinkOrder {
    guard let object = value.object else { throw ArgumentError("expected an object, found \(value.kind)") }
    let known = ["node", "cut", "delay", "jitter", "loss"]
    if let stranger = object.members.first(where: { !known.contains($0.name) }) {
        throw ArgumentError("unknown member \(stranger.name.prefix(RPCError.echoedTextMax))")
    }
    guard let node = object["node"] else { throw ArgumentError("the link has no node") }
    var isCut = false
    if let cut = object["cut"].present {
        guard case .bool(let flag) = cut else { throw ArgumentError("cut must be true or false") }
        isCut = flag
    }
    let delay = try object["delay"].present.map(quantityArgument) ?? 0
    let jitter = try object["jitter"].present.map(quantityArgument) ?? 0
    let loss = try object["loss"].present.map(quantityArgument) ?? 0
    guard delay <= LinkOrder.delayMillisecondsMax, jitter <= LinkOrder.delayMillisecondsMax - delay else {
        throw ArgumentError("delay and jitter: expected at most \(LinkOrder.delayMillisecondsMax) ms together")
    }
    guard loss <= 100 else { throw ArgumentError("loss: expected at most 100 percent") }
    return LinkOrder(
        node: try addressArgument(node), isCut: isCut, delayMilliseconds: delay, jitterMilliseconds: jitter,
        lossPercent: loss)
}

extension RPCContext {
    /// Reads `{fault, level, height, round, seed, node, check}`. The height is a quantity, or "+2" for two above the
    /// head; the next height by default.
    fileprivate func faultRequest(
        _ arguments: Arguments
    ) throws(RPCError) -> (request: FaultRequest, onlyChecking: Bool) {
        let head = chain.headHeight
        return try arguments.read(0) { value throws(ArgumentError) in
            guard let object = value.object else { throw ArgumentError("expected an object, found \(value.kind)") }
            let known = ["fault", "level", "height", "round", "seed", "node", "check"]
            if let stranger = object.members.first(where: { !known.contains($0.name) }) {
                throw ArgumentError("unknown member \(stranger.name.prefix(RPCError.echoedTextMax))")
            }
            guard let fault = object["fault"]?.string else { throw ArgumentError("the fault has no name") }
            let request = FaultRequest(
                fault: fault, level: try levelArgument(object["level"]),
                height: try heightArgument(object["height"], head: head),
                round: try object["round"].present.map(quantityArgument),
                seed: try object["seed"].present.map(quantityArgument) ?? 0,
                actor: try object["node"].present.map(addressArgument))
            return (request, try object["check"].present.map(flagArgument) ?? false)
        }
    }
}

extension JSONValue? {
    /// The value unless it is missing or null.
    fileprivate var present: JSONValue? { self == .null ? nil : self }
}

private func flagArgument(_ value: JSONValue) throws(ArgumentError) -> Bool {
    guard case .bool(let flag) = value else { throw ArgumentError("expected true or false, found \(value.kind)") }
    return flag
}

private func levelArgument(_ value: JSONValue?) throws(ArgumentError) -> FaultLevel? {
    guard let value = value.present else { return nil }
    guard let level = value.string.flatMap(FaultLevel.init) else {
        throw ArgumentError("level must be one of \(FaultLevel.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return level
}

private func heightArgument(_ value: JSONValue?, head: Height) throws(ArgumentError) -> Height {
    guard let value = value.present else { return head + 1 }
    guard let text = value.string, text.hasPrefix("+") else { return try quantityArgument(value) }
    guard let distance = UInt64(text.dropFirst()), distance <= 1 << 32 else {
        throw ArgumentError("height must be a quantity or +N")
    }
    return head + distance
}

extension JSONWriter {
    fileprivate mutating func armed(_ request: FaultRequest) {
        name("fault")
        string(request.fault)
        name("level")
        if let level = request.level { string(level.rawValue) } else { null() }
        name("height")
        quantity(request.height)
        name("round")
        if let round = request.round { quantity(round) } else { null() }
        name("seed")
        quantity(request.seed)
        name("node")
        if let actor = request.actor { string(actor.hex) } else { null() }
    }

    fileprivate mutating func status(_ status: FaultStatus) {
        armed(status.request)
        name("status")
        switch status.outcome {
        case .waiting: string("waiting")
        case .bystander: string("bystander")
        case .applied(let height, let round):
            string("applied")
            name("appliedHeight")
            quantity(height)
            name("appliedRound")
            quantity(round)
        case .missed(let why):
            string("missed")
            name("reason")
            string(why)
        }
    }
}
