/// What a person sees who opens the server's address in a browser.
struct HumanPage {
    let clientVersion: String
    let chainID: UInt64
    let headHeight: UInt64
    /// The name and port by which the person has reached us.
    let host: String
    let webSocketPort: Int?
    let methods: [RPCMethod]
}

func humanPage(_ page: HumanPage) -> String {
    let rows = page.methods.map { method in
        let parameters = method.parameters.map { $0.isRequired ? $0.name : "\($0.name)?" }.joined(separator: ", ")
        return "<li><code>\(method.name)(\(parameters))</code> \(escaped(method.summary))</li>"
    }
    let webSocket =
        page.webSocketPort.map { port in
            "The same, and subscriptions, over WebSocket: <code>ws://\(escaped(hostName(page.host))):\(port)</code>."
        } ?? ""
    return """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Firetower</title>
        <style>body{font:16px/1.5 system-ui;max-width:46rem;margin:3rem auto;padding:0 1rem}code{font-size:.9em}</style>
        <h1>Firetower</h1>
        <p>A node of a local, Klaytn-like network: <code>\(escaped(page.clientVersion))</code>,
        chain \(page.chainID), block \(page.headHeight).</p>
        <p>This address speaks Ethereum JSON-RPC 2.0 by POST. Point web3.py, ethers, viem,
        cast or MetaMask at it, or:</p>
        <pre>curl -H 'content-type: application/json' \\
          -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}' http://\(escaped(page.host))</pre>
        <p>\(webSocket)</p>
        <p>For those who look after it: <a href="/health">health</a>, <a href="/ready">ready</a>,
        <a href="/metrics">metrics</a> (Prometheus). <code>rpc.discover</code> describes all methods to programs.</p>
        <p>It answers:</p><ul>
        \(rows.joined(separator: "\n"))
        </ul></html>

        """
}

/// `host` without its port.
private func hostName(_ host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) else {
        return host
    }
    return String(host[..<colon])
}

private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "&": result += "&amp;"
        case "\"": result += "&quot;"
        default: result.append(character)
        }
    }
    return result
}
