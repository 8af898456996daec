import Fixtures
import Primitives
import Testing

@testable import EVM

@Suite
struct `Precompiled contracts` {
    @Test
    func `each fork has its own`() {
        let early = (1...10).map(UInt32.init)
        #expect(Precompiles.addresses(of: .cancun).map(\.word2) == early)
        #expect(Precompiles.addresses(of: .prague).map(\.word2) == early + (11...17))
        #expect(Precompiles.addresses(of: .osaka).map(\.word2) == early + (11...17) + [0x100])
    }

    @Test
    func `an address finds the contract that stands there, and no other does`() throws {
        for precompile in Precompile.allCases {
            #expect(Precompile.at(precompile.address, .osaka) == precompile)
            for strange in [0, 7, 8, 15, 16, 17] {
                var bytes = precompile.address.bytes
                bytes[strange] ^= 0x80
                #expect(Precompile.at(Address(bytes), .osaka) == nil)
            }
        }
        for number in [0, 0x12, 0xff, 0x101, 0x200, 0x1_0001] {
            #expect(Precompile.at(Address(UInt256(UInt64(number)).bigEndianBytes[12...]), .osaka) == nil)
        }
    }

    @Test
    func `a call from outside gets the same answer, or none where nothing stands`() throws {
        let (identity, input) = (Precompile.identity.address, Bytes([1, 2, 3]))
        let answer = PrecompileResult.success(gasUsed: 18, output: input)
        #expect(Precompiles.call(identity, input, gas: 18, fork: .osaka) == answer)
        #expect(Precompiles.call(Address.zero, input, gas: 18, fork: .osaka) == nil)
        #expect(Precompiles.call(Precompile.p256Verify.address, input, gas: 18, fork: .prague) == nil)
    }
}

@Suite(.enabled(if: Fixtures.arePresent))
struct `Precompile fixtures` {
    @Test(arguments: Precompile.allCases)
    func `a call answers as the executable specification does and needs exactly its gas`(
        precompile: Precompile
    ) throws {
        let vectors = try precompileVectors(precompile)
        for vector in vectors.enumerated().filter({ $0.offset % precompile.vectorStride == 0 }).map(\.element) {
            let found = precompile.call(vector.input, fork: vector.fork)
            guard let (output, gas) = vector.answer else {
                #expect(found == .failure, "\(vector.name), \(vector.fork)")
                continue
            }
            let expected = PrecompileResult.success(gasUsed: gas, output: output)
            #expect(found == expected, "\(vector.name), \(vector.fork)")
            #expect(precompile.call(vector.input, gas: gas, fork: vector.fork) == expected, "\(vector.name)")
            guard gas > 0 else { continue }
            #expect(precompile.call(vector.input, gas: gas - 1, fork: vector.fork) == .failure, "\(vector.name)")
        }
    }

    @Test
    func `P-256 signatures are good exactly where EIP-7951's own vectors say so`() throws {
        let vectors = try #require(
            Fixtures.json("precompiles/eip-7951/test-vectors.json.gz") as? [[String: Any]])
        var goodCount = 0
        for vector in vectors {
            let name = try #require(vector["Name"] as? String)
            let input = try Bytes(hex: "0x" + #require(vector["Input"] as? String))
            let output = try Bytes(hex: "0x" + #require(vector["Expected"] as? String))
            // The vectors still have the price of RIP-7212: 3450.
            let expected = PrecompileResult.success(gasUsed: 6900, output: output)
            #expect(Precompile.p256Verify.call(input) == expected, "\(name)")
            if !output.isEmpty { goodCount += 1 }
        }
        #expect(vectors.count > 700)
        #expect(goodCount > 300)
    }
}

@Suite
struct `The precompile 0x05` {
    @Test
    func `what is missing of the input is zero`() {
        // 3 ** 0x0200 modulo 0x0700: the exponent and the modulus break off after their first byte.
        let broken = modexpInput(lengths: (1, 2, 2), [3, 2])
        #expect(Precompile.modexp.call(broken) == .success(gasUsed: 500, output: [0, 0]))
        let short = modexpInput(lengths: (1, 2, 2), [3, 0, 2, 7])
        #expect(Precompile.modexp.call(short) == .success(gasUsed: 500, output: [0, 9]))
        #expect(Precompile.modexp.call([]) == .success(gasUsed: 500, output: []))
    }

