/// Why a database's catalogue could not be read, in words for whoever runs the gateway: never with a secret in them.
package struct CatalogFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter description: may hold a server's words: what moves the cursor or the direction becomes a space,
    ///   and 500 characters are the most.
    package init(_ description: String) {
        var text = ""
        for scalar in description.unicodeScalars.prefix(500) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        while text.last == " " { text.removeLast() }
        self.description = text
    }

    static let stopped = CatalogFailure("the gateway stops")
}
