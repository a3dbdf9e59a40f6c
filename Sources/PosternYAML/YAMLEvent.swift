/// One step through a YAML text: a scalar, an alias, or an end of something.
package struct YAMLEvent: Sendable {
    package enum Kind: Equatable, Sendable {
        case plain(String)
        /// In single or double quotes.
        case quoted(String)
        /// A block under `|`: its lines are the text's lines.
        case literal(String)
        /// A block under `>`: its line breaks are not where the text's are.
        case folded(String)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        /// The anchor's name.
        case alias(String)
        case documentStart
        case documentEnd
        case streamStart
        case streamEnd
    }

    package let kind: Kind
    package let anchor: String?
    package let tag: String?
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int
    /// The line on which it ends.
    package let endLine: Int
}

/// Where a text stops being YAML.
package struct YAMLSyntaxError: Error {
    package let message: String
    /// Counted from 1; nil where the bytes are not even text, and the message says at which byte.
    package let place: (line: Int, column: Int)?
}
