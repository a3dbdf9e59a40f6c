package import PosternPolicy

/// A mistake, or something odd, in a file that a person wrote.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Sendable {
        case error
        case warning
    }

    package let severity: Severity
    package let file: String
    /// Counted from 1; nil when the whole file is meant.
    package let line: Int?
    /// Counted from 1 in Unicode scalars.
    package let column: Int?
    package let message: String
    package let hint: String?
    /// Whether the line may hold a secret: then nobody prints it.
    package let hidesSource: Bool

    package init(
        _ severity: Severity,
        at location: SourceLocation,
        _ message: String,
        hint: String? = nil,
        hidesSource: Bool = false
    ) {
        self.severity = severity
        file = location.file
        line = location.line
        column = location.column
        self.message = message
        self.hint = hint
        self.hidesSource = hidesSource
    }

    /// About a file as a whole.
    package init(_ severity: Severity, file: String, _ message: String, hint: String? = nil) {
        self.severity = severity
        self.file = file
        line = nil
        column = nil
        self.message = message
        self.hint = hint
        hidesSource = false
    }
}
