package import PosternCore

/// So much at once, and so much a second after that.
package struct RateLimit: Sendable {
    private let burst: Double
    private let perSecond: Double
    private var available: Double
    private var updated: MonotonicTime?

    package init(burst: Int, perSecond: Double) {
        self.burst = Double(burst)
        self.perSecond = perSecond
        available = Double(burst)
    }

    /// Whether nothing is taken that would not have come back by now.
    package func isFull(now: MonotonicTime) -> Bool {
        updated.map { available + now.since($0).inSeconds * perSecond >= burst } ?? true
    }

    /// - Returns: whether there is room for one more.
    package mutating func take(now: MonotonicTime) -> Bool {
        if let updated { available = min(burst, available + now.since(updated).inSeconds * perSecond) }
        updated = now
        guard available >= 1 else { return false }
        available -= 1
        return true
    }
}
