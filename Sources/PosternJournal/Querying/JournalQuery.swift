/// What is found in several journals, newest first. Only as much is read as is asked for.
package final class JournalQuery {
    /// What a row is.
    package enum Wanted: Sendable {
        case sessions
        case statements
        /// What jobs' guards found, by the session that said so.
        case guardResults
    }

    private var chains: [ChainQuery]

    package init(_ journals: JournalSet, _ filter: JournalFilter, wanted: Wanted) {
        chains = journals.chains.map { ChainQuery($0, filter, wanted: wanted) }
    }

    /// - Parameter wantsStatements: statements, one row each, instead of sessions.
    package convenience init(_ journals: JournalSet, _ filter: JournalFilter, wantsStatements: Bool) {
        self.init(journals, filter, wanted: wantsStatements ? .statements : .sessions)
    }

    package func next() -> JournalRow? {
        while true {
            var newest: (chain: ChainQuery, time: Int64)?
            for chain in chains {
                guard let candidate = chain.peek() else { continue }
                if newest.map({ candidate.time > $0.time }) ?? true { newest = (chain, candidate.time) }
            }
            guard let newest else { return nil }
            if let row = newest.chain.take() { return row }
        }
    }
}

/// The journals that are read together: of one gateway or of several.
package final class JournalSet {
    package let directories: [String]
    let chains: [ChainReader]

    /// - Parameters:
    ///   - usesIndex: whether indexes are read from disk and kept there.
    ///   - notes: what is to be said of files that cannot be read.
    package init(directories: [String], usesIndex: Bool, notes: ReadingNotes) throws(JournalReadError) {
        self.directories = directories
        var chains: [ChainReader] = []
        for directory in directories {
            let files = try JournalFiles(directory: directory)
            guard !files.chains.isEmpty else { throw JournalReadError("`\(directory)` holds no journal") }
            let store = IndexStore(directory: directory, isUsed: usesIndex)
            chains += files.chains.map { ChainReader($0, directory: directory, store: store, notes: notes) }
        }
        self.chains = chains
    }
}
