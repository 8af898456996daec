import Crypto
import Fixtures
import Foundation
import Primitives
import Testing

@testable import SystemContracts

/// A vector: types, values, and the words of their encoding.
struct ABIVector: Sendable, CustomTestStringConvertible {
    let types: [ABIType]
    let values: [ABIValue]
    let encoding: String

    init(_ types: [ABIType], _ values: [ABIValue], _ encoding: String) {
        (self.types, self.values, self.encoding) = (types, values, encoding)
    }

    var testDescription: String { types.map(\.description).joined(separator: ",") }
    var bytes: Bytes { get throws { try Bytes(hex: "0x" + encoding.filter { !$0.isWhitespace }) } }

    /// What eth-abi 5.2 of PyPI encodes.
    static let all = [
        ABIVector(
            [.uint8, .uint(bits: 16), .uint64, .uint256],
            [.uint(255), .uint(65_535), .uint(UInt256(.max)), .uint(.max)],
            """
            00000000000000000000000000000000000000000000000000000000000000ff
            000000000000000000000000000000000000000000000000000000000000ffff
            000000000000000000000000000000000000000000000000ffffffffffffffff
            ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            """),
        ABIVector(
            [.int(bits: 8), .int(bits: 256), .int(bits: 24)], [.int(0 &- 128), .int(.max), .int(8_388_607)],
            """
            ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80
            ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
            00000000000000000000000000000000000000000000000000000000007fffff
            """),
        ABIVector(
            [.bool, .address, .fixedBytes(4), .bytes32],
            [
                .bool(true), .address(Address(Bytes(repeating: 0x11, count: 20))),
                .fixedBytes([0xde, 0xad, 0xbe, 0xef]), .fixedBytes(Bytes(0..<32)),
            ],
            """
            0000000000000000000000000000000000000000000000000000000000000001
            0000000000000000000000001111111111111111111111111111111111111111
            deadbeef00000000000000000000000000000000000000000000000000000000
            000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
            """),
        ABIVector(
            [.string, .bytes], [.string("h\u{e9}llo"), .bytes(Bytes(repeating: 0x78, count: 33))],
            """
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000080
            0000000000000000000000000000000000000000000000000000000000000006
            68c3a96c6c6f0000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000021
            7878787878787878787878787878787878787878787878787878787878787878
            7800000000000000000000000000000000000000000000000000000000000000
            """),
        ABIVector(
            [.bytes, .string, .array(of: .uint256)], [.bytes([]), .string(""), .array([])],
            """
            0000000000000000000000000000000000000000000000000000000000000060
            0000000000000000000000000000000000000000000000000000000000000080
            00000000000000000000000000000000000000000000000000000000000000a0
            0000000000000000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000000
            """),
        ABIVector(
            [.array(of: pair(.uint256, .string))],
            [.array([.tuple([.uint(1), .string("a")]), .tuple([.uint(2), .string("bb")])])],
            """
            0000000000000000000000000000000000000000000000000000000000000020
            0000000000000000000000000000000000000000000000000000000000000002
            0000000000000000000000000000000000000000000000000000000000000040
            00000000000000000000000000000000000000000000000000000000000000c0
            0000000000000000000000000000000000000000000000000000000000000001
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000001
            6100000000000000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000002
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000002
            6262000000000000000000000000000000000000000000000000000000000000
            """),
        ABIVector(
            [pair(.address, pair(.bool, .bytes))],
            [.tuple([.address(Address(Bytes(repeating: 0x22, count: 20))), .tuple([.bool(false), .bytes([1, 2])])])],
            """
            0000000000000000000000000000000000000000000000000000000000000020
            0000000000000000000000002222222222222222222222222222222222222222
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000002
            0102000000000000000000000000000000000000000000000000000000000000
            """),
        ABIVector(
            [
                .fixedArray(of: .uint8, count: 3), .fixedArray(of: .string, count: 2),
                .fixedArray(of: pair(.uint64, .uint64), count: 2),
            ],
            [
                .tuple([.uint(1), .uint(2), .uint(3)]), .tuple([.string("x"), .string("y")]),
                .tuple([.tuple([.uint(4), .uint(5)]), .tuple([.uint(6), .uint(7)])]),
            ],
            """
            0000000000000000000000000000000000000000000000000000000000000001
            0000000000000000000000000000000000000000000000000000000000000002
            0000000000000000000000000000000000000000000000000000000000000003
            0000000000000000000000000000000000000000000000000000000000000100
            0000000000000000000000000000000000000000000000000000000000000004
            0000000000000000000000000000000000000000000000000000000000000005
            0000000000000000000000000000000000000000000000000000000000000006
            0000000000000000000000000000000000000000000000000000000000000007
            0000000000000000000000000000000000000000000000000000000000000040
            0000000000000000000000000000000000000000000000000000000000000080
            0000000000000000000000000000000000000000000000000000000000000001
            7800000000000000000000000000000000000000000000000000000000000000
            0000000000000000000000000000000000000000000000000000000000000001
            7900000000000000000000000000000000000000000000000000000000000000
            """),
        ABIVector(
            [.array(of: .fixedArray(of: .uint256, count: 2))],
            [.array([.tuple([.uint(1), .uint(2)]), .tuple([.uint(3), .uint(4)])])],
            """
            0000000000000000000000000000000000000000000000000000000000000020
            0000000000000000000000000000000000000000000000000000000000000002
            0000000000000000000000000000000000000000000000000000000000000001
            0000000000000000000000000000000000000000000000000000000000000002
            0000000000000000000000000000000000000000000000000000000000000003
            0000000000000000000000000000000000000000000000000000000000000004
            """),
    ]

