/// The rules that code runs by, named as Ethereum names its forks, in ascending order.
///
/// This chain has been at Osaka since its first block. The earlier two are there for other people's tests and chains.
public enum Fork: String, CaseIterable, Comparable, Hashable, Sendable {
    case cancun = "Cancun"
    case prague = "Prague"
    case osaka = "Osaka"

    public static func < (left: Fork, right: Fork) -> Bool {
        left.order < right.order
    }

    private var order: Int {
        switch self {
        case .cancun: 0
        case .prague: 1
        case .osaka: 2
        }
    }
}
