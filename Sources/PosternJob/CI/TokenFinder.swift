internal import PosternCore

/// Finds a job's way to a token: what the command line says, POSTERN_ID_TOKEN, then the CI system's own way.
package struct TokenFinder: Sendable {
    /// Where `postern issuer serve`, GitLab's `id_tokens` and a pipeline's author put a token.
    package static let variable = "POSTERN_ID_TOKEN"
    /// Where the examples project a service account's token to.
    package static let kubernetesFile = "/var/run/secrets/postern/token"

    package let system: CISystem
    private let options: TokenOptions
    private let environment: JobEnvironment

    package init(_ options: TokenOptions, in environment: JobEnvironment) {
        self.options = options
        self.environment = environment
        system = options.system ?? CISystem.detect(environment)
    }

    /// Variables to be taken out of the child's environment: of every system, whichever the token comes from.
    package var credentials: Set<String> {
        Set([Self.variable] + CISystem.allCases.flatMap(\.credentials) + (options.variable.map { [$0] } ?? []))
    }

    /// The way to the token.
    ///
    /// - Throws: `JobTrouble` that says what the pipeline lacks.
    package func find() throws(JobTrouble) -> TokenSource {
        if let name = options.variable {
            guard let source = fromVariable(name) else {
                throw JobTrouble("the variable \(name) of `--token-env` is not set")
            }
            return source
        }
        if let file = options.file { return .file(file) }
        if let command = options.command {
            let words = command.split(separator: " ").map(String.init)
            guard !words.isEmpty else { throw JobTrouble("`--token-command` names no program") }
            return .command(words)
        }
        if let source = fromVariable(Self.variable) { return source }
        let found: TokenSource? =
            switch system {
            case .github, .forgejo: try actions()
            case .azure: try azure()
            case .circleci: circle()
            case .buildkite: buildkite
            case .bitbucket: fromVariable("BITBUCKET_STEP_OIDC_TOKEN")
            case .kubernetes: .file(Self.kubernetesFile)
            case .gitlab, .woodpecker, .drone, .plain: nil
            }
        guard let found else { throw MissingToken(system, options, environment).trouble }
        return found
    }

    private func fromVariable(_ name: String) -> TokenSource? {
        environment[name].map { .variable(name, Redacted(Array($0.utf8))) }
    }

    // MARK: The systems' own ways

    /// GitHub's and Forgejo's: a GET to the URL with the audience behind what it has already.
    private func actions() throws(JobTrouble) -> TokenSource? {
        guard let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"],
            let bearer = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        else { return nil }
        let address = try address(url, of: "ACTIONS_ID_TOKEN_REQUEST_URL")
        return .service(
            TokenRequest(
                method: .get,
                address: options.audience.map { address.adding("audience", $0) } ?? address,
                bearer: try credential(bearer, of: "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
                member: "value"
            )
        )
    }

    /// Azure's: a POST; the audience is not the job's to choose.
    private func azure() throws(JobTrouble) -> TokenSource? {
        guard let url = environment["SYSTEM_OIDCREQUESTURI"], let bearer = environment["SYSTEM_ACCESSTOKEN"]
        else { return nil }
        var address = try address(url, of: "SYSTEM_OIDCREQUESTURI").adding("api-version", "7.1")
        if let connection = environment["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"] {
            address = address.adding("serviceConnectionId", connection)
        }
        return .service(
            TokenRequest(
                method: .post,
                address: address,
                bearer: try credential(bearer, of: "SYSTEM_ACCESSTOKEN"),
                member: "oidcToken"
            )
        )
    }

    private func address(_ text: String, of variable: String) throws(JobTrouble) -> WebAddress {
        guard let address = WebAddress(text) else {
            throw JobTrouble(
                "\(variable) is not an https URL",
                hint: "the request's own token must not go in the clear"
            )
        }
        return address
    }

    /// It goes into a header, where a line end would begin another one.
    private func credential(_ text: String, of variable: String) throws(JobTrouble) -> Redacted<String> {
        guard text.utf8.allSatisfy({ UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 }) else {
            throw JobTrouble("\(variable) holds what no credential has")
        }
        return Redacted(text)
    }

    /// CircleCI's variables have the organization as audience; for another one its command makes a token.
    private func circle() -> TokenSource? {
        guard let given = fromVariable("CIRCLE_OIDC_TOKEN_V2") ?? fromVariable("CIRCLE_OIDC_TOKEN") else { return nil }
        guard let audience = options.audience, case .variable(_, let token) = given,
            JobToken(token).map({ !$0.isFor(audience) }) ?? false
        else { return given }
        let claims = JSONValue.object(["aud": .string(audience)]).text
        return .command(["circleci", "run", "oidc", "get", "--claims", claims])
    }

    /// Buildkite's agent. A policy must name an id, and the ids are there only when they are asked for.
    private var buildkite: TokenSource {
        var words = ["buildkite-agent", "oidc", "request-token", "--claim", "organization_id,pipeline_id"]
        if let audience = options.audience { words += ["--audience", audience] }
        return .command(words)
    }
}
