internal import Configuration

/// The ports of the k-th node, k from 0, the council first (a contract with scripts).
struct Ports {
    let base: Int

    static let host = "127.0.0.1"

    /// JSON-RPC over HTTP.
    func rpc(_ k: Int) -> Endpoint { Endpoint(host: Self.host, port: base + k) }
    /// JSON-RPC over WebSocket.
    func webSocket(_ k: Int) -> Endpoint { Endpoint(host: Self.host, port: base + 1000 + k) }
    /// Other nodes.
    func listen(_ k: Int) -> Endpoint { Endpoint(host: Self.host, port: base + 2000 + k) }
}
