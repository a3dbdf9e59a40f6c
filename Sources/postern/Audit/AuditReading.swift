internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

/// What the reading verbs have in common.
enum AuditReading {
    /// What is to be said beside the answer, escaped: paths and names may be strangers'.
    static func notes() -> ReadingNotes {
        ReadingNotes { Output.diagnostics("postern: note: \(TerminalText.escaped($0))\n") }
    }

    static func journals(_ directories: [String], usesIndex: Bool, notes: ReadingNotes) throws -> JournalSet {
        do {
            return try JournalSet(directories: directories, usesIndex: usesIndex, notes: notes)
        } catch {
            throw unusable(error)
        }
    }

    /// Call it when the answer has been given.
    ///
    /// - Throws: `ExitCode.unusable`, having said so, where a file could not be read.
    static func requireWhole(_ notes: ReadingNotes) throws(ExitCode) {
        guard notes.isIncomplete else { return }
        Output.error("the answer is not complete: not every file of the journals could be read")
        throw .unusable
    }

    static func unusable(_ error: JournalReadError) -> ExitCode {
        Output.error(TerminalText.escaped(error.description), hint: "name folders as `audit.directory` has them")
        return .unusable
    }
}

/// Whether indexes may be used.
struct AuditIndexOptions: ParsableArguments {
    @Flag(name: .long, help: "Read the journals whole: neither read nor write an index.")
    var noIndex = false
}
