internal import PosternCore

/// Everything that journals have of one session, in the order in which it was written. Records are read one by one, when
/// they are asked for: a session may have millions.
package final class SessionTrail {
    package enum Step {
        case statement(decision: JournalRecord, outcome: JournalRecord?)
        case transaction(JournalRecord)
        case cancel(JournalRecord)
        /// `session.note`
        case note(JournalRecord)
        case guardResult(JournalRecord)
    }

    struct Place {
        let chain: ChainReader
        let file: Int
        let entry: IndexEntry

        var record: JournalRecord? { chain.record(file: file, offset: entry.offset) }
    }

    package let session: String
    let places: [Place]
    /// By the number of their statement.
    private let outcomes: [UInt32: Place]

    /// - Returns: nil when no journal knows the session.
    package convenience init?(session: String, in journals: JournalSet) {
        self.init(session: session, chains: journals.chains)
    }

    init?(session: String, chains: [ChainReader]) {
        guard let key = SessionKey(session) else { return nil }
        self.session = session
        let parts = chains.map { Self.places(of: key, in: $0) }
        // The chain of the session's loop has all of it but cancel requests, which any loop of its gateway may get. Of
        // copies of a journal one is enough.
        guard let own = parts.indices.max(by: { parts[$0].count < parts[$1].count }) else { return nil }
        let cancels = parts.indices.filter { $0 != own && chains[$0].directory == chains[own].directory }
            .flatMap { parts[$0].filter { $0.entry.kind == .cancel } }
        places = parts[own] + cancels
        guard !places.isEmpty else { return nil }
        var outcomes: [UInt32: Place] = [:]
        for place in places where place.entry.kind == .outcome { outcomes[place.entry.number] = place }
        self.outcomes = outcomes
    }

    private static func places(of key: SessionKey, in chain: ChainReader) -> [Place] {
        var byFile: [[Place]] = []
        for file in chain.files.indices.reversed() {
            let index = chain.index(file)
            guard let number = index.sessions.firstIndex(where: { $0.key == key }) else {
                // Nothing of it is in files before the one that it began in; it can be idle for a whole file.
                continue
            }
            byFile.append(
                index.entries.filter { $0.session == number }.map { Place(chain: chain, file: file, entry: $0) }
            )
            if index.sessions[number].start != IndexedSession.none { break }
        }
        return byFile.reversed().flatMap(\.self)
    }

    /// The folder of the journal that has it.
    package var journal: String { places.first?.chain.directory ?? "" }
    package var chain: String { places.first?.chain.name ?? "" }

    /// `session.start` or `session.refused`; nil when it is in no file that is still there.
    package var start: JournalRecord? { places.first { $0.entry.kind == .start || $0.entry.kind == .refused }?.record }

    /// nil while it runs, and of one whose gateway died.
    package var end: JournalRecord? { places.first { $0.entry.kind == .end }?.record }

    package var statements: Int { places.count { $0.entry.kind == .decision } }
    package var denied: Int { places.count { $0.entry.kind == .decision && $0.entry.isDenied } }

    /// Goes through what the session did.
    package func forEachStep(_ body: (Step) throws -> Void) rethrows {
        for place in places {
            switch place.entry.kind {
            case .decision:
                guard let decision = place.record else { continue }
                try body(.statement(decision: decision, outcome: outcomes[place.entry.number]?.record))
            case .transactionEnd: if let record = place.record { try body(.transaction(record)) }
            case .cancel: if let record = place.record { try body(.cancel(record)) }
            case .note: if let record = place.record { try body(.note(record)) }
            case .guardResult: if let record = place.record { try body(.guardResult(record)) }
            case .start, .refused, .outcome, .end, nil: break
            }
        }
    }

    /// Goes through the denied statements alone.
    package func forEachDenied(_ body: (JournalRecord) throws -> Void) rethrows {
        for place in places where place.entry.kind == .decision && place.entry.isDenied {
            if let record = place.record { try body(record) }
        }
    }

    /// The outcome of a decided statement.
    func outcome(of number: UInt32) -> JournalRecord? { outcomes[number]?.record }
}
