import Chain
import Crypto
import Fixtures
import Primitives
import Testing

/// ethereum/tests TransactionTests and vectors of the executable specification.
@Suite(.enabled(if: Fixtures.arePresent)) struct TransactionVectorTests {
    /// All 118 verdicts, at the newest fork that each vector names: Cancun (82), Shanghai (34) or London (2).
    ///
    /// No vector names Osaka. Here EIP-7825's cap is lifted; the next test puts it back. EIP-7623's floor is within the
    /// gas limit of all valid ones.
    @Test func `TransactionTests have their verdicts, hashes, senders and intrinsic gas`() throws {
        let vectors = try Fixtures.object("transaction/TransactionTests.json.gz")
        #expect(vectors.count == 118)
        for name in vectors.keys.sorted() {
            let vector = try vectors.object(name)
            let results = try vector.object("result")
            let fork = try #require(["Cancun", "Shanghai", "London"].first { results[$0] != nil })
            let expected = try results.object(fork)
            let envelope = try vector.bytes("txbytes")
            let verdict = Result { try judge(envelope, transactionGasMax: .max) }
            if let exception = expected["exception"] as? String {
                let error = try #require(verdict.error, "\(name) must be refused: \(exception)")
                #expect(reason(exception).contains(category(of: error)), "\(name): \(exception), found \(error)")
            } else {
                let (transaction, sender) = try verdict.get()
                #expect(transaction.hash == (try expected.hash("hash")), "\(name)")
                #expect(sender == (try expected.address("sender")), "\(name)")
                #expect(transaction.envelope == envelope, "\(name)")
            }
            let intrinsicGas = try expected.number("intrinsicGas")
            if intrinsicGas != 0, let transaction = try? Transaction(envelope: envelope) {
                #expect(transaction.intrinsicGas == intrinsicGas, "\(name)")
            }
        }
    }

    /// Under EIP-7825 the largest gas limits of the vectors are refused; everything else keeps its verdict.
    @Test func `Osaka refuses only what asks for more than 2^24 gas`() throws {
        let vectors = try Fixtures.object("transaction/TransactionTests.json.gz")
        var refused: [String] = []
        for name in vectors.keys.sorted() {
            let envelope = try vectors.object(name).bytes("txbytes")
            guard (try? judge(envelope, transactionGasMax: .max)) != nil else { continue }
            do {
                _ = try judge(envelope, transactionGasMax: Sample.rules().transactionGasMax)
            } catch TransactionError.gasLimitTooHigh {
                refused.append(name)
            }
        }
        #expect(
            refused == [
                "ttGasLimit/TransactionWithHighGasLimit63Minus1/TransactionWithHighGasLimit63Minus1",
                "ttGasLimit/TransactionWithHighGasLimit63Plus1/TransactionWithHighGasLimit63Plus1",
            ])
    }

    /// All 36 vectors: six of each of legacy, EIP-155, 2930, 1559, 4844 without sidecar, and 7702.
    @Test func `generated transactions have the specification's hashes, senders, gas and authorities`() throws {
        let pack = try Fixtures.object("generated/transactions.json.gz")
        let vectors = try pack.objects("vectors")
        #expect(vectors.count == 36)
        for (index, vector) in vectors.enumerated() {
            let label = "vector \(index), \(try vector.text("type"))"
            let raw = try vector.bytes("raw")
            let transaction = try Transaction(envelope: raw)
            #expect(transaction.envelope == raw, "\(label)")
            #expect(transaction.hash == (try vector.hash("hash")), "\(label)")
            #expect(transaction.signingHash == (try vector.hash("signingHash")), "\(label)")
            let sender = try transaction.recoverSender()
            #expect(sender == (try vector.address("sender")), "\(label)")
            #expect(transaction.intrinsicGas == (try vector.number("intrinsicGas")), "\(label)")
            #expect(transaction.floorGas == (try vector.number("floorGas")), "\(label)")
            if vector["createAddress"] != nil {
                let created = createAddress(sender: sender, nonce: transaction.nonce)
                #expect(created == (try vector.address("createAddress")), "\(label)")
            }
            let authorities = (vector["authorities"] as? [String] ?? []).map { try? Address(hex: $0) }
            #expect(transaction.authorizations.map { $0.recoverAuthority() } == authorities, "\(label)")
            // RFC 6979 leaves no choice: signing the same content gives the same bytes.
            let key = try AccountKey(vector.hash("privateKey"))
            #expect(Transaction.signed(transaction.content, by: key).envelope == raw, "\(label)")
        }
    }

    @Test func `txtest's transactions are signed as given`() throws {
        let vectors = try #require(try Fixtures.json("basic/txtest.json") as? [[String: Any]])
        #expect(vectors.count == 2)
        for vector in vectors {
            let transaction = try Transaction(envelope: vector.bytes("signed"))
            #expect(transaction.nonce == (try vector.number("nonce")))
            #expect(transaction.gasPrice == UInt256(try vector.number("gasprice")))
            #expect(transaction.gasLimit == (try vector.number("startgas")))
            #expect(transaction.to?.bytes ?? [] == (try vector.bytes("to")))
            #expect(transaction.value == UInt256(try vector.number("value")))
            #expect(transaction.data == (try vector.bytes("data")))
            #expect(transaction.chainID == nil)
            let key = try AccountKey(vector.hash("key"))
            let signer = recoverAddress(transaction.signature, digest: transaction.signingHash)
            #expect(signer == key.address)
            // The second was signed in 2014, before EIP-2 halved the range of s.
            if transaction.signature.isLowS {
                #expect(try transaction.recoverSender() == key.address)
            } else {
                #expect(throws: TransactionError.highS) { try transaction.recoverSender() }
            }
        }
    }

    private func judge(_ envelope: Bytes, transactionGasMax: Gas) throws -> (Transaction, Address) {
        var rules = Sample.rules()
        rules.chainID = 1
        rules.transactionGasMax = transactionGasMax
        let transaction = try Transaction(envelope: envelope)
        try transaction.check(under: rules)
        return (transaction, try transaction.recoverSender())
    }

    private enum Category {
        case encoding, kind, chain, signature, gas, nonce, price, initCode
    }

    private func category(of error: any Error) -> Category? {
        guard let error = error as? TransactionError else { return nil }
        return switch error {
        case .empty, .tooLarge, .encoding, .blobSidecar, .missingRecipient: .encoding
        case .unknownKind, .kindNotAllowed, .noAuthorizations: .kind
        case .invalidV, .chainIDTooLarge, .wrongChain: .chain
        case .invalidParity, .signatureOutOfRange, .highS, .unrecoverable: .signature
        case .gasLimitTooHigh, .intrinsicGas, .floorGas: .gas
        case .nonceTooHigh: .nonce
        case .tipAboveFeeCap, .costOverflow: .price
        case .initCodeTooLarge: .initCode
        }
    }

    /// What the vectors' exceptions may mean here. A number that overflows its field is found while decoding.
    private func reason(_ exception: String) -> [Category?] {
        switch exception.split(separator: ".").last {
        case "INVALID_CHAINID": [.chain, .encoding]
        // One of these asks for too little gas as well, which is found first, being cheaper to find.
        case "INVALID_SIGNATURE_VRS": [.signature, .chain, .encoding, .gas]
        case "EC_RECOVERY_FAIL": [.signature]
        case "TYPE_NOT_SUPPORTED", "RLP_ERROR_EOF": [.kind, .encoding]
        case "INTRINSIC_GAS_TOO_LOW": [.gas]
        case "GASLIMIT_PRICE_PRODUCT_OVERFLOW": [.price]
        case "NONCE_TOO_BIG": [.nonce]
        case "INITCODE_SIZE_EXCEEDED": [.initCode]
        default: [.encoding]
        }
    }
}

extension Result {
    fileprivate var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
