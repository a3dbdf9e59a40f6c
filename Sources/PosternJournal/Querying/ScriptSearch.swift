internal import PosternCore

/// Looks for sessions in which a script's statements ran, by the codes of their exact bytes.
package final class ScriptSearch {
    /// Sessions that are looked into, newest first, and those that are told of.
    private static let maximumSessions = 1000
    private static let maximumMatches = 20

    private struct Hit {
        let key: SessionKey
        let chain: ChainReader
        var time: Int64
        var codes: Set<UInt32> = []
        var place: (file: Int, offset: Int)
    }

    private let journals: JournalSet
    /// More sessions ran some of the script than were looked into: that none is found says less then.
    package private(set) var isCut = false

    package init(_ journals: JournalSet) {
        self.journals = journals
    }

    /// - Parameter codes: the script's statements in their order, as `text_mac` has them, by the journal's folder: each
    ///   has a key of its own.
    /// - Returns: the sessions in which all of them ran in this order, newest first; where there is none, the one that
    ///   comes nearest.
    package func find(_ codes: (_ journal: String) -> [String], mayHaveOthers: Bool) -> [ScriptMatch] {
        var hits: [Hit] = []
        for chain in journals.chains {
            hits += self.hits(in: chain, Set(codes(chain.directory).map { IndexBuilder.code($0.utf8) }))
        }
        // Who ran most of the script comes first, and of those the newest.
        hits.sort { ($0.codes.count, $0.time) > ($1.codes.count, $1.time) }
        var whole: [ScriptMatch] = []
        var nearest: ScriptMatch?
        isCut = hits.count > Self.maximumSessions
        for hit in hits.prefix(Self.maximumSessions) {
            guard let record = hit.chain.record(file: hit.place.file, offset: hit.place.offset),
                let id = record.members["session"]?.stringValue,
                let trail = SessionTrail(session: id, chains: [hit.chain])
            else { continue }
            let match = ScriptMatch(trail, codes(hit.chain.directory), mayHaveOthers: mayHaveOthers)
            if match.isComplete { whole.append(match) }
            if match.rank > nearest?.rank ?? (0, 0, 0) { nearest = match }
            if whole.count == Self.maximumMatches { break }
        }
        return whole.isEmpty ? nearest.map { [$0] } ?? [] : whole
    }

    /// Sessions of a chain that ran any of the statements.
    private func hits(in chain: ChainReader, _ codes: Set<UInt32>) -> [Hit] {
        var hits: [SessionKey: Hit] = [:]
        for file in chain.files.indices {
            let index = chain.index(file)
            for entry in index.entries where entry.kind == .decision && codes.contains(entry.code) {
                let key = index.sessions[Int(entry.session)].key
                var hit =
                    hits[key]
                    ?? Hit(key: key, chain: chain, time: entry.time, place: (file: file, offset: entry.offset))
                hit.codes.insert(entry.code)
                hits[key] = hit
            }
        }
        return Array(hits.values)
    }
}

/// How a session's statements agree with a script's.
package struct ScriptMatch {
    package struct Part {
        /// nil when the session did not run it, or not at this place.
        package let decision: JournalRecord?
        package let outcome: JournalRecord?
        /// How its transaction ended.
        package let transaction: JournalRecord?

        package var isMissing: Bool { decision == nil }
        /// It ran without an error, and what it did was committed.
        package var isDone: Bool {
            outcome?.members["result"]?.stringValue == "ok" && transaction?.members["result"]?.stringValue == "commit"
        }
    }

    package let journal: String
    package let session: String
    package let start: JournalRecord?
    /// One for each statement of the script.
    package let parts: [Part]
    /// Statements that ran between the first and the last of the script and are not the script's; transaction control is
    /// not counted.
    package let others: [JournalRecord]
    /// How many there are; `others` holds the first of them.
    package let otherCount: Int

    /// All statements of the script, in its order.
    package var isComplete: Bool { parts.allSatisfy { !$0.isMissing } }
    package var isDone: Bool { parts.allSatisfy(\.isDone) }

    var rank: (Int, Int, Int) { (parts.count { !$0.isMissing }, -otherCount, parts.count(where: \.isDone)) }
}
