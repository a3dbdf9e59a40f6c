internal import PosternPolicy

/// Collects the mistakes of one load, so that a person sees all of them at once.
final class DiagnosticLog {
    /// More would not be read.
    static let capacity = 500

    private(set) var diagnostics: [Diagnostic] = []
    private var hidesSource = false

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func add(_ diagnostic: Diagnostic) {
        if diagnostics.count < Self.capacity {
            diagnostics.append(diagnostic)
        } else if diagnostics.count == Self.capacity {
            diagnostics.append(
                Diagnostic(.error, file: diagnostic.file, "too many mistakes, the rest is not shown")
            )
        }
    }

    /// Runs `work`; the lines of errors that it logs may hold a secret that does not belong
    /// there, and are not shown.
    func hidingSource<Value>(_ work: () -> Value) -> Value {
        let outer = hidesSource
        hidesSource = true
        defer { hidesSource = outer }
        return work()
    }

    func error(_ location: SourceLocation, _ message: String, hint: String? = nil) {
        add(Diagnostic(.error, at: location, message, hint: hint, hidesSource: hidesSource))
    }

    func warning(_ location: SourceLocation, _ message: String, hint: String? = nil) {
        add(Diagnostic(.warning, at: location, message, hint: hint))
    }
}