    @Test
    func `modulo zero everything is zero and modulo one too`() {
        #expect(
            Precompile.modexp.call(modexpInput(lengths: (1, 1, 3), [2, 0, 0, 0, 0]))
                == .success(gasUsed: 500, output: [0, 0, 0]))
        #expect(
            Precompile.modexp.call(modexpInput(lengths: (1, 1, 3), [2, 0, 0, 0, 1]))
                == .success(gasUsed: 500, output: [0, 0, 0]))
        #expect(
            Precompile.modexp.call(modexpInput(lengths: (1, 0, 1), [0, 7])) == .success(gasUsed: 500, output: [1]))
    }

    @Test(arguments: [Fork.cancun, .prague])
    func `before Osaka an exponent of any length is free where there is nothing to compute`(fork: Fork) {
        let input = modexpInput(lengths: (0, .max, 0), [])
        #expect(Precompile.modexp.call(input, gas: 200, fork: fork) == .success(gasUsed: 200, output: []))
        #expect(Precompile.modexp.call(input, gas: 199, fork: fork) == .failure)
        #expect(Precompile.modexp.call(input, fork: .osaka) == .failure)
    }

    @Test
    func `declared lengths without end are refused before anything is made room for`() {
        let lengths: [UInt256] = [UInt256(ModexpCall.earlyOperandBytesMax) + 1, UInt256(.max), UInt256(1) << 64, .max]
        for length in lengths {
            for (base, exponent, modulus) in [(length, 1, 1), (1, length, 1), (1, 1, length), (length, length, length)]
            {
                for fork in Fork.fromCancun {
                    let input = modexpInput(lengths: (base, exponent, modulus), [1, 1, 1])
                    #expect(Precompile.modexp.call(input, gas: .max, fork: fork) == .failure)
                }
            }
        }
    }

    @Test
    func `an operand of Osaka has 1024 bytes at most`() {
        let most = modexpInput(lengths: (1024, 1, 1), [])
        // 2 · (1024 / 8)²
        #expect(Precompile.modexp.call(most) == .success(gasUsed: 32768, output: [0]))
        for lengths: (UInt256, UInt256, UInt256) in [(1025, 1, 1), (1, 1025, 1), (1, 1, 1025)] {
            #expect(Precompile.modexp.call(modexpInput(lengths: lengths, []), gas: .max) == .failure)
            #expect(Precompile.modexp.call(modexpInput(lengths: lengths, []), gas: .max, fork: .prague) != .failure)
        }
    }

    private func modexpInput(lengths: (UInt256, UInt256, UInt256), _ operands: Bytes) -> Bytes {
        lengths.0.bigEndianBytes + lengths.1.bigEndianBytes + lengths.2.bigEndianBytes + operands
    }
}

@Suite
struct `The precompile 0x09` {
    @Test
    func `more rounds than there is gas for cost no time`() {
        let input = Bytes(repeating: 0xff, count: 4) + Bytes(repeating: 0, count: 209)
        #expect(Precompile.blake2f.call(input, gas: 0xffff_fffe) == .failure)
    }

    @Test
    func `no round at all is free`() {
        let input = Bytes(repeating: 0, count: 213)
        guard case .success(gasUsed: 0, output: let output) = Precompile.blake2f.call(input, gas: 0) else {
            Issue.record("a call without rounds failed")
            return
        }
        // The two halves of the work vector start equal to h and to the initial state, and cancel h out.
        #expect(output.prefix(8).hex == "0x08c9bcf367e6096a")
    }
}

extension Precompile {
    /// Which part of its vectors is tried. A pairing takes a tenth of a second without optimisation, so there it is
    /// every fourth; `scripts/test conformance` tries all.
    fileprivate var vectorStride: Int {
        #if DEBUG
            switch self {
            case .bn254Pairing, .pointEvaluation, .bls12Pairing, .bls12MapToG2, .bls12G2MultiScalar: 4
            default: 1
            }
        #else
            1
        #endif
    }
}
