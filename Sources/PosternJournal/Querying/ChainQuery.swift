internal import PosternCore

/// What is found in one chain, newest first, file by file.
final class ChainQuery {
    /// A record that the index lets through.
    struct Candidate {
        let time: Int64
        let file: Int
        /// Of the entry, or of the session where sessions are asked for.
        let place: Int
    }

    /// What newer files have of a session that began in an older one.
    private struct Later {
        var end: (file: Int, offset: UInt64)?
        var decisions: UInt64 = 0
        var denied: UInt64 = 0
        /// Outcomes of statements that were decided in an older file, by their numbers, and the first end of a
        /// transaction in each newer file, the oldest last.
        var outcomes: [UInt32: (file: Int, offset: Int)] = [:]
        var transactions: [(file: Int, offset: Int)] = []
    }

    private let chain: ChainReader
    private let filter: JournalFilter
    private let wanted: JournalQuery.Wanted
    private var nextFile: Int
    private var later: [SessionKey: Later] = [:]
    /// The later parts as they were before the current batch's file added its own.
    private var laterThanBatch: [SessionKey: Later] = [:]
    private var starts: [SessionKey: (file: Int, offset: UInt64)?] = [:]
    /// Newest last.
    private var batch: [Candidate] = []

    init(_ chain: ChainReader, _ filter: JournalFilter, wanted: JournalQuery.Wanted) {
        self.chain = chain
        self.filter = filter
        self.wanted = wanted
        nextFile = chain.files.count - 1
    }

    /// The newest that was not taken yet; nil when there is no more.
    func peek() -> Candidate? {
        while batch.isEmpty, nextFile >= 0 { readFile() }
        return batch.last
    }

    /// Takes the candidate that `peek` shows and reads its records; nil when they are not what was asked for.
    func take() -> JournalRow? {
        guard let candidate = batch.popLast() else { return nil }
        return switch wanted {
        case .sessions: session(candidate).map(JournalRow.session)
        case .statements: statement(candidate).map(JournalRow.statement)
        case .guardResults: guardResult(candidate).map(JournalRow.guardResult)
        }
    }

    // MARK: Candidates

    private func readFile() {
        let file = nextFile
        nextFile -= 1
        let index = chain.index(file)
        if let since = filter.since, index.lastTime < since, index.covered > 0, !index.sessions.isEmpty {
            nextFile = -1
            return
        }
        laterThanBatch = later
        let filter = IndexFilter(self.filter, on: index)
        batch =
            switch wanted {
            case .sessions: sessions(index, file, filter)
            case .statements: entries(index, file, filter) { $0.kind == .decision && filter.holds(decision: $0) }
            case .guardResults:
                entries(index, file, filter) { entry in
                    entry.kind == .guardResult && self.filter.holds(Timestamp(microseconds: entry.time))
                }
            }
        // A chain is written in the order of time, but a clock may be set back.
        batch.sort { ($0.time, $0.place) < ($1.time, $1.place) }
        remember(index, file)
    }

    private func sessions(_ index: FileIndex, _ file: Int, _ test: IndexFilter) -> [Candidate] {
        index.sessions.enumerated().compactMap { place, session in
            guard session.start != IndexedSession.none, filter.holds(Timestamp(microseconds: session.startTime)),
                test.holds(session: session)
            else { return nil }
            return Candidate(time: session.startTime, file: file, place: place)
        }
    }

    private func entries(
        _ index: FileIndex,
        _ file: Int,
        _ test: IndexFilter,
        where isWanted: (IndexEntry) -> Bool
    ) -> [Candidate] {
        var holding: [Bool]?
        if filter.asksForSessions {
            // A session that began in an older file is asked about when its statement is read.
            holding = index.sessions.map { $0.start == IndexedSession.none || test.holds(session: $0) }
        }
        var found: [Candidate] = []
        for (place, entry) in index.entries.enumerated() where isWanted(entry) {
            if let holding, !holding[Int(entry.session)] { continue }
            found.append(Candidate(time: entry.time, file: file, place: place))
        }
        return found
    }

    /// Keeps what older files' sessions need of this one.
    private func remember(_ index: FileIndex, _ file: Int) {
        for session in index.sessions {
            if session.start != IndexedSession.none {
                later[session.key] = nil
            } else {
                later[session.key, default: Later()].decisions += UInt64(session.decisions)
                later[session.key, default: Later()].denied += UInt64(session.denied)
                if session.end != IndexedSession.none { later[session.key]?.end = (file, session.end) }
            }
        }
        guard wanted == .statements else { return }
        var begun: Set<UInt32> = []
        var ended: Set<UInt32> = []
        for entry in index.entries where index.sessions[Int(entry.session)].start == IndexedSession.none {
            let key = index.sessions[Int(entry.session)].key
            switch entry.kind {
            case .decision: begun.insert(entry.session)
            case .outcome where !begun.contains(entry.session):
                later[key, default: Later()].outcomes[entry.number] = (file, entry.offset)
            case .transactionEnd where ended.insert(entry.session).inserted:
                later[key, default: Later()].transactions.append((file, entry.offset))
            case .start, .refused, .outcome, .transactionEnd, .end, .cancel, .note, .guardResult, nil: break
            }
        }
    }

