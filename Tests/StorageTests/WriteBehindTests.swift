import Testing

@testable import Storage

@Suite
struct `A write-behind cache` {
    @Test(arguments: 1...20)
    func `never loses a pending value, and never gives an outdated one`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var cache = WriteBehind<Int, Int>(cleanCostMax: 16)
        var pending: [Int: Int] = [:]
        var file: [Int: Int] = [:]
        for step in 0..<2_000 {
            let key = Int.random(in: 0..<40, using: &dice)
            switch Int.random(in: 0..<10, using: &dice) {
            case 0...2:
                cache.change(key, to: step)
                pending[key] = step
            case 3:
                cache.settle()
                file.merge(pending) { $1 }
                pending = [:]
            case 4 where pending[key] == nil && file[key] != nil:
                cache.remember(file[key]!, for: key)
            default:
                let found = cache.value(key)
                if let expected = pending[key] { #expect(found == expected) }
                if let found { #expect(found == pending[key] ?? file[key]) }
            }
            #expect(cache.pending == pending)
        }
    }

    @Test func `keeps what is used and lets go of what is not`() {
        var cache = WriteBehind<Int, Int>(cleanCostMax: 100)
        cache.remember(7, for: -1)
        cache.remember(8, for: -2)
        for key in 0..<1_000 {
            cache.remember(key, for: key)
            #expect(cache.value(-1) == 7)
        }
        #expect(cache.value(-2) == nil)
        #expect((0..<1_000).count { cache.value($0) != nil } <= 100)
    }

    @Test func `counts what is pending by its cost`() {
        var cache = WriteBehind<Int, [Int]>(cleanCostMax: 100) { $0.count }
        cache.change(1, to: [1, 2, 3])
        cache.change(2, to: [1])
        cache.change(1, to: [1, 2])
        #expect(cache.pendingCost == 3)
        cache.settle()
        #expect(cache.pendingCost == 0)
        #expect(cache.value(1) == [1, 2])
    }
}
