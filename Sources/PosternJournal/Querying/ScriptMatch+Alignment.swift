internal import PosternCore

extension ScriptMatch {
    private static let othersShown = 10
    /// Beginnings of the script in one session that are tried, and comparisons in all.
    private static let maximumTries = 10_000
    private static let maximumSteps = 5_000_000
    private static let transactionTags: Set<String> = [
        "BEGIN", "START TRANSACTION", "COMMIT", "SAVEPOINT", "RELEASE",
    ]

    /// Holds a session against a script.
    ///
    /// - Parameter mayHaveOthers: whether a place where other statements stand between is as good as one without.
    init(_ trail: SessionTrail, _ codes: [String], mayHaveOthers: Bool) {
        let wanted = Set(codes)
        let short = Set(codes.map { IndexBuilder.code($0.utf8) })
        // The codes of what the session ran; those that cannot be the script's are left empty.
        let places = trail.places.filter { $0.entry.kind == .decision }
        var ran: [String] = []
        ran.reserveCapacity(places.count)
        for place in places {
            let code = short.contains(place.entry.code) ? place.record?.members["text_mac"]?.stringValue : nil
            ran.append(code.flatMap { wanted.contains($0) ? $0 : nil } ?? "")
        }
        let found = Self.align(codes, ran, isBeside: { Self.isTransactionControl(places[$0].record) }, mayHaveOthers)
        var others: [JournalRecord] = []
        var otherCount = 0
        let taken = Set(found.compactMap(\.self))
        if let first = taken.min(), let last = taken.max() {
            for place in first...last where !taken.contains(place) {
                guard let record = places[place].record, !Self.isTransactionControl(record) else { continue }
                otherCount += 1
                if others.count < Self.othersShown { others.append(record) }
            }
        }
        var ends: [UInt64: JournalRecord] = [:]
        for place in trail.places where place.entry.kind == .transactionEnd {
            if let record = place.record, let number = Members(record.members).integer("transaction") {
                ends[number] = record
            }
        }
        journal = trail.journal
        session = trail.session
        start = trail.start
        parts = found.map { place in
            guard let place, let decision = places[place].record else {
                return Part(decision: nil, outcome: nil, transaction: nil)
            }
            return Part(
                decision: decision,
                outcome: trail.outcome(of: places[place].entry.number),
                transaction: Members(decision.members).integer("transaction").flatMap { ends[$0] }
            )
        }
        self.others = others
        self.otherCount = otherCount
    }

    private static func isTransactionControl(_ record: JournalRecord?) -> Bool {
        record?.members["tag"]?.stringValue.map(transactionTags.contains) ?? false
    }

    /// For each statement of the script its place among those that ran.
    ///
    /// First a run of the script with nothing between but transaction control; else one with others between; else as much
    /// of the script in its order as one pass finds.
    static func align(
        _ script: [String],
        _ ran: [String],
        isBeside: (Int) -> Bool,
        _ mayHaveOthers: Bool
    ) -> [Int?] {
        if !mayHaveOthers, let exact = exactly(script, ran, isBeside: isBeside) { return exact }
        var found: [Int?] = []
        var next = 0
        // One pass is enough: taking each statement as early as it stands leaves most for those behind it.
        for code in script {
            let place = ran[next...].firstIndex(of: code)
            found.append(place)
            if let place { next = place + 1 }
        }
        return found
    }

    private static func exactly(_ script: [String], _ ran: [String], isBeside: (Int) -> Bool) -> [Int]? {
        guard let first = script.first else { return nil }
        var steps = 0
        var tries = 0
        // The last run of a script in a session is what stands.
        for start in ran.indices.reversed() where ran[start] == first {
            tries += 1
            guard tries <= maximumTries, steps <= maximumSteps else { return nil }
            var found = [start]
            var place = start + 1
            while found.count < script.count, place < ran.count {
                steps += 1
                if ran[place] == script[found.count] {
                    found.append(place)
                } else if !isBeside(place) {
                    break
                }
                place += 1
            }
            if found.count == script.count { return found }
        }
        return nil
    }
}
