/// "Did you mean": the candidate that shares most with a word.
enum Spelling {
    /// Two texts are near when few letters must change; nil when none is near.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let allowed = max(1, word.utf8.count / 3)
        return candidates.filter { $0.utf8.count <= 64 }
            .map { (name: $0, distance: distance(Array(word.lowercased().utf8), Array($0.lowercased().utf8))) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
            .name
    }

    /// Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let next = min(row[column + 1] + 1, row[column] + 1, diagonal + (byte == other ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = next
            }
        }
        return row[right.count]
    }
}
