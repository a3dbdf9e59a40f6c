/// A text as the parser read it.
package struct AnalyzedText: Hashable, Sendable {
    /// One statement each; none for a text of comments or nothing. With `standard_conforming_strings = on`, as every
    /// session has it.
    package let statements: [StatementFacts]
    /// The reading under `standard_conforming_strings = off`, where it is another one: a backslash stands in a plain
    /// literal. nil where both agree or where that reading is a syntax error.
    package let otherReading: [StatementFacts]?

    package init(statements: [StatementFacts], otherReading: [StatementFacts]?) {
        self.statements = statements
        self.otherReading = otherReading
    }
}

/// Why a text was not understood.
package enum AnalysisError: Error, Hashable, Sendable {
    /// The grammar refuses it: the parser's own message, and the position in characters from 1.
    case syntax(message: String, position: Int)
    /// More operators, brackets or levels than the gateway parses (SQLSTATE 54001).
    case tooComplex
    /// Not UTF-8, or a NUL inside.
    case notText
    /// The parser gave a node or a field that this version has no rule for: its name.
    case unclassified(String)
}
