import Primitives
import Testing

struct `UInt256 vectors` {
    /// Computed with Python's integers.
    struct Vector: Sendable {
        let left, right, modulus, quotient, remainder, addmod, mulmod, power, signedQuotient, signedRemainder: String

        init(
            _ left: String, _ right: String, _ modulus: String, _ quotient: String, _ remainder: String,
            _ addmod: String, _ mulmod: String, _ power: String, _ signedQuotient: String, _ signedRemainder: String
        ) {
            (self.left, self.right, self.modulus, self.quotient) = (left, right, modulus, quotient)
            (self.remainder, self.addmod, self.mulmod, self.power) = (remainder, addmod, mulmod, power)
            (self.signedQuotient, self.signedRemainder) = (signedQuotient, signedRemainder)
        }
    }

    @Test(arguments: vectors)
    func `arithmetic gives what big integers give`(vector: Vector) throws {
        let left = try UInt256(hex: vector.left)
        let right = try UInt256(hex: vector.right)
        let modulus = try UInt256(hex: vector.modulus)
        #expect((left / right).quantity == vector.quotient)
        #expect((left % right).quantity == vector.remainder)
        #expect(left.addmod(right, modulus).quantity == vector.addmod)
        #expect(left.mulmod(right, modulus).quantity == vector.mulmod)
        #expect(left.exp(right).quantity == vector.power)
        #expect(left.sdiv(right).quantity == vector.signedQuotient)
        #expect(left.smod(right).quantity == vector.signedRemainder)
    }

