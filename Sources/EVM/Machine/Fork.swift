/// The rules that code runs by, named as Ethereum names its forks, in ascending order.
///
/// This chain has been at Osaka since its first block. The earlier ones are there for other people's tests and chains.
public enum Fork: String, CaseIterable, Comparable, Hashable, Sendable {
    case homestead = "Homestead"
    /// EIP-150
    case tangerineWhistle = "TangerineWhistle"
    /// EIP-155, EIP-160, EIP-161, EIP-170
    case spuriousDragon = "SpuriousDragon"
    case byzantium = "Byzantium"
    case constantinople = "Constantinople"
    /// Constantinople without EIP-1283.
    case petersburg = "Petersburg"
    case istanbul = "Istanbul"
    case berlin = "Berlin"
    case london = "London"
    case paris = "Paris"
    case shanghai = "Shanghai"
    case cancun = "Cancun"
    case prague = "Prague"
    case osaka = "Osaka"

    /// Those that third-party vectors are run for; the earlier ones only serve to replay old blocks.
    public static let fromCancun: [Fork] = [.cancun, .prague, .osaka]

    public static func < (left: Fork, right: Fork) -> Bool {
        left.order < right.order
    }

    @inline(__always)
    var order: Int {
        switch self {
        case .homestead: 0
        case .tangerineWhistle: 1
        case .spuriousDragon: 2
        case .byzantium: 3
        case .constantinople: 4
        case .petersburg: 5
        case .istanbul: 6
        case .berlin: 7
        case .london: 8
        case .paris: 9
        case .shanghai: 10
        case .cancun: 11
        case .prague: 12
        case .osaka: 13
        }
    }
}
