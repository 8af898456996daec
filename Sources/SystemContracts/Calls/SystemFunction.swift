import EVM
import Primitives

/// A function of a native contract: what clients are told of it, and what it does.
///
/// The Swift types of the body are the ABI types of the declaration, so the two cannot disagree.
struct SystemFunction<State: StateReader> {
    typealias Call = SystemCall<State>
    typealias Failure = NativeFailure<State.Failure>

    /// A closure, since a call needs the declaration of no function but its own.
    let declaration: () -> ABIFunction
    /// Takes a call's data behind the selector, and answers the return data.
    let answer: (inout Call, ArraySlice<UInt8>) throws(Failure) -> Bytes

    /// A function that changes nothing: a write in it halts, whoever calls.
    static func view<each Input: ABICodable, each Output: ABICodable>(
        _ name: String, _ inputs: repeat Parameter<each Input>, returns outputs: repeat Parameter<each Output>,
        body: @escaping (inout Call, repeat each Input) throws(Failure) -> (repeat each Output)
    ) -> SystemFunction {
        SystemFunction(name, .view, repeat each inputs, returns: repeat each outputs, body: body)
    }

    /// A function that refuses value.
    static func nonpayable<each Input: ABICodable, each Output: ABICodable>(
        _ name: String, _ inputs: repeat Parameter<each Input>, returns outputs: repeat Parameter<each Output>,
        body: @escaping (inout Call, repeat each Input) throws(Failure) -> (repeat each Output)
    ) -> SystemFunction {
        SystemFunction(name, .nonpayable, repeat each inputs, returns: repeat each outputs, body: body)
    }

    /// A function that takes value.
    static func payable<each Input: ABICodable, each Output: ABICodable>(
        _ name: String, _ inputs: repeat Parameter<each Input>, returns outputs: repeat Parameter<each Output>,
        body: @escaping (inout Call, repeat each Input) throws(Failure) -> (repeat each Output)
    ) -> SystemFunction {
        SystemFunction(name, .payable, repeat each inputs, returns: repeat each outputs, body: body)
    }

    private init<each Input: ABICodable, each Output: ABICodable>(
        _ name: String, _ mutability: ABIFunction.Mutability, _ inputs: repeat Parameter<each Input>,
        returns outputs: repeat Parameter<each Output>,
        body: @escaping (inout Call, repeat each Input) throws(Failure) -> (repeat each Output)
    ) {
        declaration = {
            var (declaredInputs, declaredOutputs): ([ABIParameter], [ABIParameter]) = ([], [])
            repeat declaredInputs.append((each inputs).declaration)
            repeat declaredOutputs.append((each outputs).declaration)
            return ABIFunction(name, inputs: declaredInputs, outputs: declaredOutputs, mutability: mutability)
        }
        answer = { (call: inout Call, data: ArraySlice<UInt8>) throws(Failure) -> Bytes in
            if mutability == .view { call.isStatic = true }
            try call.require(mutability == .payable || call.value.isZero, "\(name) takes no value")
            let arguments: (repeat each Input)
            do throws(ABIError) {
                var types: [ABIType] = []
                repeat types.append((each Input).abiType)
                var values = DecodedValues(try ABIValue.decode(data, as: types))
                arguments = (repeat try values.next(as: (each Input).self))
            } catch {
                throw call.reverted("\(name): \(error)")
            }
            let results = try body(&call, repeat each arguments)
            var values: [ABIValue] = []
            repeat values.append((each results).abiValue)
            return ABIValue.encode(values)
        }
    }
}

/// A named argument or result.
struct Parameter<Value: ABICodable>: Sendable {
    let name: String

    init(_ name: String) {
        self.name = name
    }

    var declaration: ABIParameter { ABIParameter(name, Value.abiType) }
}

/// Hands out decoded values one after the other.
private struct DecodedValues {
    private var values: IndexingIterator<[ABIValue]>

    init(_ values: [ABIValue]) {
        self.values = values.makeIterator()
    }

    mutating func next<Value: ABICodable>(as type: Value.Type) throws(ABIError) -> Value {
        guard let value = values.next() else { preconditionFailure("there is a value for each type") }
        return try Value(abiValue: value)
    }
}
