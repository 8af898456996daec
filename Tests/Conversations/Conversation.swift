import Foundation
import Primitives
import RPC

/// One recorded file: requests, each with the answer that it got.
struct Conversation {
    struct Exchange {
        let request: Bytes
        let answer: JSONValue
    }

    /// "eth_call/call-contract.io"
    let name: String
    /// The answers need only have the form that the specification gives them.
    let isForm: Bool
    let exchanges: [Exchange]

    /// Reads a file of lines: `//` comments, `>> ` requests and `<< ` answers.
    init(name: String, _ content: Data) throws {
        self.name = name
        var exchanges: [Exchange] = []
        var request: Bytes?
        var isForm = false
        for line in content.split(separator: UInt8(ascii: "\n")) {
            let text = Bytes(line)
            if text.starts(with: Bytes("//".utf8)) {
                isForm = isForm || String(decoding: text, as: UTF8.self).contains("speconly:")
            } else if text.starts(with: Bytes(">> ".utf8)) {
                guard request == nil else { throw ConversationError("\(name): a request without an answer") }
                request = Bytes(text.dropFirst(3))
            } else if text.starts(with: Bytes("<< ".utf8)) {
                guard let asked = request else { throw ConversationError("\(name): an answer without a request") }
                exchanges.append(Exchange(request: asked, answer: try JSONParser.parse(Bytes(text.dropFirst(3)))))
                request = nil
            }
        }
        guard request == nil, !exchanges.isEmpty else { throw ConversationError("\(name): no whole exchange") }
        (self.isForm, self.exchanges) = (isForm, exchanges)
    }

    /// All conversations below `folder`, in the order of their names.
    static func all(in folder: URL) throws -> [Conversation] {
        var conversations: [Conversation] = []
        for method in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: method).path)
            for file in files.sorted() where file.hasSuffix(".io") {
                let content = try Data(contentsOf: folder.appending(path: "\(method)/\(file)"))
                conversations.append(try Conversation(name: "\(method)/\(file)", content))
            }
        }
        return conversations
    }
}

/// Why conversations cannot be held.
struct ConversationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
