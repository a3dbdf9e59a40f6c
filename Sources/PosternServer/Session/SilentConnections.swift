internal import PosternNet

/// The connections that have sent no startup packet, oldest first. Bounded by the limit on connections.
struct SilentConnections {
    struct Entry: Sendable {
        let loop: EventLoop
        let registration: Registration
        /// What limits per client count by.
        let source: [UInt8]
    }

    /// Names an entry; tickets are given out in order.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private var entries: [UInt64: Entry] = [:]
    private var first: UInt64 = 0
    private var next: UInt64 = 0

    mutating func add(_ entry: Entry) -> Ticket {
        defer { next += 1 }
        entries[next] = entry
        return Ticket(number: next)
    }

    /// - Returns: whether it was still there.
    mutating func remove(_ ticket: Ticket) -> Bool {
        entries.removeValue(forKey: ticket.number) != nil
    }

    /// The one that has waited longest. Each ticket is passed over once, so the search costs nothing in the long run.
    var oldest: Entry? {
        mutating get {
            while first < next, entries[first] == nil { first += 1 }
            return entries[first]
        }
    }

    mutating func removeOldest() {
        _ = oldest
        entries[first] = nil
    }
}
