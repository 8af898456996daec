import NIOCore
package import Primitives

/// The methods of a server without its sockets: for programs that ask many questions of one process.
package struct LocalRPC: Sendable {
    private let dispatcher: Dispatcher

    /// - Parameter testnet: As in `RPCServer.start`.
    package init(
        _ configuration: RPCConfiguration, chain: any ChainReader, node: any NodeService, events: EventHub = EventHub(),
        testnet: (any TestnetService)? = nil
    ) {
        let context = RPCContext(configuration: configuration, chain: chain, node: node, events: events)
        dispatcher = Dispatcher(methodTable(context, testnet: testnet), limits: configuration.limits)
    }

    /// The answer to a request body; empty where the body asks for none.
    package func answer(_ body: Bytes) async -> Bytes {
        do {
            let request = try dispatcher.parse(body)
            if let answer = dispatcher.answerAtOnce(request) { return Bytes(answer.readableBytesView) }
            return Bytes(await dispatcher.answer(request).body.readableBytesView)
        } catch {
            return Bytes(dispatcher.answer(error).readableBytesView)
        }
    }
}
