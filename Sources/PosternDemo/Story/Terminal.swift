internal import Glibc

/// Where the demo tells its story: 100 columns, colours for a terminal alone.
package struct Terminal: Sendable {
    package static let width = 100

    package enum Style: String, Sendable {
        case heading = "1"
        case good = "32"
        case bad = "31"
        case faint = "2"
    }

    private let isColoured: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - isColoured: whether styles are written.
    ///   - write: takes text as it is made.
    package init(isColoured: Bool, write: @escaping @Sendable (String) -> Void) {
        self.isColoured = isColoured
        self.write = write
    }

    /// Standard output, coloured when it is a terminal that knows colours and `NO_COLOR` (no-color.org) is not set.
    package static func standardOutput() -> Terminal {
        let isSilenced = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? true
        return Terminal(isColoured: isatty(STDOUT_FILENO) == 1 && !isSilenced && !isDumb) { text in
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// A line of its own with an empty one before it.
    package func heading(_ text: String) {
        write("\n" + styled(text, .heading) + "\n")
    }

    /// Prose, wrapped between words.
    package func say(_ text: String, indent: Int = 3, style: Style? = nil) {
        for line in Self.wrap(text, width: Self.width - indent) { put(line, indent: indent, style: style) }
    }

    /// What a program printed: its line breaks are kept, and lines that are too long are wrapped under themselves.
    package func quote(_ text: String, indent: Int = 6, style: Style? = nil) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.count > Self.width - indent else {
                put(String(line), indent: indent, style: style)
                continue
            }
            let own = indent + line.prefix { $0 == " " }.count
            let pieces = Self.fold(line.drop { $0 == " " }, width: max(20, Self.width - own - 4))
            for (number, piece) in pieces.enumerated() {
                put(piece, indent: number == 0 ? own : own + 4, style: style)
            }
        }
    }

    package func emptyLine() { write("\n") }

    /// A line as it is, to be copied: never wrapped.
    package func verbatim(_ text: String, indent: Int = 3, style: Style? = nil) {
        put(text, indent: indent, style: style)
    }

    private func put(_ line: String, indent: Int, style: Style?) {
        guard !line.isEmpty else { return write("\n") }
        write(String(repeating: " ", count: indent) + (style.map { styled(line, $0) } ?? line) + "\n")
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Breaks between words and leaves the spaces inside a line as they are, since a program's columns are made of them.
    private static func fold(_ text: Substring, width: Int) -> [String] {
        var lines: [String] = []
        var rest = text
        while rest.count > width {
            let reach = rest.prefix(width + 1)
            let end = reach.lastIndex(of: " ") ?? rest.firstIndex(of: " ") ?? rest.endIndex
            lines.append(String(rest[..<end]))
            rest = rest[end...].drop { $0 == " " }
        }
        return rest.isEmpty ? lines : lines + [String(rest)]
    }

    /// Breaks between words; a word that is longer than the width stands alone.
    package static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
