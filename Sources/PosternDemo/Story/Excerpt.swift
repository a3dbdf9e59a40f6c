/// What is shown of a text that is too long for a screen.
package enum Excerpt {
    package static let ellipsis = "…"

    /// Lines that stand together.
    package struct Part: Sendable {
        let first: String
        let last: String

        /// - Parameters:
        ///   - first: what the first line contains.
        ///   - last: what the last line contains, which may be the same line.
        package init(from first: String, through last: String) {
            self.first = first
            self.last = last
        }
    }

    /// The parts of a text in their order, with an ellipsis for all that is left out before, between and after them.
    ///
    /// A part that is not there is passed over. Without parts the text is shown whole.
    package static func cut(_ text: String, to parts: [Part]) -> [String] {
        var rest = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }[...]
        while rest.last?.isEmpty == true { rest.removeLast() }
        guard !parts.isEmpty else { return Array(rest) }
        var shown: [String] = []
        for part in parts {
            guard let first = rest.firstIndex(where: { $0.contains(part.first) }),
                let last = rest[first...].firstIndex(where: { $0.contains(part.last) })
            else { continue }
            if first > rest.startIndex { shown.append(ellipsis) }
            shown += rest[first...last]
            rest = rest[(last + 1)...]
        }
        return rest.isEmpty ? shown : shown + [ellipsis]
    }
}
