internal import PosternPolicy

extension WhoEntry {
    static let keys: [Key] = [
        .required("issuer"), .required("claims"), .optional("untrusted", default: "false"),
        .optional("certificate"),
    ]
    static let maximumClaims = 64

    static func decode(_ node: YAMLNode, log: DiagnosticLog) -> WhoEntry? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "an entry of `who`", log: log) else {
            return nil
        }
        var claims: [Claim] = []
        if let node = mapping.node("claims"),
            let all = YAMLMapping(any: node, what: "`claims`", log: log)
        {
            if all.members.isEmpty {
                log.error(
                    node.location,
                    "`claims` must not be empty",
                    hint: "any token of the issuer would match"
                )
            }
            if all.members.count > maximumClaims {
                log.error(node.location, "`claims` has more than \(maximumClaims) members")
            }
            claims = all.members.prefix(maximumClaims).compactMap { decodeClaim($0, log: log) }
        }
        return WhoEntry(
            issuer: mapping.text("issuer") ?? "",
            claims: claims,
            takesUntrusted: mapping.bool("untrusted") ?? false,
            certificate: mapping.node("certificate").flatMap { CertificateMatcher.decode($0, log: log) },
            location: mapping.location(of: "issuer")
        )
    }

    private static func decodeClaim(_ member: YAMLMember, log: DiagnosticLog) -> Claim? {
        guard let name = ClaimName(member.key) else {
            log.error(
                member.location,
                "`\(member.key)` is neither a claim's name nor a JSON pointer",
                hint: "in a pointer `~` is written `~0`"
            )
            return nil
        }
        return ClaimMatcher.decode(member.value, log: log).map {
            Claim(name: name, matcher: $0, location: member.location)
        }
    }
}
