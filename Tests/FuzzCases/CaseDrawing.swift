import EVM
import Fixtures
import Primitives

/// Draws a case from its seed.
struct CaseDrawing {
    private let seed: UInt64
    private let purpose: FuzzCase.Purpose
    private let gasMax: Gas
    private var numbers: SeededNumbers
    private let fork: Fork

    /// Contracts, delegated accounts, plain ones, one that does not exist.
    private static let contracts = (0..<5).map { Address(Bytes(repeating: 0xc0 + UInt8($0), count: 20)) }
    private static let delegated = (0..<3).map { Address(Bytes(repeating: 0xd0 + UInt8($0), count: 20)) }
    private static let plain = Address(Bytes(repeating: 0xee, count: 20))
    private static let absent = Address(Bytes(repeating: 0xab, count: 20))

    init(seed: UInt64, purpose: FuzzCase.Purpose, gasMax: Gas) {
        self.gasMax = gasMax
        self.seed = seed
        self.purpose = purpose
        // Neighbouring seeds must not give neighbouring streams.
        var mixer = SeededNumbers(seed: seed)
        numbers = SeededNumbers(seed: mixer.next() ^ 0x66_757a_7a)
        fork =
            switch purpose {
            case .comparison(let fork): fork
            case .ours: [.osaka, .osaka, .osaka, .osaka, .prague, .cancun][numbers.below(6)]
            }
    }

    mutating func draw() -> FuzzCase {
        let isDeep = numbers.below(64) == 0
        let count = 1 + numbers.below(Self.contracts.count)
        var residents = Self.contracts.prefix(count).map { contract(at: $0, isDeep: isDeep) }
        if fork >= .prague { residents += Self.delegated.map { delegatedAccount(at: $0) } }
        residents.append(
            FuzzCase.Resident(
                address: FuzzCase.sender, nonce: 7, balance: UInt256(1_000_000_000_000_000_000), code: [], storage: []))
        residents.append(
            FuzzCase.Resident(address: Self.plain, nonce: 0, balance: 1, code: [], storage: []))
        let messages: Int
        if case .ours = purpose { messages = 1 + numbers.below(3) } else { messages = 1 }
        return FuzzCase(
            seed: seed, residents: residents, environment: environment(),
            messages: (0..<messages).map { message(number: $0, isDeep: isDeep) })
    }

    // MARK: Accounts

    private mutating func contract(at address: Address, isDeep: Bool) -> FuzzCase.Resident {
        let code = isDeep ? deepCode() : code()
        let balances: [UInt256] = [0, 1, 1_000, 1_000_000_000]
        // pyrevm takes one slot an account as it should; the next ones count as written by the transaction under way.
        let slots = if case .ours = purpose { numbers.below(4) } else { numbers.below(2) }
        let storage = (0..<slots).map { _ in
            (slot: UInt256(UInt64(numbers.below(5))), word: UInt256(1 + numbers.next() >> UInt64(numbers.below(63))))
        }
        return FuzzCase.Resident(
            address: address, nonce: 1, balance: balances[numbers.below(4)], code: code, storage: storage)
    }

    /// EIP-7702: to a contract mostly, also to another delegation, a precompiled contract, nothing, itself.
    private mutating func delegatedAccount(at address: Address) -> FuzzCase.Resident {
        let targets =
            Self.contracts + Self.contracts + Self.delegated + [PrecompileInput.address(4), Self.absent, address]
        return FuzzCase.Resident(
            address: address, nonce: 1, balance: 1_000_000, code: [0xef, 0x01, 0x00] + target(of: targets).bytes,
            storage: [])
    }

    private mutating func target(of choices: [Address]) -> Address {
        choices[numbers.below(choices.count)]
    }

    // MARK: Code

    private var setting: CodeWriter.Setting {
        let delegated = fork >= .prague ? Self.delegated : []
        return CodeWriter.Setting(
            fork: fork,
            addresses: Self.contracts + Self.contracts + delegated + PrecompileInput.addresses
                + CurveInput.addresses.suffix(2) + [
                    Self.plain, Self.absent, FuzzCase.sender, FuzzCase.beneficiary,
                ])
    }

    private mutating func code() -> Bytes {
        switch numbers.below(20) {
        case 0: return numbers.bytes(numbers.below(200))
        case 1:
            // Only opcodes that are defined, without a thought for operands.
            let shapes =
                OpcodeShape.arithmetic + OpcodeShape.memory + OpcodeShape.surroundings + OpcodeShape.calls
                + OpcodeShape.storage
            return (0..<numbers.below(300)).map { _ in
                numbers.below(3) == 0 ? 0x5f + UInt8(numbers.below(0x31)) : shapes[numbers.below(shapes.count)].opcode
            }
        default:
            var writer = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
            var code = writer.writeContract(nesting: 2, statements: 4 + numbers.below(40))
            if numbers.below(10) == 0 {
                for _ in 0..<(1 + numbers.below(3)) { code[numbers.below(code.count)] = numbers.bytes(1)[0] }
            }
            if numbers.below(40) == 0 { code.removeLast(numbers.below(code.count)) }
            return code
        }
    }

    /// Calls itself once with all gas: 1,024 calls deep where the gas is enough.
    private mutating func deepCode() -> Bytes {
        var setting = setting
        setting.isStraight = true
        setting.addresses = PrecompileInput.addresses + [Self.plain]
        let call: Bytes =
            switch numbers.below(4) {
            case 0: [0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf1]
            case 1: [0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf2]
            case 2: [0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf4]
            default: [0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xfa]
            }
        var writer = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
        return writer.writeContract(opening: call, nesting: 0, statements: 3)
    }

    // MARK: Surroundings

    private mutating func environment() -> Environment {
        let block = BlockEnvironment(
            fork: fork, chainID: 1, number: FuzzCase.blockNumber, timestamp: 1_700_000_000,
            beneficiary: FuzzCase.beneficiary, gasLimit: 1_000_000_000_000, baseFeePerGas: 0,
            prevRandao: Hash32(numbers.bytes(32)))
        return Environment(block: block, origin: FuzzCase.sender)
    }

    private mutating func message(number: Int, isDeep: Bool) -> Message {
        let input = numbers.bytes(numbers.below(4) == 0 ? 0 : numbers.below(150))
        let limits: [Gas] = [50_000, 300_000, 1_000_000, 3_000_000, 10_000_000]
        let gas: Gas = isDeep ? 1 << UInt64(20 + numbers.below(20)) : limits[numbers.below(5)] + numbers.next() % 10_000
        var message = Message(
            caller: FuzzCase.sender, target: .call(Self.contracts[0]), value: UInt256(UInt64(numbers.below(3))),
            input: input, gas: gas)
        message.gas = min(message.gas, gasMax)
        guard case .ours = purpose else { return message }
        message.value = numbers.below(40) == 0 ? .max : message.value
        message.isStatic = numbers.below(20) == 0 && message.value.isZero
        switch numbers.below(20) {
        case 0, 1:
            var writer = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
            var initcode = CodeWriter(setting, SeededNumbers(seed: numbers.next()))
            message.input = initcode.writeInitcode(of: writer.writeContract(nesting: 1, statements: 5), statements: 5)
            message.target = .create(nonce: UInt64(7 + number))
            message.isStatic = false
        case 2: message.target = .call(target(of: Self.delegated + [Self.plain, Self.absent]))
        case 3:
            let (address, input) = PrecompileInput.draw(with: &numbers)
            message.target = .call(address)
            message.input = input
        default: break
        }
        return message
    }
}
