/// What is going to happen, by time; what was planned first comes first among equals.
struct Agenda<Item: Sendable>: Sendable {
    /// Items stay where they are: only these small entries move in the heap.
    private struct Entry: Sendable {
        let time: Duration
        let order: UInt64
        let slot: Int

        func precedes(_ other: Entry) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    private var heap: [Entry] = []
    private var slots: [Item?] = []
    private var free: [Int] = []
    private var planned: UInt64 = 0

    var nextTime: Duration? { heap.first?.time }

    mutating func plan(_ item: Item, at time: Duration) {
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(item) } else { slots[slot] = item }
        planned += 1
        heap.append(Entry(time: time, order: planned, slot: slot))
        var index = heap.count - 1
        while index > 0, heap[index].precedes(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func next() -> (time: Duration, item: Item)? {
        guard let first = heap.first, let item = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        free.append(first.slot)
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, item)
    }

    private mutating func sink() {
        var index = 0
        while true {
            let (left, right) = (2 * index + 1, 2 * index + 2)
            guard left < heap.count else { return }
            let least = right < heap.count && heap[right].precedes(heap[left]) ? right : left
            guard heap[least].precedes(heap[index]) else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
