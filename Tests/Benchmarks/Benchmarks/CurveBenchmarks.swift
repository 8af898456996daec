import Curves
import Foundation
import Primitives

/// Times each precompiled contract on curves, with as many terms as a block would find cheap and dear.
enum CurveBenchmarks {
    /// One contract with one input.
    struct Operation {
        let name: String
        let gas: Gas
        let run: () throws -> Void
    }

    static func run() throws {
        print(row("operation", "µs", "gas", "s for 60 Mgas"))
        for operation in try bn254() + bls12() + kzg() {
            let seconds = try time(operation)
            print(
                row(
                    operation.name, String(format: "%.1f", seconds * 1e6), "\(operation.gas)",
                    String(format: "%.2f", seconds * 60e6 / Double(operation.gas))))
        }
    }

    private static func row(_ name: String, _ cells: String...) -> String {
        let columns = cells.map { String(repeating: " ", count: max(1, 15 - $0.count)) + $0 }
        return name + String(repeating: " ", count: max(1, 28 - name.count)) + columns.joined()
    }

    /// Seconds a call, the least of rounds of some 50 ms each.
    private static func time(_ operation: Operation) throws -> Double {
        try operation.run()
        var count = 1
        var elapsed = try seconds(operation, count)
        while elapsed < 0.05 {
            count = elapsed < 0.005 ? count * 10 : count * 2
            elapsed = try seconds(operation, count)
        }
        var least = elapsed / Double(count)
        for _ in 0..<4 { least = min(least, try seconds(operation, count) / Double(count)) }
        return least
    }

    private static func seconds(_ operation: Operation, _ count: Int) throws -> Double {
        let start = processorSeconds()
        for _ in 0..<count { try operation.run() }
        return processorSeconds() - start
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A scalar of full length, another for each index.
    private static func scalar(_ index: Int) -> Bytes {
        (0..<32).map { UInt8(truncatingIfNeeded: ($0 + 7) &* 0x9d &* (2 * index + 1)) }
    }
}

extension CurveBenchmarks {
    private static func bn254() throws -> [Operation] {
        let one = UInt256(1).bigEndianBytes + UInt256(2).bigEndianBytes
        // P2 of EIP-197.
        let twistOne = try Bytes(
            hex: "0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
                + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
                + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
                + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa")
        let points = try (1...64).map { try BN254Precompile.multiply(one + scalar($0)) }
        var operations = [
            Operation(name: "bn254 add", gas: BN254Precompile.addGas) {
                _ = try BN254Precompile.add(points[0] + points[1])
            },
            Operation(name: "bn254 multiply", gas: BN254Precompile.multiplyGas) {
                _ = try BN254Precompile.multiply(points[0] + scalar(9))
            },
        ]
        for count in [1, 2, 4, 64] {
            let input = points.prefix(count).flatMap { $0 + twistOne }
            operations.append(
                Operation(
                    name: "bn254 pairing of \(count)", gas: BN254Precompile.pairingGas(byteCount: input.count)
                ) { _ = try BN254Precompile.pairing(input) })
        }
        return operations
    }

    /// Members of both groups of BLS12-381: images of field elements.
    private static func members(_ count: Int) throws -> (first: [Bytes], second: [Bytes]) {
        let element = { (index: Int) in Bytes(repeating: 0, count: 32) + [1] + scalar(index).dropFirst() }
        return (
            try (1...count).map { try BLS12Precompile.mapFpToG1(element($0)) },
            try (1...count).map { try BLS12Precompile.mapFp2ToG2(element($0) + element($0 + count)) }
        )
    }

    private static func bls12() throws -> [Operation] {
        let (first, second) = try members(512)
        let element = Bytes(repeating: 0, count: 32) + scalar(3)
        var operations = [
            Operation(name: "bls12 g1 add", gas: BLS12Precompile.g1AddGas) {
                _ = try BLS12Precompile.g1Add(first[0] + first[1])
            },
            Operation(name: "bls12 g2 add", gas: BLS12Precompile.g2AddGas) {
                _ = try BLS12Precompile.g2Add(second[0] + second[1])
            },
            Operation(name: "bls12 map to g1", gas: BLS12Precompile.mapFpToG1Gas) {
                _ = try BLS12Precompile.mapFpToG1(element)
            },
            Operation(name: "bls12 map to g2", gas: BLS12Precompile.mapFp2ToG2Gas) {
                _ = try BLS12Precompile.mapFp2ToG2(element + element)
            },
        ]
        for count in [1, 2, 16, 128, 512] {
            let input = first.prefix(count).enumerated().flatMap { $1 + scalar($0) }
            let twistInput = second.prefix(count).enumerated().flatMap { $1 + scalar($0) }
            operations += [
                Operation(name: "bls12 g1 msm of \(count)", gas: BLS12Precompile.g1MSMGas(byteCount: input.count)) {
                    _ = try BLS12Precompile.g1MSM(input)
                },
                Operation(
                    name: "bls12 g2 msm of \(count)", gas: BLS12Precompile.g2MSMGas(byteCount: twistInput.count)
                ) { _ = try BLS12Precompile.g2MSM(twistInput) },
            ]
        }
        for count in [1, 2, 4, 64] {
            let input = zip(first, second).prefix(count).flatMap { $0 + $1 }
            operations.append(
                Operation(
                    name: "bls12 pairing of \(count)", gas: BLS12Precompile.pairingGas(byteCount: input.count)
                ) { _ = try BLS12Precompile.pairing(input) })
        }
        return operations
    }

    /// A well-formed proof of something untrue: it takes as long as a true one.
    private static func kzg() throws -> [Operation] {
        let compressed = try members(2).first.map { point in
            // Whichever of the two roots it is.
            [point[16] | 0x80] + point[17..<64]
        }
        let input =
            Bytes(repeating: 0, count: 32) + [0] + scalar(1).dropFirst() + [0] + scalar(2).dropFirst()
            + compressed[0] + compressed[1]
        return [
            Operation(name: "kzg point evaluation", gas: KZGPrecompile.gas) {
                do throws(CurveError) {
                    try KZGPrecompile.evaluatePoint(input)
                } catch .proofRefused {}
            }
        ]
    }
}
