/// Strangers' text on its way to a terminal.
package enum TerminalText {
    /// A value that is longer, in characters as they are shown, is cut.
    package static let maximumLength = 300

    /// The text with everything escaped that a terminal obeys, hides or reorders. A backslash is doubled, so that an
    /// escape is always ours.
    package static func escaped(_ text: String) -> String { escaped(text, isQuoted: false) }

    /// The text as one word: in quotes when it would read as several, or as none.
    package static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && !text.unicodeScalars.contains { separators.contains($0) }
        return isPlain ? escaped(text) : "\"" + escaped(text, isQuoted: true) + "\""
    }

    private static let separators: Set<Unicode.Scalar> = [" ", "\"", ",", "(", ")", "="]

    private static func escaped(_ text: String, isQuoted: Bool) -> String {
        var result = ""
        var length = 0
        for scalar in text.unicodeScalars {
            guard length < maximumLength else { return result + "…" }
            let shown = isQuoted && scalar == "\"" ? "\\\"" : escaped(scalar)
            result += shown
            length += shown.unicodeScalars.count
        }
        return result
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case " "..."~": return String(scalar)
        default: break
        }
        switch scalar.properties.generalCategory {
        // What is not shown, moves the cursor or turns the direction round; marks that pile up on other characters.
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, .nonspacingMark, .spacingMark, .enclosingMark:
            return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation,
            .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol,
            .currencySymbol, .modifierSymbol, .otherSymbol:
            return String(scalar)
        @unknown default:
            return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        }
    }

    /// Columns that a terminal gives the text, about: two for each character of the scripts that are written wide.
    package static func columns(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 1 : $1.value < 0x2000 || $1.value > 0x2E7F ? 2 : 1) }
    }
}
