/// A pattern in which `*` stands for any run of bytes, the empty one included, without a delimiter: for claims `/` and
/// `:`.
///
/// It is anchored at both ends, and nothing but `*` is special. Because `*` never crosses a delimiter, pattern and
/// text are cut at the delimiters and compared piece by piece: no backtracking over the whole text.
package struct Glob: Hashable, Sendable {
    /// The longest pattern, in bytes. The longest ref or path that the known issuers write is far below.
    package static let maximumLength = 1024

    /// What delimits the pieces of claims.
    package static let claimDelimiters = "/:"

    package let pattern: String
    private let bytes: [UInt8]
    private let delimiters: [UInt8]

    /// - Parameter delimiters: the characters that `*` does not stand for, all of them ASCII.
    /// - Returns: nil when the pattern is longer than `maximumLength`.
    package init?(_ pattern: String, delimiters: String = claimDelimiters) {
        guard pattern.utf8.count <= Self.maximumLength else { return nil }
        self.pattern = pattern
        bytes = Array(pattern.utf8)
        self.delimiters = Array(delimiters.utf8)
    }

    /// Compares bytes: no case folding, no Unicode normalisation.
    package func matches(_ text: String) -> Bool {
        var pattern = bytes[...]
        var text = Array(text.utf8)[...]
        while true {
            let patternPiece = pattern.prefix { !delimiters.contains($0) }
            let textPiece = text.prefix { !delimiters.contains($0) }
            guard Self.matches(patternPiece, textPiece) else { return false }
            pattern = pattern.dropFirst(patternPiece.count)
            text = text.dropFirst(textPiece.count)
            guard pattern.first == text.first else { return false }
            if pattern.isEmpty { return true }
            pattern = pattern.dropFirst()
            text = text.dropFirst()
        }
    }

    /// One piece without delimiters: the last star alone is ever tried again, at most once for each byte.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var inPattern = pattern.startIndex
        var inText = text.startIndex
        var star: (pattern: Int, text: Int)?
        while inText < text.endIndex {
            if inPattern < pattern.endIndex, pattern[inPattern] == UInt8(ascii: "*") {
                star = (inPattern, inText)
                inPattern += 1
            } else if inPattern < pattern.endIndex, pattern[inPattern] == text[inText] {
                inPattern += 1
                inText += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                inPattern = last.pattern + 1
                inText = last.text + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
