internal import PosternCore

/// A filter on one index: each name is asked about once.
///
/// It may hold for more than the filter does, never for less: what it lets through is read and asked again.
struct IndexFilter {
    private let filter: JournalFilter
    private let key: SessionKey?
    private let role: [Bool]?
    private let database: [Bool]?
    private let repository: [Bool]?
    private let ref: [Bool]?
    private let run: [Bool]?
    private let subject: [Bool]?
    private let tag: [Bool]?
    /// For each list of accesses whether one of them is asked for, whatever the statement's tag, and whether one is
    /// when the statement's tag is asked for.
    private let lists: [(byItself: Bool, withTag: Bool)]

    init(_ filter: JournalFilter, on index: FileIndex) {
        self.filter = filter
        key = filter.session.flatMap { SessionKey($0) }
        func answers(_ test: JournalFilter.NameTest?) -> [Bool]? {
            test.map { test in index.strings.enumerated().map { $0.offset > 0 && test($0.element) } }
        }
        role = answers(filter.role)
        database = answers(filter.database)
        repository = answers(filter.repository)
        ref = answers(filter.ref)
        run = answers(filter.run)
        subject = answers(filter.subject)
        let tag = answers(filter.tag)
        self.tag = tag
        guard filter.tag != nil || filter.object != nil else {
            lists = []
            return
        }
        let holding = index.accesses.map { access in
            let isObject =
                filter.object.map {
                    access.object > 0 && $0(index.strings[Int(access.kind)], index.strings[Int(access.object)])
                } ?? true
            let isTagged = tag.map { $0[Int(access.tag)] } ?? true
            return (byItself: isObject && isTagged, withTag: isObject)
        }
        lists = index.accessLists.map { range in
            let accesses = holding[Int(range.start)..<Int(range.end)]
            return (accesses.contains { $0.byItself }, accesses.contains { $0.withTag })
        }
    }

    func holds(session: IndexedSession) -> Bool {
        func holds(_ answers: [Bool]?, _ place: UInt32) -> Bool {
            guard let answers else { return true }
            return place == FileIndex.unknown || answers[Int(place)]
        }
        return (filter.session == nil || session.key == key)
            && holds(role, session.role) && holds(database, session.database)
            && holds(repository, session.repository) && holds(ref, session.ref) && holds(run, session.run)
            && holds(subject, session.subject)
    }

    /// - Parameter entry: of a decision.
    func holds(decision entry: IndexEntry) -> Bool {
        guard filter.holds(Timestamp(microseconds: entry.time)) else { return false }
        if let decision = filter.decision, entry.isDenied != (decision == .deny) { return false }
        guard filter.tag != nil || filter.object != nil else { return true }
        guard entry.accesses != FileIndex.unknown else { return true }
        let isTagged = entry.tag == FileIndex.unknownTag || tag.map { $0[Int(entry.tag)] } ?? true
        if isTagged, filter.object == nil { return true }
        let list = lists[Int(entry.accesses)]
        return isTagged ? list.withTag : list.byItself
    }
}
