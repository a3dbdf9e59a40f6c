package import PosternCore

/// How many refusals of strangers get a record: so many of one address, and so many of all.
///
/// Ten thousand records a day at the very most, and memory for a bounded number of addresses.
package struct StrangerLimit: Sendable {
    package static let perSource = (burst: 20, perSecond: 0.02)
    package static let inAll = (burst: 100, perSecond: 0.1)
    private static let countedSources = 1000

    private var all = RateLimit(burst: inAll.burst, perSecond: inAll.perSecond)
    private var sources: [String: RateLimit] = [:]

    package init() {}

    /// - Returns: whether there is room for one more of this address.
    package mutating func take(_ source: String, now: MonotonicTime) -> Bool {
        if sources[source] == nil, sources.count >= Self.countedSources {
            sources = sources.filter { !$0.value.isFull(now: now) }
            guard sources.count < Self.countedSources else { return false }
        }
        var own = sources[source] ?? RateLimit(burst: Self.perSource.burst, perSecond: Self.perSource.perSecond)
        defer { sources[source] = own }
        // One address that has used up its own takes nothing of the others'.
        return own.take(now: now) && all.take(now: now)
    }
}
