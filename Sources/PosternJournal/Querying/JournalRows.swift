internal import PosternCore

/// A session that was found, in its records.
package struct SessionRow {
    /// The journal's folder.
    package let journal: String
    /// `session.start` or `session.refused`.
    package let start: JournalRecord
    /// nil while it runs, and of one whose gateway died.
    package let end: JournalRecord?
    /// Decisions on its statements.
    package let statements: UInt64
    package let denied: UInt64
}

/// A statement that was found, in its records.
package struct StatementRow {
    package let journal: String
    package let decision: JournalRecord
    /// nil while it runs, and where none was written.
    package let outcome: JournalRecord?
    /// How its transaction ended.
    package let transaction: JournalRecord?
    /// nil when it is in no file that is still there.
    package let start: JournalRecord?
}

/// A guard's result that was found, in its records.
package struct GuardRow {
    package let journal: String
    package let result: JournalRecord
    /// nil when it is in no file that is still there.
    package let start: JournalRecord?
}

package enum JournalRow {
    case session(SessionRow)
    case statement(StatementRow)
    case guardResult(GuardRow)
}
