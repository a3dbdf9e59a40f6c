internal import PosternCore

/// The newest tokens that an issuer made, and those that it made not, of what is asked for.
package enum TokenSearch {
    private static let events: Set<String> = [IssuerMint.name, IssuerRefuse.name]

    /// Reads the journals whole: an issuer writes a record for a build, not for a statement.
    ///
    /// - Returns: newest first, at most `limit`, and whether there are more.
    package static func find(
        _ filter: JournalFilter,
        in directories: [String],
        limit: Int,
        notes: ReadingNotes
    ) throws(JournalReadError) -> (records: [JournalRecord], isCut: Bool) {
        var times = JournalFilter()
        (times.since, times.until) = (filter.since, filter.until)
        let stream = try EventStream(directories: directories, times, notes: notes)
        var found: [JournalRecord] = []
        var isCut = false
        while let event = try stream.next() {
            guard events.contains(event.record.frame.event), filter.holds(token: event.record) else { continue }
            found.append(event.record)
            if found.count > 2 * limit {
                found.removeFirst(found.count - limit)
                isCut = true
            }
        }
        return (found.suffix(limit).reversed(), isCut || found.count > limit)
    }
}

extension JournalFilter {
    /// Of a token's record, which has the run and the subject, but neither session nor role.
    fileprivate func holds(token record: JournalRecord) -> Bool {
        guard session == nil, role == nil, database == nil else { return false }
        let run = record.members["run"]?.objectValue
        let tested = [
            (repository, run?["repository"]), (ref, run?["ref"]), (self.run, run?["id"]),
            (subject, record.members["subject"]),
        ]
        return tested.allSatisfy { test, value in test.map { value?.stringValue.map($0) ?? false } ?? true }
    }
}
