import Chain
import EVM
import Primitives

/// Finds the call that wrote one field of one account last, of those whose writes stay.
struct WriteTracer: Tracer {
    private let access: BlockAccess
    private var open: [OpenCall] = []
    private var links: [Link] = []
    private var first: Int?

    /// More calls than these are left out between the first and the last.
    static let callsMax = 64

    private struct OpenCall {
        let call: ExplainedCall
        /// Whose storage it uses.
        let account: Address
        /// Whether it has written itself, after any call of it.
        var hasWritten: Bool
        /// The link to the call of it that has written.
        var inner: Int?
    }

    /// A call that has ended, and the one within it that leads to the write.
    private struct Link {
        let call: ExplainedCall
        let inner: Int?
    }

    init(to access: BlockAccess) {
        self.access = access
    }

    /// From the transaction's own call to the one that wrote; empty where none did.
    var calls: [ExplainedCall] {
        var calls: [ExplainedCall] = []
        var next = first
        while let index = next {
            calls.append(links[index].call)
            next = links[index].inner
        }
        guard calls.count > Self.callsMax, let last = calls.last else { return calls }
        return calls.prefix(Self.callsMax - 1) + [last]
    }

    mutating func begin(_ call: TracedCall) {
        let runsInParent = call.kind == .delegateCall || call.kind == .callCode
        let parent = open.last?.account
        let explained = ExplainedCall(
            kind: call.kind, from: parent ?? call.caller, to: call.target, value: call.value,
            selector: Bytes(call.input.prefix(4)))
        open.append(
            OpenCall(
                call: explained, account: runsInParent ? parent ?? call.target : call.target,
                hasWritten: writes(explained), inner: nil))
    }

    mutating func step(_ step: borrowing TracedStep) {
        guard step.opcode == Self.sstore, !open.isEmpty, case .storageWrite(let account, let slot, _, _) = access,
            step.address == account, step.stackWord(0) == slot
        else { return }
        open[open.count - 1].hasWritten = true
        open[open.count - 1].inner = nil
    }

    mutating func end(_ result: TracedResult) {
        guard let ended = open.popLast(), result.status == .success, ended.hasWritten || ended.inner != nil else {
            return
        }
        let link = links.count
        links.append(Link(call: ended.call, inner: ended.inner))
        if open.isEmpty { first = link } else { open[open.count - 1].inner = link }
    }

    /// Whether to open the call is to write the field.
    private func writes(_ call: ExplainedCall) -> Bool {
        let isCreation = call.kind == .create || call.kind == .create2
        return switch access {
        case .balance(let account, _, _):
            !call.value.isZero && call.kind != .delegateCall && call.kind != .staticCall
                && (call.from == account || call.to == account)
        case .code(let account, _, _): isCreation && call.to == account
        case .nonce(let account, _, _): isCreation && (call.to == account || call.from == account)
        case .storageWrite, .storageRead, .touched: false
        }
    }

    /// Yellow Paper, appendix H.2.
    private static let sstore: UInt8 = 0x55
}
