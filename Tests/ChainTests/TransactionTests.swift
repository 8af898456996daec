import Chain
import Crypto
import Primitives
import Testing

@Suite struct TransactionTests {
    private func content(
        _ kind: Transaction.Kind = .dynamicFee, _ change: (inout Transaction.Content) -> Void = { _ in }
    ) -> Transaction.Content {
        var content = Transaction.Content(
            kind: kind, chainID: Sample.chainID, nonce: 3, maxPriorityFeePerGas: 1, maxFeePerGas: 5,
            gasLimit: 100_000, to: Address(Bytes(repeating: 9, count: 20)), value: 7)
        change(&content)
        return content
    }

    private func refusal(_ content: Transaction.Content) throws -> TransactionError? {
        let transaction = Transaction.signed(content, by: try Sample.accountKey(0))
        do throws(TransactionError) {
            try transaction.check(under: Sample.rules())
            return nil
        } catch {
            return error
        }
    }

    private func decodingError(_ envelope: Bytes) -> TransactionError? {
        do throws(TransactionError) {
            _ = try Transaction(envelope: envelope)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: Transaction.Kind.allCases)
    func `whoever signs is the sender`(kind: Transaction.Kind) throws {
        var random = SeededRandom(seed: UInt64(kind.rawValue))
        let key = try Sample.accountKey(5)
        let transaction = Transaction.signed(try Sample.transaction(kind, &random).content, by: key)
        #expect(try transaction.recoverSender() == key.address)
        let decoded = try Transaction(envelope: transaction.envelope)
        #expect(decoded == transaction)
        #expect(decoded.content == transaction.content)
        #expect(decoded.signature == transaction.signature)
        #expect(decoded.hash == keccak256(transaction.envelope))
    }

    @Test func `fields that a kind does not carry do not survive`() throws {
        var full = content(.legacy)
        full.accessList = [AccessListEntry(address: .zero, storageKeys: [])]
        full.blobVersionedHashes = [.zero]
        full.authorizations = [Authorization(chainID: 0, address: .zero, nonce: 0, yParity: 0, r: 1, s: 1)]
        let transaction = Transaction.signed(full, by: try Sample.accountKey(0))
        #expect(transaction.accessList.isEmpty)
        #expect(transaction.authorizations.isEmpty)
        #expect(transaction.maxPriorityFeePerGas == transaction.maxFeePerGas)
        #expect(try Transaction(envelope: transaction.envelope).content == transaction.content)
    }

    @Test func `a high s names the same point but is refused (EIP-2)`() throws {
        let transaction = Transaction.signed(content(), by: try Sample.accountKey(0))
        let order = UInt256(
            Hash32(
                0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141))
        var signature = transaction.signature
        signature.s = order - signature.s
        signature.yParity.toggle()
        let mirrored = Transaction(transaction.content, signature: signature)
        #expect(recoverAddress(signature, digest: mirrored.signingHash) == (try transaction.recoverSender()))
        #expect(throws: TransactionError.highS) { try mirrored.recoverSender() }
        signature.s = 0
        let zero = Transaction(transaction.content, signature: signature)
        #expect(throws: TransactionError.signatureOutOfRange) { try zero.recoverSender() }
        signature.s = 1
        signature.r = order
        let outside = Transaction(transaction.content, signature: signature)
        #expect(throws: TransactionError.signatureOutOfRange) { try outside.recoverSender() }
        // No point of the curve has 5 as its x.
        signature.r = 5
        let pointless = Transaction(transaction.content, signature: signature)
        #expect(throws: TransactionError.unrecoverable) { try pointless.recoverSender() }
    }

    @Test func `each envelope that is none has its reason`() throws {
        #expect(decodingError([]) == .empty)
        #expect(decodingError([0x00]) == .unknownKind(0))
        #expect(decodingError([0x05, 0xc0]) == .unknownKind(5))
        #expect(decodingError([0x7f, 0xc0]) == .unknownKind(0x7f))
        let over = Bytes(repeating: 0xff, count: Transaction.envelopeBytesMax + 1)
        #expect(decodingError(over) == .tooLarge(limit: Transaction.envelopeBytesMax, found: over.count))
        #expect(decodingError([0x02, 0x80]) == .encoding(.expectedList(at: 0)))
        let good = Transaction.signed(content(), by: try Sample.accountKey(0)).envelope
        guard case .encoding(.trailingBytes) = decodingError(good + [0]) else {
            Issue.record("trailing bytes were taken")
            return
        }
    }

    /// Lists of small numbers in the place of fields, to reach each refusal behind the decoder.
    @Test func `parity, v, chain id and recipient are checked`() {
        func envelope(_ kind: UInt8?, _ body: (inout RLPEncoder) -> Void) -> Bytes {
            var encoder = RLPEncoder()
            encoder.list { body(&$0) }
            return (kind.map { [$0] } ?? []) + encoder.bytes
        }
        func legacy(v: UInt64) -> Bytes {
            envelope(nil) { list in
                for _ in 0..<3 { list.append(UInt64(1)) }
                list.append(Bytes())
                for _ in 0..<2 { list.append(UInt64(0)) }
                list.append(v)
                for _ in 0..<2 { list.append(UInt64(1)) }
            }
        }
        func typed(_ kind: UInt8, chainID: UInt64, parity: UInt64) -> Bytes {
            envelope(kind) { list in
                list.append(chainID)
                for _ in 0..<4 { list.append(UInt64(1)) }
                list.append(Bytes())
                for _ in 0..<2 { list.append(UInt64(0)) }
                list.list { _ in }
                if kind == 4 { list.list { _ in } }
                list.append(parity)
                for _ in 0..<2 { list.append(UInt64(1)) }
            }
        }
        for v in [UInt64(0), 1, 26, 29, 34] { #expect(decodingError(legacy(v: v)) == .invalidV(v)) }
        for v in [UInt64(27), 28, 35, 36] { #expect(decodingError(legacy(v: v)) == nil) }
        let highest = 35 + 2 * Transaction.chainIDMax + 1
        #expect(decodingError(legacy(v: highest)) == nil)
        #expect(decodingError(legacy(v: highest + 1)) == .chainIDTooLarge(Transaction.chainIDMax + 1))
        #expect(decodingError(typed(2, chainID: 1, parity: 1)) == nil)
        #expect(decodingError(typed(2, chainID: 1, parity: 2)) == .invalidParity(2))
        #expect(decodingError(typed(2, chainID: .max, parity: 0)) == .chainIDTooLarge(.max))
        #expect(decodingError(typed(4, chainID: 1, parity: 0)) == .missingRecipient(.setCode))
    }

    @Test func `a blob transaction with its sidecar is refused by that name`() throws {
        var random = SeededRandom(seed: 9)
        let blob = try Sample.transaction(.blob, &random)
        var encoder = RLPEncoder()
        encoder.list { list in
            list.appendRaw(Bytes(blob.envelope[1...]))
            for _ in 0..<3 { list.list { _ in } }
        }
        #expect(decodingError([3] + encoder.bytes) == .blobSidecar)
    }

    @Test func `in a block body a legacy transaction is a list and no other a string`() throws {
        var random = SeededRandom(seed: 10)
        let legacy = try Sample.transaction(.legacy, &random)
        #expect(legacy.rlp == legacy.envelope)
        #expect(throws: RLPError.self) { try Transaction(rlp: legacy.envelope.rlp) }
        let typed = try Sample.transaction(.dynamicFee, &random)
        #expect(typed.rlp == typed.envelope.rlp)
    }

    @Test func `each rule that needs no state has its refusal`() throws {
        #expect(try refusal(content()) == nil)
        #expect(try refusal(content(.legacy)) == nil)
        #expect(try refusal(content(.legacy) { $0.chainID = nil }) == nil)
        #expect(try refusal(content(.blob)) == .kindNotAllowed(.blob))
        #expect(try refusal(content { $0.chainID = 1 }) == .wrongChain(expected: Sample.chainID, found: 1))
        #expect(try refusal(content { $0.gasLimit = 1 << 24 }) == nil)
        #expect(
            try refusal(content { $0.gasLimit = 1 << 24 + 1 })
                == .gasLimitTooHigh(limit: 1 << 24, found: 1 << 24 + 1))
        #expect(try refusal(content { $0.nonce = .max - 1 }) == nil)
        #expect(try refusal(content { $0.nonce = .max }) == .nonceTooHigh)
        #expect(
            try refusal(content { $0.gasLimit = 20_999 }) == .intrinsicGas(required: 21_000, limit: 20_999))
        #expect(try refusal(content { $0.gasLimit = 21_000 }) == nil)
        #expect(
            try refusal(content { $0.maxPriorityFeePerGas = 6 }) == .tipAboveFeeCap(tip: 6, feeCap: 5))
        #expect(try refusal(content { $0.maxFeePerGas = .max }) == .costOverflow)
        #expect(try refusal(content(.setCode)) == .noAuthorizations)
    }

