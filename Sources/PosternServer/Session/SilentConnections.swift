internal import PosternNet

/// The connections that have sent no startup packet, oldest first. Bounded by the limit on connections.
struct SilentConnections {
    struct Entry: Sendable {
        let loop: EventLoop
        let registration: Registration
    }

    /// Names an entry; tickets are given out in order.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private var entries: [UInt64: Entry] = [:]
    private var oldest: UInt64 = 0
    private var next: UInt64 = 0

    mutating func add(_ entry: Entry) -> Ticket {
        defer { next += 1 }
        entries[next] = entry
        return Ticket(number: next)
    }

    mutating func remove(_ ticket: Ticket) {
        entries[ticket.number] = nil
    }

    /// Each ticket is passed over once, so the search costs nothing in the long run.
    mutating func takeOldest() -> Entry? {
        while oldest < next {
            defer { oldest += 1 }
            if let entry = entries.removeValue(forKey: oldest) { return entry }
        }
        return nil
    }
}
