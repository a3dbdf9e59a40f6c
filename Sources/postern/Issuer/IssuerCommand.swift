internal import ArgumentParser
internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternIssuer
internal import PosternIssuerServer
internal import PosternServer

struct IssuerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issuer",
        abstract: "The token issuer for Drone and Woodpecker.",
        discussion: """
            Drone and Woodpecker have no OIDC tokens of their own. This issuer is what their runners and servers ask \
            through their extension protocols: it checks who asks and for which build, and gives that build a \
            short-lived token which the gateway trusts like any other CI system's.

            Example: postern issuer check --config /etc/postern/issuer.yaml
            """,
        subcommands: [IssuerServeCommand.self, IssuerCheckCommand.self]
    )
}

struct IssuerServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the issuer.",
        discussion: """
            Serves until SIGTERM or SIGINT. SIGHUP reads the configuration, the shared secrets and the certificate \
            anew; keys are kept, and rotate by themselves.

            Example: postern issuer serve --config /etc/postern/issuer.yaml
            """
    )

    @Option(name: .long, help: "The issuer's configuration file.", completion: .file())
    var config: String

    @Option(name: .long, help: "What is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevelArgument = LogLevelArgument(level: .info)

    func run() async throws {
        let logger = try ServiceStart.logger("postern-issuer", logLevel)
        let load = TokenIssuerLoader.load(path: config)
        try ServiceStart.require(load.configuration != nil, load.diagnostics, of: config, check: "postern issuer check")
        do throws(TokenIssuer.StartFailure) {
            let options = TokenIssuer.Options(path: config, version: Version.text)
            try await TokenIssuer(options: options, load: load, logger: logger).run()
        } catch {
            throw ServiceStart.failed("\(error)", hint: error.hint)
        }
    }
}

struct IssuerCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the issuer's configuration, all mistakes at once.",
        discussion: """
            Exits 0 when it is sound, 1 when it is not, 2 when it cannot be read. Secrets are not read, and no key is made.

            Example: postern issuer check --config /etc/postern/issuer.yaml
            """
    )

    @Option(name: .long, help: "The issuer's configuration file.", completion: .file())
    var config: String

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        let load = TokenIssuerLoader.load(path: config)
        if json {
            let object: JSONObject = [
                "ok": .bool(load.configuration != nil), "diagnostics": DiagnosticRenderer.json(load.diagnostics),
            ]
            Output.result(JSONValue.object(object).text + "\n")
        } else {
            Output.diagnostics(DiagnosticRenderer.pretty(load.diagnostics))
        }
        guard let configuration = load.configuration else {
            if !json {
                let count = load.diagnostics.count { $0.severity == .error }
                Output.error("\(count) \(count == 1 ? "mistake" : "mistakes") in `\(config)`")
            }
            throw load.isUnreadable ? ExitCode.unusable : ExitCode.no
        }
        if !json { Output.result(Self.summary(configuration)) }
    }

    private static func summary(_ configuration: TokenIssuerConfiguration) -> String {
        let servers = [
            configuration.drone.map { "Drone at \($0.host)" },
            configuration.woodpecker.map { "Woodpecker at \($0.host)" },
        ].compactMap(\.self)
        let lines = [
            "ok: issuer \(configuration.issuer)",
            "  listens on  \(configuration.listen.address)\(configuration.listen.tls == nil ? "" : " (TLS)")",
            "  audience    \(configuration.audience)",
            "  serves      \(servers.joined(separator: ", "))",
            "  events      \(configuration.allow.events.joined(separator: ", "))",
            "  triggers    \(configuration.allow.triggers.joined(separator: ", "))",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
