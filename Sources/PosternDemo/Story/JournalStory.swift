internal import PosternCore
internal import PosternJournal

/// What the story needs to know of the journal.
package struct JournalStory {
    private let records: [JournalRecord]

    /// Reads every whole line of every chain in a folder. A folder without a journal tells nothing.
    package init(folder: String) {
        var records: [JournalRecord] = []
        if let files = try? JournalFiles(directory: folder) {
            for file in files.chains.flatMap(\.files) {
                guard let reader = try? JournalReader(path: files.path(of: file)) else { continue }
                while let line = try? reader.next() { if let record = line.record { records.append(record) } }
            }
        }
        // RFC 3339 in UTC with a fixed number of digits sorts as text. Of the same moment, a chain's own order holds.
        self.records = records.sorted { ($0.frame.time, $0.frame.seq) < ($1.frame.time, $1.frame.seq) }
    }

    /// How many records there are of an event.
    package func count(_ event: String) -> Int {
        records.count { $0.frame.event == event }
    }

    /// Why the session was refused whose id is in a text, which is what a refused job is told.
    ///
    /// - Returns: nil when no such refusal is recorded yet.
    package func refusal(namedIn text: String) -> String? {
        let refusal = records.first { record in
            guard record.frame.event == "session.refused", let session = record.members["session"]?.stringValue
            else { return false }
            return !session.isEmpty && text.contains(session)
        }
        guard let refusal, let stage = refusal.members["stage"]?.stringValue,
            let reason = refusal.members["reason"]?.stringValue
        else { return nil }
        return "\(stage): \(reason)"
    }
}
