internal import PosternPolicy

extension CertificateMatcher {
    static let keys: [Key] = Part.allCases.map { .optional($0.rawValue) }

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> CertificateMatcher? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`certificate` of an entry", log: log) else {
            return nil
        }
        if mapping.members.isEmpty {
            log.error(
                node.location,
                "`certificate` must not be empty",
                hint: "any certificate of the listener's `client_ca` would match: name its subject, or a name of it"
            )
        }
        let demands = mapping.members.compactMap { member -> Demand? in
            guard let part = Part(rawValue: member.key) else { return nil }
            return ClaimMatcher.decode(member.value, texts: part, log: log).map {
                Demand(part: part, matcher: $0, location: member.location)
            }
        }
        return CertificateMatcher(demands: demands, location: mapping.location)
    }
}

extension ClaimMatcher {
    /// What a name of a certificate may be: a text, `{glob: …}`, or a list of these.
    fileprivate static func decode(
        _ node: YAMLNode,
        texts part: CertificateMatcher.Part,
        log: DiagnosticLog
    ) -> ClaimMatcher? {
        guard let matcher = decode(node, globDelimiters: part.globDelimiters, log: log) else { return nil }
        guard matcher.texts.count == matcher.alternativeCount else {
            log.error(
                node.location,
                "`\(part.rawValue)` of a certificate must be text, `{glob: …}`, or a list of these",
                hint: "a name of a certificate is never a number, and a list of them is searched without `contains`"
            )
            return nil
        }
        if part == .dns, let text = matcher.texts.first(where: { $0 != $0.lowercased() }) {
            log.error(
                node.location,
                "`\(text)` would never match",
                hint: "names of hosts are compared in lower case: write `\(text.lowercased())`"
            )
        }
        return matcher
    }

    private var alternativeCount: Int {
        if case .anyOf(let matchers) = self { matchers.count } else { 1 }
    }

    private var texts: [String] {
        switch self {
        case .exactly(.string(let text)): [text]
        case .glob(let glob): [glob.pattern]
        case .anyOf(let matchers): matchers.flatMap(\.texts)
        case .exactly, .contains: []
        }
    }
}
