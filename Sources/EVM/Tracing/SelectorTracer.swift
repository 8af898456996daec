import Primitives

/// Counts which functions of contracts were called, by the first four bytes of the input and the size of the rest.
/// Clients know it as `4byteTracer`.
public struct SelectorTracer: Tracer, Sendable {
    /// A function and how much it was given.
    public struct Selector: Hashable, Comparable, Sendable {
        /// The first four bytes of the input.
        public let function: UInt32
        /// In bytes, without the selector.
        public let argumentBytes: Int

        public static func < (left: Selector, right: Selector) -> Bool {
            (left.function, left.argumentBytes) < (right.function, right.argumentBytes)
        }
    }

    /// There were more than `selectorsMax`, and later ones are missing.
    public private(set) var isTruncated = false

    private let fork: Fork
    private let selectorsMax: Int
    private var counts: [Selector: Int] = [:]

    public init(fork: Fork = .osaka, selectorsMax: Int = 10_000) {
        self.fork = fork
        self.selectorsMax = selectorsMax
    }

    /// How often each was called, in ascending order.
    public var selectors: [(selector: Selector, calls: Int)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    public mutating func begin(_ call: TracedCall) {
        switch call.kind {
        case .call, .callCode, .delegateCall, .staticCall: break
        case .create, .create2, .selfDestruct: return
        }
        guard call.input.count >= 4, Precompile.at(call.target, fork) == nil else { return }
        let selector = Selector(
            function: call.input.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, argumentBytes: call.input.count - 4)
        guard counts[selector] != nil || counts.count < selectorsMax else {
            isTruncated = true
            return
        }
        counts[selector, default: 0] += 1
    }

    public mutating func step(_ step: borrowing TracedStep) {}

    public mutating func end(_ result: TracedResult) {}
}
