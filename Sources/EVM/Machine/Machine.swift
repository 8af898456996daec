public import Primitives

/// What runs code needs beside the state: stacks, memory, open calls. Made once and used for many messages, one at
/// a time; then running allocates nothing.
public final class Machine {
    /// What the last message returned, reverted with, or created.
    public private(set) var output: Bytes = []

    public init() {}
}

extension Journal {
    /// Runs a message to its end. A message that does not succeed leaves the state as it was, but for what counts as
    /// accessed.
    ///
    /// - Throws: What the state's reader throws. The journal must not be used further then.
    public mutating func run(
        _ message: Message, in environment: Environment, on machine: Machine
    ) throws(State.Failure) -> Outcome {
        preconditionFailure()
    }

    /// The same under the eyes of `tracer`.
    public mutating func run(
        _ message: Message, in environment: Environment, on machine: Machine, tracer: inout some Tracer
    ) throws(State.Failure) -> Outcome {
        preconditionFailure()
    }
}
