public import Primitives

/// Precompiled contracts that stand elsewhere, or nowhere: what a client may ask a question under, and no block has.
///
/// What counts as accessed from the start (EIP-2929) stays with the addresses that the fork names.
public struct PrecompileMoves: Hashable, Sendable {
    /// Where each precompiled contract that is found at another address comes from.
    private var origins: [Address: Address] = [:]
    private var vacated: Set<Address> = []

    /// All stand where the fork says.
    public static let none = PrecompileMoves()

    private init() {}

    var isEmpty: Bool { origins.isEmpty && vacated.isEmpty }

    /// Takes the precompiled contract at `address` away, so that the account's own code runs.
    public mutating func vacate(_ address: Address) {
        vacated.insert(address)
    }

    /// Puts the precompiled contract of `origin` at `address`, over what is there. It leaves `origin`.
    public mutating func move(_ origin: Address, to address: Address) {
        origins[address] = origin
        vacated.insert(origin)
    }

    func precompile(at address: Address, _ fork: Fork) -> Precompile? {
        if let origin = origins[address] { return Precompile.at(origin, fork) }
        return vacated.contains(address) ? nil : Precompile.at(address, fork)
    }
}

extension Environment {
    /// The precompiled contract that a call of `address` meets. Every call asks this.
    @inline(__always)
    func precompile(at address: Address) -> Precompile? {
        precompileMoves.isEmpty
            ? Precompile.at(address, block.fork) : precompileMoves.precompile(at: address, block.fork)
    }
}
