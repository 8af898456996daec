// swift-tools-version: 6.3
import PackageDescription

// This file is the architecture diagram: each module may use only modules listed above it.
// `pure` modules are deterministic: no I/O, no clock, no randomness, no Foundation.
// `shell` modules may wait, read and write.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Decides in values. Only pure modules and C libraries that compute may stand below it.
func pure(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Acts on the world: sockets, files, processes, clocks.
func shell(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["Fixtures"], swiftSettings: strict)
}

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "firetower",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "node", targets: ["NodeCommand"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Libraries of the system.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CSecp256k1", pkgConfig: "libsecp256k1",
            providers: [.apt(["libsecp256k1-dev"]), .brew(["secp256k1"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // Pure: decide.
        pure("Primitives"),
        pure("Crypto", uses: ["Primitives", "COpenSSL", "CSecp256k1"]),
        pure("Trie", uses: ["Primitives", "Crypto"]),
        pure("Curves", uses: ["Primitives"]),
        pure("EVM", uses: ["Primitives", "Crypto", "Curves"]),
        pure("Chain", uses: ["Primitives", "Crypto", "Trie"]),
        pure("SystemContracts", uses: ["Primitives", "Crypto", "EVM", "Chain"]),
        pure("Validation", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "SystemContracts"]),
        // Ethereum's own blocks: for other people's tests and chains.
        pure("EthereumChain", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation"]),
        pure("FaultProofs", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation"]),
        pure("Consensus", uses: ["Primitives", "Crypto", "Chain"]),
        pure("Ranger", uses: ["Primitives", "Crypto", "Chain", "Validation", "FaultProofs"]),
        pure(
            "Node", uses: ["Primitives", "Crypto", "EVM", "Chain", "Validation", "FaultProofs", "Consensus", "Ranger"]),

        // What is done to a network on purpose, what must be seen then, and the one judge of both.
        pure("Lab", uses: ["Primitives"]),

        // Shell: act.
        shell("Compression", uses: ["Primitives", "CZlib"]),
        shell("Network", uses: ["Primitives", "Crypto", "COpenSSL", nio, nioPosix]),
        shell("Storage", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "CSQLite"]),
        shell("Configuration", uses: ["Primitives", "Crypto", "Chain", "Lab"]),
        shell(
            "RPC",
            uses: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "SystemContracts", "Validation", "EthereumChain",
                "FaultProofs", nio, nioPosix, nioHTTP1, nioWebSocket, "CZlib",
            ]),
        shell(
            "Testnet",
            uses: ["Primitives", "Crypto", "Chain", "Lab", "Network", "Configuration", nio, nioPosix, nioHTTP1]),
        pure(
            "Simulator",
            uses: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "FaultProofs", "Consensus", "Ranger",
                "Node", "Lab",
            ]),
        .executableTarget(
            name: "NodeCommand",
            dependencies: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "EthereumChain", "FaultProofs",
                "Consensus",
                "Ranger", "Node", "Lab", "Compression", "Network", "Storage", "Configuration", "RPC", "Testnet",
                "Simulator", nio, nioPosix, logging, arguments,
            ],
            swiftSettings: strict),

        // Tests.
        .target(
            name: "Fixtures", dependencies: ["Primitives", "Compression"], path: "Tests/Fixtures",
            swiftSettings: strict),
        .target(
            name: "SampleChain", dependencies: ["Primitives", "Crypto", "EVM", "Chain", "Validation"],
            path: "Tests/SampleChain", swiftSettings: strict),
        // Third-party vectors, benchmarks and fuzzing of the EVM: programs of their own, since they only make sense
        // in release.
        .executableTarget(
            name: "conformance",
            dependencies: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "EthereumChain", "Fixtures", arguments,
            ],
            path: "Tests/Conformance", swiftSettings: strict),
        .executableTarget(
            name: "conversations",
            dependencies: ["Primitives", "Configuration", "RPC", "Testnet", "Fixtures", arguments],
            path: "Tests/Conversations",
            swiftSettings: strict),
        .target(name: "CAllocationCount", path: "Tests/Benchmarks/CAllocationCount"),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Primitives", "Crypto", "Curves", "EVM", "Chain", "Validation", "FaultProofs", "Node", "Testnet",
                "SampleChain", "CAllocationCount", arguments,
            ],
            path: "Tests/Benchmarks/Benchmarks", swiftSettings: strict),
        .target(
            name: "FuzzCases", dependencies: ["Primitives", "Crypto", "EVM", "Fixtures"], path: "Tests/FuzzCases",
            swiftSettings: strict),
        .target(
            name: "ProofCases",
            dependencies: [
                "Primitives", "Crypto", "Chain", "Validation", "FaultProofs", "Consensus", "Fixtures", "SampleChain",
            ],
            path: "Tests/ProofCases", swiftSettings: strict),
        .target(
            name: "RPCCases",
            dependencies: [
                "Primitives", "Crypto", "EVM", "Chain", "Validation", "EthereumChain", "FaultProofs", "RPC",
                "SampleChain", nio,
            ],
            path: "Tests/RPCCases", swiftSettings: strict),
        .executableTarget(
            name: "fuzz", dependencies: ["Primitives", "EVM", "FuzzCases", "ProofCases", "RPCCases", arguments],
            path: "Tests/Fuzz",
            exclude: ["compare.py", "specs_oracle.py", "requirements.txt"], swiftSettings: strict),

        tests("PrimitivesTests", uses: ["Primitives"]),
        tests("CurvesTests", uses: ["Primitives", "Crypto", "Curves"]),
        tests("EVMTests", uses: ["Primitives", "Crypto", "EVM", "FuzzCases"]),
        tests(
            "SystemContractsTests", uses: ["Primitives", "Crypto", "EVM", "Chain", "SystemContracts", "SampleChain"]),
        tests("CryptoTests", uses: ["Primitives", "Crypto"]),
        tests("TrieTests", uses: ["Primitives", "Crypto", "Trie"]),
        tests("ChainTests", uses: ["Primitives", "Crypto", "Trie", "Chain"]),
        tests(
            "ValidationTests", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "SampleChain"]),
        tests(
            "EthereumChainTests",
            uses: ["Primitives", "Crypto", "EVM", "Chain", "Validation", "EthereumChain", "conformance"]),
        tests(
            "ConformanceTests",
            uses: ["Primitives", "Crypto", "EVM", "Chain", "EthereumChain", "Testnet", "conformance"]),
        tests(
            "FaultProofsTests",
            uses: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "FaultProofs", "Consensus", "SampleChain",
                "ProofCases",
            ]),
        tests("ConsensusTests", uses: ["Primitives", "Crypto", "Chain", "Consensus"]),
        tests(
            "NodeTests",
            uses: [
                "Primitives", "Crypto", "EVM", "Chain", "Validation", "FaultProofs", "Consensus", "Ranger", "Node",
            ]),
        tests("LabTests", uses: ["Primitives", "Lab", "Configuration"]),
        tests("NetworkTests", uses: ["Primitives", "Crypto", "Network", nio, nioPosix, nioEmbedded]),
        tests("StorageTests", uses: ["Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "Storage"]),
        tests(
            "RPCTests",
            uses: [
                "Primitives", "Crypto", "Trie", "EVM", "Chain", "Validation", "EthereumChain", "FaultProofs", "RPC",
                "RPCCases", "Compression", nio, nioPosix, nioHTTP1, nioWebSocket,
            ]),
        tests(
            "SimulatorTests",
            uses: [
                "Primitives", "Crypto", "Chain", "Validation", "FaultProofs", "Consensus", "Ranger", "Node", "Lab",
                "Simulator",
            ]),
        tests(
            "TestnetTests",
            uses: [
                "Primitives", "Crypto", "Chain", "Lab", "Configuration", "Testnet", nio, nioPosix, nioHTTP1,
            ]),
        tests(
            "ProcessTests",
            uses: [
                "Primitives", "Crypto", "Chain", "FaultProofs", "Node", "Lab", "Configuration", "RPC", "Testnet",
                "NodeCommand", nio, nioPosix, nioHTTP1, nioWebSocket,
            ]),
        tests("TidyTests", uses: []),
    ],
    swiftLanguageModes: [.v6]
)
