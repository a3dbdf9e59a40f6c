/// A container image's name: `registry/repository:tag@digest`.
struct ImageReference: Hashable, Sendable {
    /// Without a registry: `bitnami/postgresql`, `postgres`.
    let repository: String
    let tag: String?
    let isPinned: Bool
    /// The tag is a variable without a default.
    let hasUnknownTag: Bool

    /// - Returns: nil when the repository itself is a variable.
    init?(_ text: String) {
        let whole = Interpolation.resolved(text)
        var name = whole ?? text
        isPinned = name.contains("@sha256:")
        if let at = name.firstIndex(of: "@") { name = String(name[..<at]) }
        var parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard var last = parts.popLast(), !last.isEmpty else { return nil }
        if let colon = last.firstIndex(of: ":") {
            let written = String(last[last.index(after: colon)...])
            last = String(last[..<colon])
            hasUnknownTag = written.contains("$")
            tag = hasUnknownTag ? nil : written
        } else {
            hasUnknownTag = false
            tag = nil
        }
        guard !last.contains("$") else { return nil }
        // The first part is a registry when it looks like a host; a variable in its place is one too.
        if let first = parts.first,
            first.contains(".") || first.contains(":") || first.contains("$") || first == "localhost"
        {
            parts.removeFirst()
        }
        if parts.first == "library" { parts.removeFirst() }
        repository = (parts + [last]).joined(separator: "/").lowercased()
    }

    /// The tag does not tell the version: it is a variable, or only a digest is given.
    var hasUnknownVersion: Bool { hasUnknownTag || (isPinned && tag == nil) }

    /// Some version in the tag has a second number: `17.2`, `2.17.2-pg17`.
    var hasMinorVersion: Bool {
        (tag ?? "").split(whereSeparator: { !($0.isNumber || $0 == ".") }).contains {
            $0.split(separator: ".").count > 1
        }
    }

    /// The last part: `postgresql` of `bitnami/postgresql`.
    var name: String { String(repository.split(separator: "/").last ?? "") }

    /// The version's numbers as the tag gives them: `[17, 2]` of `17.2-alpine`, `[17]` of `0.8.0-pg17`.
    var version: [Int] {
        guard let tag else { return [] }
        if let mark = tag.firstRange(of: "pg"), let first = tag[mark.upperBound...].first, first.isNumber {
            return Self.numbers(tag[mark.upperBound...])
        }
        return Self.numbers(tag.hasPrefix("v") ? tag.dropFirst() : tag[...])
    }

    private static func numbers(_ text: Substring) -> [Int] {
        text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").compactMap { Int($0) }
    }
}
