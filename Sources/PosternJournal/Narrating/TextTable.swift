internal import PosternCore

/// Rows of cells under titles, for a terminal: over several lines each where one is too narrow, so that no column is
/// lost.
struct TextTable {
    struct Column {
        let title: String
        var isNumber = false
    }

    /// A cell that is wider is cut where the table has to fit.
    private static let widest = 44
    private static let gap = 2
    private static let indent = 4

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// - Parameter cells: one for each column, escaped.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// - Parameter width: columns of the terminal; nil for as many as it takes.
    func text(width: Int?) -> String {
        // What no row has says nothing.
        let shown = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
        let widths = shown.map { column in
            let natural = rows.reduce(columns[column].title.count) { max($0, TerminalText.columns($1[column])) }
            return width.map { min(natural, Self.widest, $0 - Self.indent) } ?? natural
        }
        let lines = lines(of: widths, width: width ?? .max)
        var text = render(columns.map(\.title), shown, widths, lines)
        for row in rows { text += render(row, shown, widths, lines) }
        return text
    }

    /// Which columns stand in which line.
    private func lines(of widths: [Int], width: Int) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        var used = 0
        for (place, columnWidth) in widths.enumerated() {
            let more = (place == start ? 0 : Self.gap) + columnWidth
            if place > start, used + more > width {
                lines.append(start..<place)
                start = place
                used = Self.indent + columnWidth
            } else {
                used += more
            }
        }
        return lines + [start..<widths.count]
    }

    private func render(_ cells: [String], _ shown: [Int], _ widths: [Int], _ lines: [Range<Int>]) -> String {
        lines.enumerated().map { number, places in
            var line = number == 0 ? "" : String(repeating: " ", count: Self.indent)
            for place in places {
                if place > places.lowerBound { line += String(repeating: " ", count: Self.gap) }
                let cell = Self.cut(cells[shown[place]], to: widths[place])
                let padding = String(repeating: " ", count: max(0, widths[place] - TerminalText.columns(cell)))
                line += columns[shown[place]].isNumber ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func cut(_ cell: String, to width: Int) -> String {
        guard TerminalText.columns(cell) > width else { return cell }
        var kept = ""
        var used = 1
        for scalar in cell.unicodeScalars {
            used += TerminalText.columns(String(scalar))
            guard used <= width else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "…"
    }
}
