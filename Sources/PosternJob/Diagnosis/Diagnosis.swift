package import PosternCore

/// What `exec --diagnose` found, step by step, and what to do about it.
package struct Diagnosis: Sendable {
    /// What came of the login.
    package enum Login: Sendable {
        case granted(serverVersion: String?)
        case failed(LinkFailure)
        /// Without a token, or without a way to the gateway, there was none.
        case untried
    }

    /// Claims that are shown at most.
    private static let claimLimit = 64

    private let options: JobOptions
    private let environment: JobEnvironment
    private let system: CISystem
    private var facts: [(title: String, lines: [String])] = []
    package private(set) var troubles: [JobTrouble] = []

    package init(_ options: JobOptions, in environment: JobEnvironment, system: CISystem) {
        self.options = options
        self.environment = environment
        self.system = system
        let forced = options.token.system == nil ? "" : " (by `--ci`)"
        facts.append(("ci", [system.title + forced]))
        if let run = RunFacts.text(system, environment) { facts.append(("run", [run])) }
    }

    package var isGood: Bool { troubles.isEmpty }

    // MARK: Findings, in order

    /// There is no token.
    package mutating func note(_ trouble: JobTrouble) {
        facts.append(("token", ["none"]))
        troubles.append(trouble)
    }

    package mutating func note(_ token: JobToken, from source: TokenSource, date: Timestamp) {
        var lines = ["from \(TerminalText.escaped(source.description))"]
        for name in ["iss", "sub"] {
            if let text = token.claims[name]?.stringValue { lines.append("\(name) \(TerminalText.escaped(text))") }
        }
        lines.append("aud " + token.audiences.map(TerminalText.escaped).joined(separator: ", "))
        lines.append(Self.time(of: token, date))
        facts.append(("token", lines))
        let shown = Set(["iss", "sub", "aud", "iat", "nbf", "exp"])
        let claims = token.claims.members.filter { !shown.contains($0.name) }.prefix(Self.claimLimit)
        let words = claims.map { "\(TerminalText.escaped($0.name)) \(TerminalText.escaped($0.value.text))" }
        facts.append(("claims", words))
        do throws(JobTrouble) {
            _ = try TokenCheck.check(token.bytes, from: source, system: system, audience: options.token.audience)
        } catch {
            troubles.append(error)
        }
        if let expires = token.expires, expires < date {
            troubles.append(
                JobTrouble("the token expired at \(expires.rfc3339)", hint: "or this machine's clock is wrong")
            )
        }
    }

    private static func time(of token: JobToken, _ date: Timestamp) -> String {
        guard let expires = token.expires else { return "does not say when it expires" }
        let seconds = expires.seconds - date.seconds
        let life = token.lifetime.map { "lives \(DurationText.print($0)), " } ?? ""
        return life + (seconds >= 0 ? "expires in \(seconds)s" : "expired \(-seconds)s ago") + " (\(expires.rfc3339))"
    }

    /// - Parameters:
    ///   - address: where the gateway was found; nil when it was not.
    ///   - tls: the version of TLS, once its certificate was trusted.
    package mutating func note(address: String?, tls: String?, _ login: Login, _ token: JobToken?) {
        var way = "\(options.gateway)"
        if let address { way += " at \(address)" }
        if let tls { way += ", \(tls), certificate trusted" }
        facts.append(("gateway", [way]))
        let wanted = "\(options.role) on \(options.database)"
        switch login {
        case .granted(let version):
            let server = version.map { ", PostgreSQL \(TerminalText.escaped($0))" } ?? ""
            facts.append(("login", ["granted: \(wanted)\(server)"]))
        case .failed(let failure):
            facts.append(("login", ["none: \(wanted)"]))
            troubles.append(trouble(of: failure, token))
        case .untried:
            facts.append(("login", ["not tried"]))
        }
    }

    private func trouble(of failure: LinkFailure, _ token: JobToken?) -> JobTrouble {
        let trouble = failure.trouble(with: options.gateway)
        guard failure.isAboutToken, let token else { return trouble }
        return JobTrouble(
            trouble.message,
            hint:
                "an administrator reads the reason by `postern audit show` and the session's name. Compare the role's "
                + "`database` and `who`, and the issuer's `audience`, with the above. The role takes this job by",
            lines: WhoSuggestion.lines(system, token)
        )
    }

    // MARK: Forms

    /// A table for people: a title, then its lines.
    package var text: String {
        var text = ""
        for (title, lines) in facts {
            let width = 9
            for (index, line) in lines.enumerated() {
                let head = index == 0 ? title : ""
                text += head + String(repeating: " ", count: max(1, width - head.count)) + line + "\n"
            }
        }
        return text
    }
}
