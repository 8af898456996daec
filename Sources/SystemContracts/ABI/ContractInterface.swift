public import Primitives

/// What a native contract offers, for clients: its name, its address, its functions and events.
public struct ContractInterface: Hashable, Sendable {
    public let name: String
    public let address: Address
    public let functions: [ABIFunction]
    public let events: [ABIEvent]

    /// - Precondition: `name` is an identifier, and no two functions have one selector.
    public init(name: String, address: Address, functions: [ABIFunction], events: [ABIEvent]) {
        precondition(isIdentifier(name), "a contract's name is an identifier")
        let selectors = functions.map(\.selector).sorted()
        precondition(zip(selectors, selectors.dropFirst()).allSatisfy(<), "each function has its own selector")
        self.name = name
        self.address = address
        self.functions = functions
        self.events = events
    }

    /// The JSON that solc would write: what web3.py, ethers, viem and cast take as the contract's ABI.
    public var json: String {
        let entries = functions.map(\.json) + events.map(\.json)
        return "[\(entries.joined(separator: ","))]"
    }
}

// Names are identifiers, and the rest is ours: nothing needs an escape.

extension ABIFunction {
    fileprivate var json: String {
        #"{"type":"function","name":"\#(name)","inputs":\#(inputs.json),"outputs":\#(outputs.json),"#
            + #""stateMutability":"\#(mutability.rawValue)"}"#
    }
}

extension ABIEvent {
    fileprivate var json: String {
        let inputs = fields.map { "{\($0.parameter.jsonMembers),\"indexed\":\($0.isIndexed)}" }
        return #"{"type":"event","name":"\#(name)","inputs":[\#(inputs.joined(separator: ","))],"anonymous":false}"#
    }
}

extension [ABIParameter] {
    fileprivate var json: String { "[\(map { "{\($0.jsonMembers)}" }.joined(separator: ","))]" }
}

extension ABIParameter {
    fileprivate var jsonMembers: String {
        let (typeName, components) = type.jsonType
        let members = #""name":"\#(name)","type":"\#(typeName)""#
        return components.map { "\(members),\"components\":\($0.json)" } ?? members
    }
}

extension ABIType {
    /// The type as JSON names it, and the components of the tuple in it, if there is one.
    fileprivate var jsonType: (String, components: [ABIParameter]?) {
        switch self {
        case .tuple(let components):
            return ("tuple", components)
        case .array(let element):
            let (name, components) = element.jsonType
            return ("\(name)[]", components)
        case .fixedArray(let element, let count):
            let (name, components) = element.jsonType
            return ("\(name)[\(count)]", components)
        default:
            return (description, nil)
        }
    }
}