    @Test func `initcode has a limit, other data has not`() throws {
        func large(_ count: Int, _ to: Address?) -> Transaction.Content {
            content {
                $0.to = to
                $0.data = Bytes(repeating: 0, count: count)
                $0.gasLimit = 1 << 24
            }
        }
        #expect(try refusal(large(49_152, nil)) == nil)
        #expect(try refusal(large(49_153, nil)) == .initCodeTooLarge(limit: 49_152, found: 49_153))
        #expect(try refusal(large(49_153, .zero)) == nil)
    }

    /// EIP-7623's own numbers: 4 and 16 gas a byte, at least 10 and 40.
    @Test func `data is charged by token, and at least the floor`() throws {
        let data: Bytes = [0, 0, 1, 2, 3]
        let transaction = content { $0.data = data }
        #expect(transaction.intrinsicGas == 21_000 + 2 * 4 + 3 * 16)
        #expect(transaction.floorGas == 21_000 + 2 * 10 + 3 * 40)
        #expect(
            try refusal(
                content {
                    $0.data = data
                    $0.gasLimit = 21_100
                }) == .floorGas(required: 21_140, limit: 21_100))
        let creation = content {
            $0.to = nil
            $0.data = Bytes(repeating: 1, count: 33)
        }
        #expect(creation.intrinsicGas == 21_000 + 33 * 16 + 32_000 + 2 * 2)
    }

    @Test func `the price is the base fee and the tip, within the cap`() {
        let transaction = Transaction(
            content {
                $0.maxFeePerGas = 100
                $0.maxPriorityFeePerGas = 10
            }, signature: AccountSignature(r: 1, s: 1, yParity: false))
        #expect(transaction.effectiveGasPrice(baseFee: 50) == 60)
        #expect(transaction.effectiveGasPrice(baseFee: 95) == 100)
        #expect(transaction.effectiveGasPrice(baseFee: 100) == 100)
        #expect(transaction.effectiveGasPrice(baseFee: 101) == nil)
        let legacy = Transaction(
            content(.legacy) { $0.maxFeePerGas = 100 }, signature: AccountSignature(r: 1, s: 1, yParity: false))
        #expect(legacy.effectiveGasPrice(baseFee: 30) == 100)
        #expect(legacy.gasPrice == 100)
        #expect(transaction.gasPrice == nil)
    }

    @Test func `an authorization that does not hold names nobody`() throws {
        let key = try Sample.accountKey(1)
        let good = Authorization.signed(chainID: 0, address: .zero, nonce: 1, by: key)
        #expect(good.recoverAuthority() == key.address)
        var other = good
        other.nonce = 2
        #expect(other.recoverAuthority() != key.address)
        other = good
        other.yParity = 2
        #expect(other.recoverAuthority() == nil)
        other = good
        other.s = .max
        #expect(other.recoverAuthority() == nil)
    }
}
