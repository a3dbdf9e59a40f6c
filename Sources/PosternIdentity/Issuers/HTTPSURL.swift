/// A URL of scheme `https` with a host, and without user, password or fragment.
package struct HTTPSURL: Hashable, Sendable, CustomStringConvertible {
    package static let byteLimit = 2048

    /// The URL as it was written.
    package let text: String

    package var description: String { text }

    /// Host and port as they were written.
    package var authority: Substring {
        let rest = text.dropFirst(Self.scheme.count)
        return rest.prefix { $0 != "/" && $0 != "?" }
    }

    private static let scheme = "https://"

    /// - Returns: nil for anything else, other schemes included.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.byteLimit, text.hasPrefix(Self.scheme) else { return nil }
        let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
        // What curl and another reader could take for a different host.
        let forbidden: Set<UInt8> = [UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "`")]
        guard rest.allSatisfy({ (0x21..<0x7F).contains($0) && !forbidden.contains($0) }) else { return nil }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard !authority.isEmpty, authority.first != UInt8(ascii: ":"), !authority.contains(UInt8(ascii: "@")),
            !authority.contains(UInt8(ascii: "%"))
        else { return nil }
        self.text = text
    }
}
