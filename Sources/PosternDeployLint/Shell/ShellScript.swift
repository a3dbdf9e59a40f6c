/// Finds the simple commands of a script in the shell's language (POSIX, and what bash adds to words).
///
/// It reads quotes, escapes, line continuations, comments, here-documents and substitutions; it runs nothing and expands
/// nothing. What it cannot make sense of it takes as words, so that a destructive command is found rather than missed.
package struct ShellScript {
    /// Substitutions in substitutions, `sh -c` in `sh -c`.
    static let maximumDepth = 8
    /// No script of a pipeline comes near; a bound for the time that rules need.
    static let maximumCommands = 20_000

    private static let keywords: Set<String> = [
        "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "case", "esac",
    ]

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 0
    private var column = 0
    private let depth: Int

    private var commands: [ShellCommand] = []
    private var words: [ShellCommand.Word] = []
    /// Delimiters of here-documents that begin on the next line.
    private var pendingDocuments: [(delimiter: String, stripsTabs: Bool)] = []
    /// A command of their line is a shell.
    private var documentsAreScripts = false

    /// The commands, and those that they run in turn: behind `sudo`, in `sh -c '…'`, in `$(…)`.
    package static func commands(in text: String) -> [ShellCommand] {
        var script = ShellScript(text, line: 0, column: 0, depth: 0)
        script.read()
        return script.commands.flatMap { ShellWrappers.unwrap($0, depth: 0) }
    }

    /// - Parameters:
    ///   - line: where the text begins in the script that it is part of.
    init(_ text: String, line: Int, column: Int, depth: Int) {
        scalars = Array(text.unicodeScalars)
        self.line = line
        self.column = column
        self.depth = depth
    }

    /// The commands of a part of a script, as they are written.
    static func commands(in text: String, line: Int, column: Int, depth: Int) -> [ShellCommand] {
        guard depth <= maximumDepth else { return [] }
        var script = ShellScript(text, line: line, column: column, depth: depth)
        script.read()
        return script.commands
    }

    private mutating func read() {
        while let scalar = peek, commands.count < Self.maximumCommands {
            switch scalar {
            case " ", "\t", "\r": advance()
            case "\n":
                endCommand()
                advance()
                skipDocuments()
            case "#": skipComment()
            case ";", "&", "|", "(", ")":
                endCommand()
                advance()
            case "\\" where peek(1) == "\n":
                advance()
                advance()
            case "<", ">": redirection()
            default: word()
            }
        }
        endCommand()
    }

    private mutating func endCommand() {
        defer { words = [] }
        var own = words[...]
        var assignments: [ShellCommand.Word] = []
        while let first = own.first {
            if Self.isAssignment(first.text) {
                assignments.append(first)
            } else if first.text == "function", !first.isQuoted {
                // With the name that it gives.
                own = own.dropFirst()
            } else if first.isQuoted || !Self.keywords.contains(first.text) {
                break
            }
            own = own.dropFirst()
        }
        // `case x in a) command;;` leaves its pattern as a command of its own, which is nobody's name.
        let all = own.isEmpty ? assignments.prefix(1) : own
        guard !all.isEmpty else { return }
        let command = ShellCommand(words: Array(all), assignments: assignments)
        commands.append(command)
        // Of the commands on the line, behind `|` or `||`, each may be the one that the text is for.
        if !pendingDocuments.isEmpty, ShellWrappers.readsScript(command) { documentsAreScripts = true }
    }

    /// `NAME=value` before a command.
    static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].unicodeScalars.allSatisfy {
            $0 == "_" || $0 == "+" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
    }

    private mutating func word() {
        let (startLine, startColumn) = (line, column)
        var text = String.UnicodeScalarView()
        var isQuoted = false
        reading: while let scalar = peek {
            switch scalar {
            case " ", "\t", "\r", "\n", ";", "&", "|", "(", ")", "<", ">": break reading
            case "\\":
                advance()
                guard let next = peek else { break reading }
                advance()
                if next != "\n" {
                    text.append(next)
                    isQuoted = true
                }
            case "'":
                isQuoted = true
                advance()
                while let inner = peek, inner != "'" {
                    text.append(inner)
                    advance()
                }
                advance()
            case "\"":
                isQuoted = true
                doubleQuoted(into: &text)
            case "$", "`": expansion(into: &text)
            default:
                text.append(scalar)
                advance()
            }
        }
        words.append(
            ShellCommand.Word(text: String(text), line: startLine, column: startColumn, isQuoted: isQuoted)
        )
    }

    private mutating func doubleQuoted(into text: inout String.UnicodeScalarView) {
        advance()
        while let scalar = peek, scalar != "\"" {
            switch scalar {
            case "\\":
                advance()
                guard let next = peek else { return }
                advance()
                if next == "\n" { continue }
                if !["\"", "\\", "$", "`"].contains(next) { text.append("\\") }
                text.append(next)
            case "$", "`": expansion(into: &text)
            default:
                text.append(scalar)
                advance()
            }
        }
        advance()
    }

    /// Takes `$NAME`, `${…}`, `$(…)` or backquotes as they are written; commands in them are commands of the script.
    private mutating func expansion(into text: inout String.UnicodeScalarView) {
        let start = index
        if peek == "`" {
            advance()
            let (innerLine, innerColumn, innerStart) = (line, column, index)
            while let scalar = peek, scalar != "`" {
                if scalar == "\\" { advance() }
                advance()
            }
            substitution(from: innerStart, to: min(index, scalars.count), line: innerLine, column: innerColumn)
            advance()
        } else {
            advance()
            switch peek {
            case "(" where peek(1) == "(": skipBalanced("(", ")")
            case "(":
                let (innerLine, innerColumn, innerStart) = (line, column + 1, index + 1)
                skipBalanced("(", ")")
                substitution(
                    from: innerStart,
                    to: max(innerStart, index - 1),
                    line: innerLine,
                    column: innerColumn
                )
            case "{": skipBalanced("{", "}")
            default: break
            }
        }
        text.append(contentsOf: scalars[start..<min(index, scalars.count)])
    }

    private mutating func substitution(from start: Int, to end: Int, line: Int, column: Int) {
        guard start < end else { return }
        var inner = String.UnicodeScalarView()
        inner.append(contentsOf: scalars[start..<end])
        commands += Self.commands(in: String(inner), line: line, column: column, depth: depth + 1)
    }

    /// From an opening bracket behind its partner, past quotes.
    private mutating func skipBalanced(_ opening: Unicode.Scalar, _ closing: Unicode.Scalar) {
        var level = 0
        var isQuoted = false
        while let scalar = peek {
            switch scalar {
            case "\\": advance()
            case "\"": isQuoted.toggle()
            case opening where !isQuoted: level += 1
            case closing where !isQuoted: level -= 1
            case "'" where !isQuoted:
                advance()
                while let inner = peek, inner != "'" { advance() }
            default: break
            }
            advance()
            if level == 0 { return }
        }
    }

    private mutating func skipComment() {
        while let scalar = peek, scalar != "\n" { advance() }
    }

    /// A redirection and its target, which is no word of the command. `<<EOF` begins a here-document.
    private mutating func redirection() {
        // A file descriptor before it was taken as a word: `2>&1`.
        if let last = words.last, !last.isQuoted, last.line == line, last.column + last.text.count == column,
            last.text.allSatisfy(\.isNumber)
        {
            words.removeLast()
        }
        var operation = String.UnicodeScalarView()
        while let scalar = peek, ["<", ">", "&", "|", "-"].contains(scalar), operation.count < 3 {
            operation.append(scalar)
            advance()
        }
        while let scalar = peek, scalar == " " || scalar == "\t" { advance() }
        guard let scalar = peek, scalar != "\n", scalar != ";", scalar != "(" else { return }
        let before = words
        word()
        let target = words.last?.text ?? ""
        words = before
        let sign = String(operation)
        if sign.hasPrefix("<<"), sign != "<<<", pendingDocuments.count < 16 {
            pendingDocuments.append((target, sign == "<<-"))
        }
    }

    /// The bodies of here-documents are text for the command's input, and a script where the command is a shell.
    private mutating func skipDocuments() {
        let isScript = documentsAreScripts
        documentsAreScripts = false
        for document in pendingDocuments {
            let (bodyLine, bodyStart) = (line, index)
            var bodyEnd = index
            while index < scalars.count {
                var text = String.UnicodeScalarView()
                while let scalar = peek, scalar != "\n" {
                    text.append(scalar)
                    advance()
                }
                advance()
                var row = Substring(String(text))
                if document.stripsTabs { row = row.drop { $0 == "\t" } }
                if row == document.delimiter { break }
                bodyEnd = index
            }
            if isScript { substitution(from: bodyStart, to: bodyEnd, line: bodyLine, column: 0) }
        }
        pendingDocuments = []
    }

    private var peek: Unicode.Scalar? { peek(0) }

    private func peek(_ distance: Int) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    private mutating func advance() {
        guard index < scalars.count else { return }
        if scalars[index] == "\n" {
            line += 1
            column = 0
        } else {
            column += 1
        }
        index += 1
    }
}
