import EVM
import Primitives

/// The cases of a pack `{precompile, vectors}`: each with the gas that is charged, or an error.
func precompileCases(_ pack: FixtureObject) throws -> [ConformanceCase] {
    let address = Address(lastBytesOf: try pack.word("precompile").hash)
    return try pack.array("vectors").enumerated().map { index, value in
        guard let vector = value as? FixtureObject else { throw FixtureError("vector \(index) is no object") }
        let name = (vector["name"] as? String ?? "") + ((vector["fork"] as? String).map { " [\($0)]" } ?? "")
        return ConformanceCase(id: "\(index) \(name)") { _ throws in
            let fork = vector["fork"] as? String ?? "Osaka"
            guard let named = namedFork(fork) else { return .notApplicable("fork \(fork)") }
            let expected: (gas: Gas?, output: Bytes)? =
                vector["error"] == nil ? (try vector.number("gas"), try vector.bytes("output")) : nil
            return try comparePrecompile(address, vector.bytes("input"), fork: named.fork, expected: expected)
        }
    }
}

/// The cases of a list `[{Input, Expected | ExpectedError, Gas?, Name}]`, as EIPs and clients keep them.
///
/// - Parameter name: The file's path: its last part says which contract is meant.
func precompileCases(_ list: [Any], name: String) throws -> [ConformanceCase] {
    let file = name.split(separator: "/").last.map(String.init) ?? name
    guard let address = precompile(ofFile: name.contains("7951") ? "p256verify" : file) else {
        throw FixtureError("no precompiled contract is known by the name \(file)")
    }
    return try list.enumerated().map { index, value in
        guard let vector = value as? FixtureObject else { throw FixtureError("vector \(index) is no object") }
        return ConformanceCase(id: "\(index) \(vector["Name"] as? String ?? "")") { _ throws in
            var expected: (gas: Gas?, output: Bytes)?
            if vector["ExpectedError"] == nil {
                var gas = vector["Gas"] == nil ? nil : try vector.number("Gas")
                // EIP-7951 charges 6,900; its vectors are those of RIP-7212, at half the price.
                if gas == 3_450, address == Address(lastBytesOf: UInt256(0x100).hash) { gas = 6_900 }
                expected = (gas, try vector.bytes("Expected"))
            }
            return try comparePrecompile(address, vector.bytes("Input"), fork: .osaka, expected: expected)
        }
    }
}

/// - Parameter expected: What it charges (nil where the vector does not say) and returns; nil where it must fail.
private func comparePrecompile(
    _ address: Address, _ input: Bytes, fork: Fork, expected: (gas: Gas?, output: Bytes)?
) throws -> CaseOutcome {
    // More than any of them charges for what fits a vector, so that no failure is one for lack of gas.
    let gas: Gas = 1 << 40
    guard let result = Precompiles.call(address, input, gas: gas, fork: fork) else {
        return .failed("there is no precompiled contract at \(address.shortest)")
    }
    switch (result, expected) {
    case (.failure, nil): return .passed
    case (.failure, .some): return .failed("expected success, found failure")
    case (.success(let used, let output), nil):
        return .failed("expected failure, found \(output.hex) for \(used) gas")
    case (.success(let used, let output), .some(let expected)):
        if let wanted = expected.gas, wanted != used { return .failed("gas: expected \(wanted), found \(used)") }
        guard output == expected.output else {
            return .failed("output: expected \(expected.output.hex), found \(output.hex)")
        }
        guard case .success = Precompiles.call(address, input, gas: used, fork: fork) else {
            return .failed("expected that \(used) gas suffices")
        }
        // Blake2 of no rounds is free.
        guard used > 0 else { return .passed }
        guard case .failure = Precompiles.call(address, input, gas: used - 1, fork: fork) else {
            return .failed("expected that one gas less than \(used) does not suffice")
        }
        return .passed
    }
}

/// The contract that a file of vectors is about. The first part that the name contains decides.
private func precompile(ofFile name: String) -> Address? {
    let parts: [(String, UInt64)] = [
        ("map_fp2", 0x11), ("mapg2", 0x11), ("map_fp_", 0x10), ("mapg1", 0x10), ("pairing_check_bls", 0x0f),
        ("blspairing", 0x0f), ("add_g1", 0x0b), ("blsg1add", 0x0b), ("mul_g1", 0x0c), ("msm_g1", 0x0c),
        ("blsg1mul", 0x0c), ("blsg1multiexp", 0x0c), ("add_g2", 0x0d), ("blsg2add", 0x0d), ("mul_g2", 0x0e),
        ("msm_g2", 0x0e), ("blsg2mul", 0x0e), ("blsg2multiexp", 0x0e), ("p256verify", 0x100), ("ecrecover", 0x01),
        ("bn256add", 0x06), ("bn256scalarmul", 0x07), ("bn256pairing", 0x08), ("blake2f", 0x09),
        ("pointevaluation", 0x0a),
    ]
    let name = name.lowercased()
    return parts.first { name.contains($0.0) }.map { Address(lastBytesOf: UInt256($0.1).hash) }
}
