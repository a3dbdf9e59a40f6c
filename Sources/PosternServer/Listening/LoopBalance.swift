internal import PosternNet
internal import Synchronization

/// How many connections each loop has, so that a new one goes where there are fewest.
final class LoopBalance: Sendable {
    let loops: [EventLoop]
    private let counts: [ConnectionCount]

    init(loops: [EventLoop]) {
        self.loops = loops
        counts = loops.map { _ in ConnectionCount() }
    }

    /// The loop with the fewest connections; the one that asks if there is no better.
    func choose(preferring own: Int) -> Int {
        var best = own
        var fewest = counts[own].value
        for index in counts.indices where counts[index].value < fewest {
            best = index
            fewest = counts[index].value
        }
        return best
    }

    func opened(on index: Int) { counts[index].add(1) }
    func closed(on index: Int) { counts[index].add(-1) }
}

/// An atomic in a class of its own, so that arrays can hold it.
private final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }
    func add(_ amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }
}
