/// "Did you mean": the candidate that is fewest keystrokes away, if it is near enough to be a slip.
enum Suggestion {
    static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
        nearest(to: word, among: candidates).map { "did you mean `\($0)`?" }
    }

    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        // Long words are not slips of a known one, and the cost of comparing is their product.
        guard word.utf8.count <= 64 else { return nil }
        let allowed = max(1, word.utf8.count / 3)
        return candidates.filter { $0.utf8.count <= 64 }
            .map { (candidate: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// Levenshtein distance without regard to case, two neighbours swapped counting as one (optimal string alignment).
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var rows = [Array(0...right.count)]
        for (index, byte) in left.enumerated() {
            let above = rows[index]
            var row = [index + 1]
            for (column, other) in right.enumerated() {
                var best = min(
                    above[column + 1] + 1,
                    row[column] + 1,
                    above[column] + (byte == other ? 0 : 1)
                )
                if index > 0, column > 0, byte == right[column - 1], left[index - 1] == other {
                    best = min(best, rows[index - 1][column - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
