internal import ArgumentParser
internal import PosternCore
internal import PosternJournal
internal import PosternNet
internal import PosternSQL

/// A file of SQL, in its statements.
struct Script: Sendable {
    struct Statement: Sendable {
        let range: Range<Int>
        let tag: String
        /// Of its first word, counted from 1.
        let line: Int
    }

    /// A session ran at least a message for each.
    private static let maximumStatements = 100_000

    let path: String
    let bytes: [UInt8]
    let statements: [Statement]

    static func read(_ path: String) throws -> Script {
        let bytes: [UInt8]
        do {
            bytes = path == "-" ? try InputFile.readStandardInput() : try InputFile.read(path)
        } catch {
            throw unusable(error.reason)
        }
        let analyzed = try PolicyThread.run {
            Result { () throws(AnalysisError) in try SQLAnalyzer.analyze(bytes) }
        }
        switch analyzed {
        case .success(let text):
            guard (1...maximumStatements).contains(text.statements.count) else {
                throw unusable("`\(path)` has \(text.statements.count) statements, not 1 to \(maximumStatements)")
            }
            return Script(path: path, bytes: bytes, text.statements)
        case .failure(.syntax(let message, let position)):
            let before = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(max(0, position - 1))
            let line = before.count { $0 == "\n" } + 1
            throw unusable(
                "`\(path)` is not understood: \(message) in line \(line)",
                hint: "a script with commands of psql is no SQL: give the SQL alone"
            )
        case .failure(.tooComplex): throw unusable("`\(path)` is too complex")
        case .failure(.notText): throw unusable("`\(path)` is no UTF-8 text")
        case .failure(.unclassified(let what)): throw unusable("`\(path)` is not understood: \(what)")
        }
    }

    private init(path: String, bytes: [UInt8], _ statements: [StatementFacts]) {
        self.path = path
        self.bytes = bytes
        var line = 1
        var counted = 0
        self.statements = statements.map { facts in
            line += bytes[counted..<max(counted, facts.range.lowerBound)].count { $0 == UInt8(ascii: "\n") }
            counted = max(counted, facts.range.lowerBound)
            return Statement(range: facts.range, tag: facts.tag.rawValue, line: line)
        }
    }

    private static func unusable(_ message: String, hint: String? = nil) -> ExitCode {
        Output.error(TerminalText.escaped(message), hint: hint)
        return .unusable
    }
}