    // MARK: Sessions

    private func session(_ candidate: Candidate) -> SessionRow? {
        let found = chain.index(candidate.file).sessions[candidate.place]
        guard let start = chain.record(file: candidate.file, offset: found.start),
            start.frame.event == "session.start" || start.frame.event == "session.refused",
            filter.holds(session: start)
        else { return nil }
        let later = laterThanBatch[found.key]
        let end: JournalRecord? =
            if found.end != IndexedSession.none {
                chain.record(file: candidate.file, offset: found.end)
            } else if let place = later?.end {
                chain.record(file: place.file, offset: place.offset)
            } else {
                nil
            }
        return SessionRow(
            journal: chain.directory,
            start: start,
            end: end?.isAbout(sessionOf: start) ?? false ? end : nil,
            statements: UInt64(found.decisions) + (later?.decisions ?? 0),
            denied: UInt64(found.denied) + (later?.denied ?? 0)
        )
    }

    // MARK: Statements

    private func statement(_ candidate: Candidate) -> StatementRow? {
        let index = chain.index(candidate.file)
        let entry = index.entries[candidate.place]
        guard let decision = chain.record(file: candidate.file, offset: entry.offset),
            decision.frame.event == "statement.decision", filter.holds(decision: decision)
        else { return nil }
        let session = index.sessions[Int(entry.session)]
        let start = start(of: session, file: candidate.file)
        guard filter.holds(session: start) else { return nil }
        return StatementRow(
            journal: chain.directory,
            decision: decision,
            outcome: outcome(of: entry, session.key, candidate, index),
            transaction: transaction(of: decision, entry, session.key, candidate, index),
            start: start
        )
    }

    private func guardResult(_ candidate: Candidate) -> GuardRow? {
        let index = chain.index(candidate.file)
        let entry = index.entries[candidate.place]
        guard let result = chain.record(file: candidate.file, offset: entry.offset),
            result.frame.event == "guard.result"
        else { return nil }
        let start = start(of: index.sessions[Int(entry.session)], file: candidate.file)
        guard filter.holds(session: start) else { return nil }
        return GuardRow(journal: chain.directory, result: result, start: start)
    }

    private func start(of session: IndexedSession, file: Int) -> JournalRecord? {
        if session.start != IndexedSession.none { return chain.record(file: file, offset: session.start) }
        if starts[session.key] == nil { findStarts(before: file) }
        guard let place = starts[session.key] ?? nil else { return nil }
        return chain.record(file: place.file, offset: place.offset)
    }

    /// Looks for the beginnings of all sessions that a file has without one, in one walk through the older files.
    private func findStarts(before file: Int) {
        var missing = Set(
            chain.index(file).sessions.filter { $0.start == IndexedSession.none }.map(\.key).filter {
                starts[$0] == nil
            }
        )
        var older = file - 1
        while !missing.isEmpty, older >= 0 {
            for session in chain.index(older).sessions where session.start != IndexedSession.none {
                if missing.remove(session.key) != nil { starts[session.key] = .some((older, session.start)) }
            }
            older -= 1
        }
        for key in missing { starts.updateValue(nil, forKey: key) }
    }

    private func outcome(
        of entry: IndexEntry,
        _ key: SessionKey,
        _ candidate: Candidate,
        _ index: FileIndex
    ) -> JournalRecord? {
        for other in index.entries[(candidate.place + 1)...] where other.session == entry.session {
            if other.kind == .outcome, other.number == entry.number {
                return chain.record(file: candidate.file, offset: other.offset)
            }
            if other.kind == .end { return nil }
        }
        guard let place = laterThanBatch[key]?.outcomes[entry.number] else { return nil }
        return chain.record(file: place.file, offset: place.offset)
    }

    private func transaction(
        of decision: JournalRecord,
        _ entry: IndexEntry,
        _ key: SessionKey,
        _ candidate: Candidate,
        _ index: FileIndex
    ) -> JournalRecord? {
        guard let number = Members(decision.members).integer("transaction") else { return nil }
        for other in index.entries[(candidate.place + 1)...] where other.session == entry.session {
            if other.kind == .transactionEnd, other.number == UInt32(clamping: number) {
                return chain.record(file: candidate.file, offset: other.offset)
            }
            if other.kind == .end { return nil }
        }
        guard let place = laterThanBatch[key]?.transactions.last,
            let record = chain.record(file: place.file, offset: place.offset),
            Members(record.members).integer("transaction") == number
        else { return nil }
        return record
    }
}

extension JournalRecord {
    func isAbout(sessionOf other: JournalRecord) -> Bool { members["session"] == other.members["session"] }
}
