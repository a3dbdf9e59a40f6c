package import PosternCore

/// What can be said against a token before the gateway sees it.
package enum TokenCheck {
    /// - Parameters:
    ///   - text: what the source gave.
    ///   - audience: what the gateway expects, where the job knows it.
    /// - Throws: `JobTrouble`.
    package static func check(
        _ text: Redacted<[UInt8]>,
        from source: TokenSource,
        system: CISystem,
        audience: String?
    ) throws(JobTrouble) -> JobToken {
        guard let token = JobToken(text) else {
            throw JobTrouble(
                "\(source.description) holds no token: three parts of base64url with dots between them are one"
            )
        }
        if let audience, !token.isFor(audience) {
            let found = token.audiences.prefix(4).map { "`\(TerminalText.escaped($0))`" }.joined(separator: ", ")
            throw JobTrouble(
                "the token is for the audience \(found.isEmpty ? "of nobody" : found), not for `\(audience)`",
                hint: hint(system),
                lines: lines(system, audience)
            )
        }
        return token
    }

    private static func hint(_ system: CISystem) -> String {
        switch system {
        case .gitlab: "change the job's `id_tokens`:"
        case .bitbucket: "change the step:"
        case .kubernetes: "change the projected volume:"
        case .azure: "Azure's tokens have one audience; the gateway's issuer entry must name that"
        default: "ask the token's source for that audience, or give `--audience` what the gateway's issuer entry names"
        }
    }

    private static func lines(_ system: CISystem, _ audience: String) -> [String] {
        switch system {
        case .gitlab: ["id_tokens:", "  POSTERN_ID_TOKEN:", "    aud: \(audience)"]
        case .bitbucket: ["oidc:", "  audiences: [\(audience)]"]
        case .kubernetes: ["serviceAccountToken:", "  audience: \(audience)", "  path: token"]
        default: []
        }
    }
}
