import Crypto
import Primitives

/// A call that is about to be opened, or answered at once.
struct Callee {
    var kind: TracedCall.Kind
    /// The number of the account whose storage and balance it uses.
    var account: Int
    var address: Address
    var caller: Address
    var value: UInt256
    /// Whether the value moves from the caller to `account`.
    var movesValue: Bool
    var input: Input
    var gas: Int64
    var isStatic: Bool
    /// Where its code stands; nil for initcode and for delegated code, where no precompiled contract can be.
    var codeAddress: Address?
    var code: Code
    /// Where in the caller's memory the return data goes.
    var outputStart = 0
    var outputCount = 0
    /// The number of the account that pays the value.
    var payer: Int
}

/// CREATE or CREATE2, its gas and memory paid for.
struct Creation {
    let value: UInt256
    /// Of CREATE2 only.
    let salt: UInt256?
    /// The initcode, in the creator's memory.
    let start: Int
    let count: Int
    /// Set once the address is known.
    var target: Target?

    struct Target {
        let address: Address
        let code: Code
    }
}

/// The address of what `creator` creates with its `nonce` (Yellow Paper, section 7).
func creationAddress(of creator: Address, nonce: UInt64) -> Address {
    var encoder = RLPEncoder()
    encoder.list { list in
        list.append(creator)
        list.append(nonce)
    }
    return Address(lastBytesOf: keccak256(encoder.bytes))
}

/// The address of what `creator` creates with CREATE2 (EIP-1014).
func creationAddress(of creator: Address, salt: UInt256, initCodeHash: Hash32) -> Address {
    Address(lastBytesOf: keccak256([0xff] + creator.bytes + salt.bigEndianBytes + initCodeHash.bytes))
}
