internal import PosternCore

/// The records of several journals in the order of their times, oldest first, and those that are written meanwhile.
package final class EventStream {
    package struct Event {
        /// The record's line as it lies in the file, without the line feed.
        package let line: [UInt8]
        package let journal: String
        package let record: JournalRecord
        /// The record that its session began with, where it is of a session whose beginning was read.
        package let start: JournalRecord?
    }

    /// Sessions that run at once, or whose end a crash has swallowed: beyond it all are forgotten.
    private static let maximumSessions = 100_000

    private struct Chain {
        let directory: String
        let lines: ChainLines
    }

    private let directories: [String]
    private let filter: JournalFilter
    private let notes: ReadingNotes
    private var chains: [Chain] = []
    private var numbers: [String: [String: [Int]]] = [:]
    private var starts: [SessionKey: (record: JournalRecord, isWanted: Bool)] = [:]

    package init(directories: [String], _ filter: JournalFilter, notes: ReadingNotes) throws(JournalReadError) {
        self.directories = directories
        self.filter = filter
        self.notes = notes
        for directory in directories where try JournalFiles(directory: directory).chains.isEmpty {
            throw JournalReadError("`\(directory)` holds no journal")
        }
        refresh()
    }

    /// Looks for new files and chains. A folder that is away for a moment is tried again the next time.
    package func refresh() {
        for directory in directories {
            let files: JournalFiles
            do {
                files = try JournalFiles(directory: directory)
            } catch {
                notes.add(error.description)
                continue
            }
            for chain in files.chains {
                numbers[directory, default: [:]][chain.name] = chain.numbers
                guard !chains.contains(where: { $0.directory == directory && $0.lines.name == chain.name }) else {
                    continue
                }
                let lines = ChainLines(directory: directory, name: chain.name, notes: notes)
                chains.append(Chain(directory: directory, lines: lines))
            }
        }
    }

    /// The next event that is asked for; nil when none is written yet.
    package func next() throws(JournalReadError) -> Event? {
        while true {
            var first: (chain: Chain, line: ChainLines.Line)?
            for chain in chains {
                let numbers = numbers[chain.directory]?[chain.lines.name] ?? []
                guard let line = try chain.lines.peek(numbers) else { continue }
                if first.map({ line.glance.time < $0.line.glance.time }) ?? true { first = (chain, line) }
            }
            guard let first else { return nil }
            let event = event(first.line, first.chain)
            first.chain.lines.take()
            if let event { return event }
        }
    }

    // MARK: What is asked for

    /// Only what may be asked for is read as a record: that costs more than all the rest.
    private func event(_ line: ChainLines.Line, _ chain: Chain) -> Event? {
        let key = session(of: line)
        let begins = line.glance.isEvent("session.start", in: line.bytes)
        let isRefusal = line.glance.isEvent("session.refused", in: line.bytes)
        defer { if let key, line.glance.isEvent("session.end", in: line.bytes) { starts[key] = nil } }
        let known = key.flatMap { starts[$0] }
        // A session's beginning is remembered whatever is asked for: what comes later belongs to it.
        guard begins || mayHold(line) else { return nil }
        guard begins || isRefusal || known?.isWanted ?? !filter.asksForSessions else { return nil }
        let bytes = Array(line.bytes)
        guard let record = JournalRecord(bytes) else {
            notes.add("a line of chain \(chain.lines.name) in `\(chain.directory)` is no record that can be read")
            return nil
        }
        let isWanted = begins || isRefusal ? filter.holds(session: record) : true
        if begins, let key {
            if starts.count >= Self.maximumSessions { starts.removeAll() }
            starts[key] = (record, isWanted)
        }
        guard isWanted, mayHold(line), !filter.asksForStatements || filter.holds(decision: record) else { return nil }
        return Event(
            line: bytes,
            journal: chain.directory,
            record: record,
            start: begins || isRefusal ? record : known?.record
        )
    }

    private func mayHold(_ line: ChainLines.Line) -> Bool {
        guard filter.holds(line.glance.time) else { return false }
        return !filter.asksForStatements || line.glance.isEvent("statement.decision", in: line.bytes)
    }

    /// Sessions' records have their id first.
    private func session(of line: ChainLines.Line) -> SessionKey? {
        var members = MemberScanner(line.bytes, line.glance.fields)
        guard let first = members.next(), line.bytes.holds(first.name, "session") else { return nil }
        return SessionKey(line.bytes[line.bytes.inside(first.value)])
    }
}
