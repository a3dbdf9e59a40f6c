internal import PosternPolicy

extension ClaimMatcher {
    static let maximumAlternatives = 256
    private static let globKeys: [Key] = [.required("glob")]
    private static let containsKeys: [Key] = [.required("contains")]

    /// A scalar, `{glob: …}`, `{contains: …}`, or a list of these.
    ///
    /// - Parameter globDelimiters: what the `*` of a glob does not stand for.
    static func decode(
        _ node: YAMLNode,
        globDelimiters: String = Glob.claimDelimiters,
        log: DiagnosticLog
    ) -> ClaimMatcher? {
        guard case .sequence(let elements) = node.content else { return decodeSingle(node, globDelimiters, log: log) }
        guard (1...maximumAlternatives).contains(elements.count) else {
            log.error(node.location, "a list of values must have 1 to \(maximumAlternatives) elements")
            return nil
        }
        let matchers = elements.compactMap { decodeSingle($0, globDelimiters, log: log) }
        return matchers.count == elements.count ? .anyOf(matchers) : nil
    }

    private static func decodeSingle(_ node: YAMLNode, _ delimiters: String, log: DiagnosticLog) -> ClaimMatcher? {
        switch node.content {
        case .text(let text): return .exactly(.string(text))
        case .number(let number): return .exactly(.number(number))
        case .bool(let bool): return .exactly(.bool(bool))
        case .mapping(let members): return decodeOperator(node, members, delimiters, log: log)
        case .refused: return nil
        case .null:
            log.error(
                node.location,
                "a claim's value must not be empty",
                hint: "the empty text is `\"\"`"
            )
        case .sequence:
            log.error(
                node.location,
                "a list inside a list of values",
                hint: "for array claims write `{contains: x}`"
            )
        }
        return nil
    }

    private static func decodeOperator(
        _ node: YAMLNode,
        _ members: [YAMLMember],
        _ delimiters: String,
        log: DiagnosticLog
    ) -> ClaimMatcher? {
        if members.contains(where: { $0.key == "contains" }) {
            guard
                let mapping = YAMLMapping(node, keys: containsKeys, what: "a `contains` matcher", log: log),
                let value = mapping.node("contains")
            else { return nil }
            if case .mapping(let inner) = value.content, inner.contains(where: { $0.key == "contains" }) {
                log.error(value.location, "`contains` inside `contains`")
                return nil
            }
            return decodeSingle(value, delimiters, log: log).map(ClaimMatcher.contains)
        }
        guard let mapping = YAMLMapping(node, keys: globKeys, what: "a claim's matcher", log: log),
            let pattern = mapping.text("glob")
        else { return nil }
        guard let glob = Glob(pattern, delimiters: delimiters) else {
            log.error(
                mapping.location(of: "glob"),
                "a glob must not be longer than \(Glob.maximumLength) bytes"
            )
            return nil
        }
        return .glob(glob)
    }
}
