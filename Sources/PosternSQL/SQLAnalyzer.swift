/// What a text in PostgreSQL's SQL does, read by PostgreSQL's own parser (grammar 15).
///
/// All functions here call libpg_query or bound their work themselves; each runs on the calling thread and to its end.
/// The library keeps state for every thread that ever calls it, and runs out after a thousand: call from the loops and
/// a fixed pool only.
package enum SQLAnalyzer {
    /// What the stack of a calling thread must hold, in bytes; only what is used of it becomes memory.
    ///
    /// libpg_query and the walker recurse with a text's depth, which `Complexity` bounds to 20,000 levels that lean to
    /// the left, the grammar to 10,000 others, and brackets to 500. At these bounds every shape of text runs in 4 MiB,
    /// in a debug build as well, so this is more than ten times the need. Texts up to `smallText` have no more than
    /// 8,192 levels: for them the 8 MiB of ordinary threads are enough.
    package static let stackSize = 64 << 20
    /// Texts up to this length, in bytes, are read faster than handing them to another thread takes: for event loops.
    package static let smallText = 16 * 1024

    /// The facts of every statement in a text. The text ends without a NUL.
    package static func analyze(_ text: [UInt8]) throws(AnalysisError) -> AnalyzedText {
        guard let text = CheckedText(text) else { throw .notText }
        let (statements, hasOtherReading) = try read(text, standardConformingStrings: true)
        guard hasOtherReading else { return AnalyzedText(statements: statements, otherReading: nil) }
        do throws(AnalysisError) {
            let other = try read(text, standardConformingStrings: false).statements
            return AnalyzedText(statements: statements, otherReading: other == statements ? nil : other)
        } catch .syntax {
            // A server that reads it so refuses it too.
            return AnalyzedText(statements: statements, otherReading: nil)
        }
    }

    private static func read(
        _ text: CheckedText,
        standardConformingStrings: Bool
    ) throws(AnalysisError) -> (statements: [StatementFacts], hasOtherReading: Bool) {
        try text.bytes.withUnsafeBufferPointer { (buffer) throws(AnalysisError) in
            guard let bytes = buffer.baseAddress else { throw .notText }
            let complexity = try Complexity(
                of: bytes,
                count: text.count,
                standardConformingStrings: standardConformingStrings
            )
            let statements = try ParserLibrary.parse(
                bytes,
                count: text.count,
                standardConformingStrings: standardConformingStrings
            ) { (json) throws(AnalysisError) in
                let tree = try TreeReader.read(json, text: bytes, textLength: text.count)
                var statements = try Walker.statements(of: tree, textLength: text.count)
                for index in statements.indices {
                    statements[index].trimRange(in: bytes, standardConformingStrings: standardConformingStrings)
                }
                return statements
            }
            return (statements, complexity.hasBackslashInLiteral)
        }
    }

    /// libpg_query's fingerprint: statements that differ in constants only share it. For grouping records, never for
    /// deciding. nil for what does not parse or is too complex.
    package static func fingerprint(_ text: [UInt8]) -> String? {
        guard let text = CheckedText(text) else { return nil }
        return text.bytes.withUnsafeBufferPointer { buffer in
            guard let bytes = buffer.baseAddress,
                (try? Complexity(of: bytes, count: text.count, standardConformingStrings: true)) != nil
            else { return nil }
            // The library takes some literals for more than constants, passwords and function bodies among them. Its
            // digest has no key: whoever reads a record could try them out.
            guard let shape = Masking.mask(bytes, count: text.count, .alike).flatMap({ CheckedText(Array($0.utf8)) })
            else { return nil }
            return shape.bytes.withUnsafeBufferPointer { shape in
                shape.baseAddress.flatMap { ParserLibrary.fingerprint($0, count: shape.count - 1) }
            }
        }
    }
}
