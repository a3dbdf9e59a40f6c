/// Why a server that is reached over libpq does not do what it should, in words for whoever runs the gateway: never with
/// a secret in them.
package struct LibPQFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// The five characters that the server's own errors have.
    package let sqlState: String?

    /// - Parameter description: may hold a server's words: what moves the cursor or the direction becomes a space,
    ///   and 500 characters are the most.
    package init(_ description: String, sqlState: String? = nil) {
        var text = ""
        for scalar in description.unicodeScalars.prefix(500) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        while text.last == " " { text.removeLast() }
        self.description = text
        self.sqlState = sqlState
    }

    static let stopped = LibPQFailure("the gateway stops")
}
