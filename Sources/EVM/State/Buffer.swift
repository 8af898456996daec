/// A growable run of plain values at a fixed address, for hot loops: no reference counts, no copies on write.
///
/// Removing all elements keeps the room, so what runs again and again allocates only the first time.
@safe
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a buffer starts with some room")
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    var isEmpty: Bool {
        @inline(__always) get { count == 0 }
    }

    subscript(index: Int) -> Element {
        @inline(__always) _read {
            precondition(index >= 0 && index < count, "an index of a buffer is below its count")
            yield unsafe base[index]
        }
        @inline(__always) _modify {
            precondition(index >= 0 && index < count, "an index of a buffer is below its count")
            yield unsafe &base[index]
        }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(to: count &* 2) }
        unsafe base[count] = element
        count &+= 1
    }

    @inline(__always)
    mutating func removeLast() -> Element {
        precondition(count > 0, "a buffer has a last element")
        count &-= 1
        return unsafe base[count]
    }

    /// Keeps the first `newCount` elements.
    mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "a buffer only becomes shorter")
        count = newCount
    }

    mutating func removeAll() {
        count = 0
    }

    /// The address of element `index`, until the buffer grows.
    @inline(__always)
    @unsafe
    func pointer(at index: Int) -> UnsafeMutablePointer<Element> {
        unsafe base + index
    }

    /// Makes room for `newCount` elements and counts them in; what they hold is what was there before.
    @unsafe
    mutating func extend(to newCount: Int) {
        if newCount > capacity { grow(to: max(newCount, capacity &* 2)) }
        count = newCount
    }

    @inline(never)
    private mutating func grow(to newCapacity: Int) {
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        unsafe grown.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = grown
        capacity = newCapacity
    }
}
