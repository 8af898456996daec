/// What a person sees who opens the server's address in a browser.
func humanPage(clientVersion: String, chainID: UInt64, headHeight: UInt64, methods: [RPCMethod]) -> String {
    let rows = methods.map { method in
        let parameters = method.parameters.map { $0.isRequired ? $0.name : "\($0.name)?" }.joined(separator: ", ")
        return "<li><code>\(method.name)(\(parameters))</code> \(escaped(method.summary))</li>"
    }
    return """
        <!doctype html><meta charset="utf-8"><title>Firetower</title>
        <style>body{font:16px/1.5 system-ui;max-width:46rem;margin:3rem auto;padding:0 1rem}code{font-size:.9em}</style>
        <h1>Firetower</h1>
        <p>A node of a local, Klaytn-like network: <code>\(escaped(clientVersion))</code>,
        chain \(chainID), block \(headHeight).</p>
        <p>This address speaks Ethereum JSON-RPC 2.0 by POST. Point web3.py, ethers, viem,
        cast or MetaMask at it, or:</p>
        <pre>curl -H 'content-type: application/json' \\
          -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}' http://localhost:PORT</pre>
        <p>It answers:</p><ul>
        \(rows.joined(separator: "\n"))
        </ul>

        """
}

private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "&": result += "&amp;"
        default: result.append(character)
        }
    }
    return result
}
