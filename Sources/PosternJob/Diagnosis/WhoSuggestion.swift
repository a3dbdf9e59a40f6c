internal import PosternCore

/// An entry of a role's `who` that the token would match: for an administrator to look at, and to loosen or tighten.
struct WhoSuggestion {
    /// The claims that name a job best, by system; what a token does not have is left out.
    private static let claims: [CISystem: [String]] = [
        .github: ["repository_id", "ref", "event_name"],
        .forgejo: ["repository_id", "repository", "ref", "event_name"],
        .gitlab: ["project_id", "ref", "ref_type", "ref_protected"],
        .circleci: ["oidc.circleci.com/project-id", "oidc.circleci.com/vcs-origin", "oidc.circleci.com/vcs-ref"],
        .buildkite: ["organization_id", "pipeline_id", "build_branch"],
        .bitbucket: ["repositoryUuid", "branchName"],
        .azure: ["sub"],
        .kubernetes: ["/kubernetes.io/namespace", "/kubernetes.io/serviceaccount/name"],
    ]
    private static let generic = ["repository", "ref", "event", "sub"]

    /// The lines of YAML.
    static func lines(_ system: CISystem, _ token: JobToken) -> [String] {
        let names = claims[system] ?? generic
        let found = names.compactMap { name in
            value(of: name, in: token.claims).map { "\(JSONValue.string(name).text): \($0.text)" }
        }
        let issuer = token.claims["iss"]?.stringValue ?? ""
        return [
            "who:",
            "  - issuer: …  # the entry of postern.yaml for \(TerminalText.escaped(issuer))",
            "    claims: {\(found.joined(separator: ", "))}",
        ]
    }

    /// A scalar, by its name or by a JSON pointer.
    private static func value(of name: String, in claims: JSONObject) -> JSONValue? {
        var value: JSONValue? = claims[name]
        if value == nil, name.hasPrefix("/") {
            value = .object(claims)
            for part in name.split(separator: "/") { value = value?.objectValue?[String(part)] }
        }
        switch value {
        case .string, .number, .bool: return value
        case .null, .array, .object, nil: return nil
        }
    }
}
