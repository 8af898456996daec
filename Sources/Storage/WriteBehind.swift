/// Values by key: the changed ones, which the file does not have yet, and some that were read from it lately.
///
/// Changed values stay until `settle`. The others live in two generations: when the young one is full it becomes
/// the old one, and the old one is let go. A value found in the old one moves to the young one, so what is used
/// stays; that keeps the right things as well as a linked list would, at the cost of a dictionary.
struct WriteBehind<Key: Hashable, Value> {
    /// What the file lacks.
    private(set) var pending: [Key: Value] = [:]
    /// The cost of `pending`.
    private(set) var pendingCost = 0

    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var youngCost = 0
    /// The cost that one generation may reach.
    private let generationCostMax: Int
    private let cost: (Value) -> Int

    /// - Parameters:
    ///   - cleanCostMax: The cost of values kept although the file has them.
    ///   - cost: What a value costs, in the unit of the limits.
    init(cleanCostMax: Int, cost: @escaping (Value) -> Int = { _ in 1 }) {
        generationCostMax = cleanCostMax / 2
        self.cost = cost
    }

    mutating func value(_ key: Key) -> Value? {
        if let value = pending[key] { return value }
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        remember(value, for: key)
        return value
    }

    /// Notes a value that the file does not have.
    mutating func change(_ key: Key, to value: Value) {
        pendingCost += cost(value)
        if let before = pending.updateValue(value, forKey: key) { pendingCost -= cost(before) }
    }

    /// Notes a value that the file has.
    mutating func remember(_ value: Value, for key: Key) {
        if youngCost >= generationCostMax {
            old = young
            young = Dictionary(minimumCapacity: old.count)
            youngCost = 0
        }
        youngCost += cost(value)
        if let before = young.updateValue(value, forKey: key) { youngCost -= cost(before) }
    }

    /// The file now has everything that was pending.
    mutating func settle() {
        for (key, value) in pending {
            old.removeValue(forKey: key)
            remember(value, for: key)
        }
        pending.removeAll(keepingCapacity: true)
        pendingCost = 0
    }

    /// Forgets everything that the file has. What is pending stays.
    mutating func trim() {
        young = [:]
        old = [:]
        youngCost = 0
    }
}
