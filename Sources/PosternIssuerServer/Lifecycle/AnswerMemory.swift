internal import PosternCore
internal import PosternIssuer

/// The answers of the last moment, for requests that come twice.
struct AnswerMemory {
    /// More are not kept: a request that comes again is refused then.
    private static let capacity = 1024

    private struct Entry {
        let answer: Task<IssuerReply, Never>
        let route: IssuerRequest.Route
        let until: MonotonicTime
    }

    private var entries: [[UInt8]: Entry] = [:]

    mutating func keep(
        _ answer: Task<IssuerReply, Never>,
        of fingerprint: [UInt8],
        route: IssuerRequest.Route,
        until: MonotonicTime,
        now: MonotonicTime
    ) {
        if entries.count >= Self.capacity { entries = entries.filter { $0.value.until > now } }
        guard entries.count < Self.capacity else { return }
        entries[fingerprint] = Entry(answer: answer, route: route, until: until)
    }

    func find(_ fingerprint: [UInt8], route: IssuerRequest.Route, now: MonotonicTime) -> Task<IssuerReply, Never>? {
        guard let entry = entries[fingerprint], entry.route == route, entry.until > now else { return nil }
        return entry.answer
    }
}
