internal import PosternPolicy

/// Comments that say that a finding is meant so: `# postern-lint: ignore category/name reason`.
///
/// One at a line's end is about that line, one on a line of its own about the next line that is no comment, and one that
/// says `ignore-file` about the file.
struct Suppressions {
    private struct Comment {
        let rule: String
        let location: SourceLocation
        /// nil for the whole file.
        let line: Int?
        var isUsed = false
    }

    private static let word = "postern-lint:"

    private var comments: [Comment] = []
    private(set) var problems: [LintFinding] = []

    init(_ file: DeployFile, rules: Set<String>) {
        for (index, line) in file.lines.enumerated() {
            guard let hash = Self.comment(in: line) else { continue }
            let location = SourceLocation(
                file: file.path,
                line: index + 1,
                column: line[..<hash].unicodeScalars.count + 1
            )
            let words = line[hash...].dropFirst().split(whereSeparator: \.isWhitespace).dropFirst().map(String.init)
            guard let verb = words.first, verb == "ignore" || verb == "ignore-file" else {
                complain(location, "this comment does not say `ignore` or `ignore-file`")
                continue
            }
            guard words.count > 1, rules.contains(words[1]) else {
                complain(location, words.count > 1 ? "there is no rule `\(words[1])`" : "the comment names no rule")
                continue
            }
            guard words.count > 2 else {
                complain(location, "it does not say why `\(words[1])` is not meant here")
                continue
            }
            let isAlone = line[..<hash].allSatisfy(\.isWhitespace)
            let target = verb == "ignore-file" ? nil : isAlone ? Self.next(after: index, in: file.lines) : index
            comments.append(Comment(rule: words[1], location: location, line: target.map { $0 + 1 }))
        }
    }

    /// Whether a comment covers the finding.
    mutating func covers(_ finding: LintFinding) -> Bool {
        var isCovered = false
        for index in comments.indices where comments[index].rule == finding.rule {
            guard comments[index].line == nil || comments[index].line == finding.location.line else { continue }
            comments[index].isUsed = true
            isCovered = true
        }
        return isCovered
    }

    /// Comments that are about nothing any more, so that they do not hide what comes later.
    var unused: [LintFinding] {
        comments.filter { !$0.isUsed }.map {
            Self.finding($0.location, "`\($0.rule)` is not reported here", hint: "remove the comment")
        }
    }

    private mutating func complain(_ location: SourceLocation, _ message: String) {
        problems.append(
            Self.finding(location, message, hint: "write `# postern-lint: ignore category/name reason`")
        )
    }

    private static func finding(_ location: SourceLocation, _ message: String, hint: String) -> LintFinding {
        LintFinding(
            rule: DeployLinter.suppressionRule,
            severity: .warning,
            location: location,
            message: message,
            hint: hint
        )
    }

    /// Where the comment's `#` stands.
    private static func comment(in line: Substring) -> Substring.Index? {
        var start = line.startIndex
        while let hash = line[start...].firstIndex(of: "#") {
            let isFirst = hash == line.startIndex || line[line.index(before: hash)].isWhitespace
            let text = line[hash...].dropFirst().drop(while: \.isWhitespace)
            if isFirst, text.hasPrefix(word) { return hash }
            start = line.index(after: hash)
        }
        return nil
    }

    private static func next(after index: Int, in lines: [Substring]) -> Int {
        lines[(index + 1)...].firstIndex { line in
            let text = line.drop(while: \.isWhitespace)
            return !text.isEmpty && !text.hasPrefix("#")
        } ?? index
    }
}
