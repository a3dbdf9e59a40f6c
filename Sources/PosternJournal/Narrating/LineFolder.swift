internal import PosternCore

/// Breaks paragraphs into lines of a given width.
struct LineFolder {
    /// A space at which no line is broken. Only our own words have it: strangers' are escaped.
    static let glue = "\u{A0}"

    let width: Int
    /// Spaces in front of every line but the first.
    let indent: Int

    /// - Parameters:
    ///   - head: stands before the first paragraph.
    ///   - paragraphs: each begins a line of its own.
    func fold(head: String, paragraphs: [String]) -> String {
        let margin = String(repeating: " ", count: indent)
        let hanging = self.hanging
        var lines: [String] = []
        var line = head
        for (index, paragraph) in paragraphs.enumerated() {
            if index > 0 {
                lines.append(line)
                line = margin
            }
            var isStart = true
            for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
                let space = isStart ? "" : " "
                if TerminalText.columns(line) + space.count + TerminalText.columns(word) <= width {
                    line += space + word
                } else {
                    if line != margin { lines.append(line) }
                    line = hanging
                    append(word, to: &line, &lines)
                }
                isStart = false
            }
        }
        lines.append(line)
        return lines.map(Self.trimmed).joined(separator: "\n")
    }

    private var hanging: String { String(repeating: " ", count: indent + 2) }

    /// A word that no line can hold is broken.
    private func append(_ word: Substring, to line: inout String, _ lines: inout [String]) {
        for scalar in word.unicodeScalars {
            if TerminalText.columns(line) + TerminalText.columns(String(scalar)) > width {
                lines.append(line)
                line = hanging
            }
            line.unicodeScalars.append(scalar)
        }
    }

    private static func trimmed(_ line: String) -> String {
        var line = String(line.map { $0 == "\u{A0}" ? " " : $0 })
        while line.last == " " { line.removeLast() }
        return line
    }
}
