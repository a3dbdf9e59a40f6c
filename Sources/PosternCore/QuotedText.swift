/// Texts in the quotes of SQL and CSV, where a quote inside is doubled.
///
/// By scalars and not by characters: a quote and a mark that combines with it are one character to Swift, which is not
/// the quote, and for whoever parses bytes the quote is still there.
package enum QuotedText {
    /// In double quotes: an identifier of SQL, a field of CSV.
    package static func double(_ text: String) -> String { "\"" + text.replacing(scalar: "\"", with: "\"\"") + "\"" }

    /// In single quotes: a string constant of SQL where `standard_conforming_strings` is on.
    package static func single(_ text: String) -> String { "'" + text.replacing(scalar: "'", with: "''") + "'" }
}

extension String {
    /// The text with each scalar that is `old` replaced, whatever it combines with.
    package func replacing(scalar old: Unicode.Scalar, with new: String) -> String {
        guard unicodeScalars.contains(old) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == old { result.append(contentsOf: new.unicodeScalars) } else { result.append(scalar) }
        }
        return String(result)
    }
}
