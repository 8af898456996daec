public import Primitives

/// Why a call reverted, as contracts of Solidity and Vyper say it and tools show it.
public enum RevertReason: Hashable, Sendable {
    /// `Error(string)`, of `require` and `revert`.
    case error(String)
    /// `Panic(uint256)`: 0x01 of a failed `assert`, 0x11 of checked arithmetic, and others that Solidity lists.
    case panic(UInt256)
    /// An error of the contract's own, or no reason at all.
    case other(Bytes)

    private static let errorSelector: UInt32 = 0x08c3_79a0
    private static let panicSelector: UInt32 = 0x4e48_7b71

    /// Reads return data of a call that reverted.
    public init(_ data: Bytes) {
        switch UInt32(selectorOf: data) {
        case Self.errorSelector:
            if case .string(let text) = try? ABIValue.decode(data[4...], as: [.string]).first {
                self = .error(text)
                return
            }
        case Self.panicSelector:
            if case .uint(let code) = try? ABIValue.decode(data[4...], as: [.uint256]).first {
                self = .panic(code)
                return
            }
        default: break
        }
        self = .other(data)
    }

    /// The return data.
    public var data: Bytes {
        switch self {
        case .error(let text): Self.errorSelector.selectorBytes + ABIValue.encode([.string(text)])
        case .panic(let code): Self.panicSelector.selectorBytes + ABIValue.encode([.uint(code)])
        case .other(let data): data
        }
    }
}
