package import PosternCore

/// Shows diagnostics to people and to programs.
package enum DiagnosticRenderer {
    private struct Line: Hashable {
        let file: String
        let line: Int?
    }

    /// `file:line:col: error: …` with the line, a caret, and the hint.
    ///
    /// - Parameter source: the text of a file by the name that the diagnostics give it; nil leaves the line out.
    package static func pretty(_ diagnostics: [Diagnostic], source: (String) -> [UInt8]?) -> String {
        var lines: [String: [Substring]] = [:]
        var output = ""
        let hidden = Set(diagnostics.filter(\.hidesSource).map { Line(file: $0.file, line: $0.line) })
        for diagnostic in diagnostics {
            output +=
                "\(place(of: diagnostic)): \(diagnostic.severity.rawValue): \(plain(diagnostic.message))\n"
            let isHidden = hidden.contains(Line(file: diagnostic.file, line: diagnostic.line))
            if let line = diagnostic.line, let column = diagnostic.column, !isHidden {
                if lines[diagnostic.file] == nil {
                    lines[diagnostic.file] = split(source(diagnostic.file) ?? [])
                }
                if let all = lines[diagnostic.file], all.indices.contains(line - 1) {
                    output += excerpt(all[line - 1], column: column)
                }
            }
            if let hint = diagnostic.hint { output += "hint: \(plain(hint))\n" }
        }
        return output
    }

    /// As `pretty`, reading the lines from the files themselves.
    package static func pretty(_ diagnostics: [Diagnostic]) -> String {
        pretty(diagnostics) { try? FileReader.read(FilePath.absolute($0)) }
    }

    /// The members of an array of objects `{severity, file, line, column, message, hint}`.
    package static func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        .array(
            diagnostics.map { diagnostic in
                var object = JSONObject()
                object.append("severity", .string(diagnostic.severity.rawValue))
                object.append("file", .string(diagnostic.file))
                if let line = diagnostic.line { object.append("line", .number(JSONNumber(line))) }
                if let column = diagnostic.column { object.append("column", .number(JSONNumber(column))) }
                object.append("message", .string(diagnostic.message))
                if let hint = diagnostic.hint { object.append("hint", .string(hint)) }
                return .object(object)
            }
        )
    }

    private static func place(of diagnostic: Diagnostic) -> String {
        guard let line = diagnostic.line, let column = diagnostic.column else { return diagnostic.file }
        return "\(diagnostic.file):\(line):\(column)"
    }

    private static func split(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
    }

    /// The line and a caret below the column. Long lines are cut, so that the caret stays in sight.
    private static func excerpt(_ line: Substring, column: Int) -> String {
        let width = 100
        let scalars = Array(line.unicodeScalars)
        guard column <= scalars.count + 1 else { return "" }
        let start = max(0, column - 1 - width / 2)
        let shown = scalars[start..<min(scalars.count, start + width)].map {
            isPrintable($0) ? $0 : " "
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: shown)
        return "    \(String(text))\n    \(String(repeating: " ", count: column - 1 - start))^\n"
    }

    /// Files' text goes to a terminal: what could steer it does not.
    private static func plain(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text.unicodeScalars.map { isPrintable($0) ? $0 : "\u{FFFD}" })
        return String(view)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
