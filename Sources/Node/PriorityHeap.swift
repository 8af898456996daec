/// A binary heap: the least element is at hand, at a cost of the logarithm of their number.
///
/// Elements that compare as equal come out in any order; so whoever needs one order makes no two equal.
struct PriorityHeap<Element: Comparable & Sendable>: Sendable {
    private var elements: [Element]

    /// - Complexity: Linear in their number.
    init(_ elements: [Element] = []) {
        self.elements = elements
        for index in (0..<elements.count / 2).reversed() { sink(index) }
    }

    var count: Int { elements.count }
    var first: Element? { elements.first }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard elements[index] < elements[parent] else { return }
            elements.swapAt(index, parent)
            index = parent
        }
    }

    @discardableResult
    mutating func removeFirst() -> Element? {
        guard let last = elements.popLast() else { return nil }
        guard let first = elements.first else { return last }
        elements[0] = last
        sink(0)
        return first
    }

    /// Puts `element` in the place of the first: half the work of taking one out and putting one in.
    ///
    /// - Precondition: There is a first.
    mutating func replaceFirst(with element: Element) {
        elements[0] = element
        sink(0)
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            let left = 2 * index + 1
            guard left < elements.count else { return }
            let right = left + 1
            let least = right < elements.count && elements[right] < elements[left] ? right : left
            guard elements[least] < elements[index] else { return }
            elements.swapAt(index, least)
            index = least
        }
    }
}