    static let vectors = [
        Vector(
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0x3",
            "0x7",
            "0x5555555555555555555555555555555555555555555555555555555555555555",
            "0x0",
            "0x4",
            "0x3",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0x0",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        Vector(
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe",
            "0x1",
            "0x0",
            "0x2",
            "0x1",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0x1",
            "0x0"),
        Vector(
            "0x8000000000000000000000000000000000000000000000000000000000000000",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0x100000000000000000000000000000001",
            "0x0",
            "0x8000000000000000000000000000000000000000000000000000000000000000",
            "0x80000000000000000000000000000001",
            "0x0",
            "0x0",
            "0x8000000000000000000000000000000000000000000000000000000000000000",
            "0x0"),
        Vector(
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0xffffffffffffffffffffffffffffffff",
            "0x8000000000000000000000000000000000000000000000000000000000000000",
            "0x100000000000000000000000000000001",
            "0x0",
            "0xfffffffffffffffffffffffffffffffe",
            "0x7fffffffffffffffffffffffffffffff00000000000000000000000000000001",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0x0",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        Vector(
            "0xdeadbeef00000000000000000000000000000000000000000000000000",
            "0x32bf800000000000000000",
            "0xffffffffffffffff",
            "0x4634f250425df95bfe62593eac1ff639e9def",
            "0x2db7800000000000000000",
            "0xdeadf1ae80",
            "0x2c24824301c88000",
            "0x0",
            "0x4634f250425df95bfe62593eac1ff639e9def",
            "0x2db7800000000000000000"),
        Vector(
            "0xd23f0824128b2f330c5c7fd0a6a3a4506513270e269e0d37f2a74de452e6b438",
            "0x81e74ef5e8e25d940ed904759531985d5d9dc9f81818e811",
            "0x6f03675a1600a35a",
            "0x19e54aa8f9ed3e6f4",
            "0x35b39e2c69284cdc350ae4fa016a55cbad9c08636a73e04",
            "0x6077567c3e63245f",
            "0x26a6d761ccdeb4b6",
            "0x0",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffa5d556395032124a",
            "0xffffffffffffffffd6645ff7bf737749c3cedd8be53d57260a349b4ff8106d4e"),
        Vector(
            "0xd3ac94af0f21ddb66cad4a268d116ece1738f7d93d9c172411e20b8f6b0d549b",
            "0x1953f48f1a09f76b5a170b33839263059f28c105d1fb17c23",
            "0x95e60af593bd04cf",
            "0x85b7a3f5cabf28e8",
            "0xb9008d24994115dccb664c2e0c73eaa56cfce258bab25ce3",
            "0x80a9a173c718e371",
            "0x1bbfc984199be247",
            "0x11c37ac697c66d26432f3a98b2fec80523b50c0344ae3253d35b2b4f433cf0e3",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffe3ffaf8f17035da8",
            "0xfffffffffffffffe8686eaec21aa62810cdb99b03b8afe79bd37e4268b1226a3"),
        Vector(
            "0x2217beaddbc496cb8e81973e0becd7b03898d190f9ebdacc0cb1e29c658cda14",
            "0x21e27a1c08a6a63ec24ede6a46b4cb242",
            "0x2e44158bae97ba94d0eda82f8f6d0558",
            "0x1019270cbead56832ef722b6426074ce",
            "0x15df93213fc8ac16b558c480b704f80f8",
            "0x15c632bd7147de61970be0a460b5a57e",
            "0xca17c7016d25cf8986851abb663b9e8",
            "0x0",
            "0x1019270cbead56832ef722b6426074ce",
            "0x15df93213fc8ac16b558c480b704f80f8"),
        Vector(
            "0xb64ce4228c38fb2918f135d25f557203301850c5a38fd547923a736994e3bf91",
            "0x10f4205b4907a70c3",
            "0x22ae2eb1547f150524",
            "0xac0bd3d6c4c596f1cfd237897c0b071ff8abbcd67ec33919",
            "0x3e71e8d6574a5186",
            "0xb26427da51cc46e14",
            "0x1a1abbe7c32c9d2ce7",
            "0x672f3f1858002c5bdae66a72e6418ce37cdc743c5268eed093d7bcc1ab2eedb1",
            "0xffffffffffffffffba722423f3f3c0e269244ddfcd7319e19e45ec6506c9e267",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffd0a7308140f93b1c"),
        Vector(
            "0x5c90a9587403e430ec66a78795e761d17731af10506bf2efc6f877186d76b07e",
            "0x3b2f14c942e05319acb5c74273f98e277",
            "0x13930d6eaf14f4733f",
            "0x19063e81b26703ce6a22de20e6f4ebe5",
            "0x314982567ed9ba76c24cb0e8c6e64df0b",
            "0xa32816340efd692d4",
            "0x11d5d071eb45dc8462",
            "0x0",
            "0x19063e81b26703ce6a22de20e6f4ebe5",
            "0x314982567ed9ba76c24cb0e8c6e64df0b"),
        Vector(
            "0x9be4bcfc49b64a0872e6cc3ababced2057ee05cde00902c77ebff20686734721",
            "0x830e07bc1e398f10",
            "0x95790f82ec1d3fcff",
            "0x13084fb2375d3d2fe7017d72043cdc0145b382b247b932897",
            "0x46192c4dddf564b1",
            "0x503952d5ea19e3487",
            "0x57c47dc1f952cc811",
            "0x624392be0c986cbc22c1ada7ecf709231d6a784d238114f19d975e7ae8753201",
            "0xffffffffffffffff3c742ff4a1c71b14e545f57f6e957c54818c07ba9a5ee5d2",
            "0xffffffffffffffffffffffffffffffffffffffffffffffff999537da16629c01"),
        Vector(
            "0xc3baea9e13deef86ab1031d0f646e1f40a097c976bf46c697d2caf82eeeacbe2",
            "0x1571242425051c1ccd17f9acae01f5057ca02135e92b1d3f2",
            "0xcc011cdd9474031b7f26144b98289fcd",
            "0x920dce9fd630180a",
            "0x5ef463cf3e728739bb623c64398871c6baa1883e7eb9d46e",
            "0x5cd7dda74b8988ae52235e1ffbd71507",
            "0xca7c824cdf2551ad069334bbaa58435",
            "0x0",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffd306cf5264be9d7e",
            "0xffffffffffffffff28fb31c031f02dabf9a3378ec572726343c53eb5d6cd10c6"),
        Vector(
            "0xfffffffffffffffe000000000000000000000000000000000000000000000000",
            "0x80000000000000000000000000000000ffffffffffffffff",
            "0x800000000000000000000000000000000000000000000001",
            "0x1fffffffffffffffb",
            "0x7ffffffffffffffe0000000000000006fffffffffffffffb",
            "0x7fffffffffffffffffffffffffffffff0000000000000003",
            "0x7ffffffffffffffe0000000000000007fffffffffffffff9",
            "0x0",
            "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd",
            "0xffffffffffffffff80000000000000000000000000000002fffffffffffffffd"),
    ]
}