    private static func pair(_ first: ABIType, _ second: ABIType) -> ABIType {
        .tuple([ABIParameter("first", first), ABIParameter("second", second)])
    }
}

struct `The ABI` {
    @Test(arguments: ABIVector.all)
    func `is that of eth-abi`(vector: ABIVector) throws {
        let bytes = try vector.bytes
        #expect(ABIValue.encode(vector.values) == bytes)
        #expect(try ABIValue.decode(bytes[...], as: vector.types) == vector.values)
    }

    @Test(.enabled(if: Fixtures.arePresent))
    func `is that of ethereum's basic_abi_tests`() throws {
        let types: [String: ABIType] = [
            "uint256": .uint256, "uint32[]": .array(of: .uint(bits: 32)), "bytes10": .fixedBytes(10), "bytes": .bytes,
            "address": .address,
        ]
        let cases = try Fixtures.object("basic/basic_abi_tests.json")
        #expect(cases.count == 3)
        for (name, fields) in cases {
            let fields = try #require(fields as? [String: Any])
            let names = try #require(fields["types"] as? [String])
            let declared = try names.map { try #require(types[$0]) }
            #expect(declared.map(\.description) == names)
            let arguments = try #require(fields["args"] as? [Any])
            let values = try zip(declared, arguments).map(value)
            let bytes = try Bytes(hex: "0x" + #require(fields["result"] as? String))
            #expect(ABIValue.encode(values) == bytes, "\(name)")
            #expect(try ABIValue.decode(bytes[...], as: declared) == values, "\(name)")
        }
    }

    private func value(_ type: ABIType, _ json: Any) throws -> ABIValue {
        switch type {
        case .uint: .uint(UInt256(UInt64(try #require(json as? Int))))
        case .address: .address(try Address(hex: #require(json as? String)))
        case .bytes: .bytes(Bytes(try #require(json as? String).utf8))
        case .fixedBytes: .fixedBytes(Bytes(try #require(json as? String).utf8))
        case .array(let element): .array(try #require(json as? [Any]).map { try value(element, $0) })
        default: try #require(nil as ABIValue?, "the file has no \(type)")
        }
    }

    /// The examples of Solidity's specification, ERC-20's functions, and the two errors of every contract.
    @Test(
        arguments: [
            ("baz(uint32,bool)", 0xcdcd_77c0), ("bar(bytes3[2])", 0xfce3_53f6),
            ("sam(bytes,bool,uint256[])", 0xa564_3bf2),
            ("f(uint256,uint32[],bytes10,bytes)", 0x8be6_5246), ("g(uint256[][],string[])", 0x2289_b18c),
            ("transfer(address,uint256)", 0xa905_9cbb), ("Error(string)", 0x08c3_79a0), ("Panic(uint256)", 0x4e48_7b71),
        ] as [(String, UInt32)])
    func `has the selectors that Solidity's specification gives`(signature: String, selector: UInt32) {
        #expect(abiSelector(of: signature) == selector)
    }

    @Test
    func `writes a signature from the types, and a tuple without its names`() {
        let member = ABIType.tuple([ABIParameter("key", .bytes32), ABIParameter("weight", .uint64)])
        let function = ABIFunction(
            "join",
            inputs: [
                ABIParameter("members", .array(of: member)),
                ABIParameter("", .fixedArray(of: .int(bits: 24), count: 2)),
            ], outputs: [], mutability: .nonpayable)
        #expect(function.signature == "join((bytes32,uint64)[],int24[2])")
        #expect(function.selector == UInt32(keccak256(Bytes(function.signature.utf8)).word0 >> 32))
        let transfer = ABIEvent(
            "Transfer",
            fields: [
                .init(ABIParameter("from", .address), isIndexed: true),
                .init(ABIParameter("to", .address), isIndexed: true),
                .init(ABIParameter("value", .uint256), isIndexed: false),
            ])
        #expect(transfer.topic.hex == "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
    }

    @Test
    func `says why a call reverted as Solidity does`() throws {
        // The example of Solidity's documentation on `require`.
        let data = try Bytes(
            hex: "0x08c379a00000000000000000000000000000000000000000000000000000000000000020"
                + "000000000000000000000000000000000000000000000000000000000000001a"
                + "4e6f7420656e6f7567682045746865722070726f76696465642e000000000000")
        #expect(RevertReason.error("Not enough Ether provided.").data == data)
        #expect(RevertReason(data) == .error("Not enough Ether provided."))
        let panic = RevertReason.panic(0x11)
        #expect(panic.data.hex == "0x4e487b71" + String(repeating: "0", count: 62) + "11")
        #expect(RevertReason(panic.data) == panic)
        for other in [[], [1, 2, 3], Bytes(data.prefix(40)), Bytes(panic.data.dropLast())] {
            #expect(RevertReason(other) == .other(other))
            #expect(RevertReason.other(other).data == other)
        }
    }
}
