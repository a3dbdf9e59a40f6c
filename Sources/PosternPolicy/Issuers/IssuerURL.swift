/// An issuer's URL in its parts.
package struct IssuerURL: Hashable, Sendable {
    /// The host in lower case, and the port where there is one.
    package let authority: String
    /// The host alone, in lower case.
    package let host: String
    /// From the first `/` on, without one at its end; empty where there is none.
    package let path: String

    /// - Returns: nil for what does not begin with `https://`.
    package init?(_ text: String) {
        guard text.hasPrefix("https://") else { return nil }
        let rest = text.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        self.authority = authority.lowercased()
        host = authority.prefix { $0 != ":" }.lowercased()
        self.path = String(path.hasSuffix("/") ? path.dropLast() : path)
    }

    var firstLabel: Substring { host.prefix { $0 != "." } }

    /// The parts of the path.
    var steps: [Substring] { path.split(separator: "/") }
}

/// Which URLs an issuer of a kind has.
package struct IssuerAddresses: Sendable {
    /// As people write them, with capitals for what differs; empty where any URL will do.
    package let shapes: [String]
    /// Whether the shapes are all that there are: any other URL is a mistake then.
    package let isComplete: Bool
    private let test: @Sendable (IssuerURL) -> Bool

    init(_ shapes: [String], isComplete: Bool, _ test: @escaping @Sendable (IssuerURL) -> Bool) {
        self.shapes = shapes
        self.isComplete = isComplete
        self.test = test
    }

    /// Any URL, none of which tells what it is.
    static let unknown = IssuerAddresses([], isComplete: false) { _ in false }

    package func matches(_ url: IssuerURL) -> Bool { test(url) }
}
