internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternPolicy

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the configuration and the policies, all mistakes at once.",
        discussion: """
            Exits 0 when they are sound, 1 when they are not, 2 when the configuration cannot be read.

            With --connect it then goes out as the gateway would: it fetches the keys of every issuer, logs in to \
            every database with every login and to the auditors' store, and exits 1 when one of them fails. Nothing is \
            written anywhere.

            Example: postern check --config /etc/postern/postern.yaml --connect
            """
    )

    @Option(name: .long, help: "The configuration file.", completion: .file())
    var config: String

    @Flag(name: .long, help: "Also try every issuer and every login of every database.")
    var connect = false

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    func run() async throws {
        let result = ConfigurationLoader.load(path: config)
        if !json {
            Output.diagnostics(DiagnosticRenderer.pretty(result.diagnostics))
            if let snapshot = result.snapshot { Output.result(Self.summary(snapshot)) }
        }
        var report: ConnectReport?
        if connect, let configuration = result.snapshot?.configuration {
            report = await ConnectReport(of: configuration)
        }
        if json {
            Output.result(Self.json(result, report).text + "\n")
        } else if let report {
            Output.result(report.text)
        }
        if let failures = report?.failures {
            if !json { Output.error(failures) }
            throw ExitCode.no
        }
        guard result.snapshot == nil else { return }
        if !json {
            let count = result.diagnostics.count { $0.severity == .error }
            Output.error("\(count) \(count == 1 ? "mistake" : "mistakes") in `\(config)` and its policies")
        }
        throw result.isUnreadable ? ExitCode.unusable : ExitCode.no
    }

    private static func summary(_ snapshot: ConfigurationSnapshot) -> String {
        let configuration = snapshot.configuration
        let roles = snapshot.policies.roles
        let lines = [
            "ok: gateway \(configuration.gateway.name)",
            line("listeners", configuration.listeners.map { "\($0.address)\($0.waysInWords)" }),
            line("issuers", configuration.issuers.map(\.name)),
            line("databases", configuration.databases.map(\.name)),
            line("roles", roles.map(\.name)),
            "  policy hash  \(snapshot.policies.hash)",
        ]
        return (lines + notes(snapshot).map { "note: \($0)" }).joined(separator: "\n") + "\n"
    }

    /// What holds for this process alone.
    private static func notes(_ snapshot: ConfigurationSnapshot) -> [String] {
        let usesOnce = snapshot.policies.roles.contains { $0.binding.singleUse }
        return ["limits.sessions is counted per gateway"]
            + (usesOnce ? ["single_use is known to one gateway process, until it ends"] : [])
    }

    private static func line(_ title: String, _ names: [String]) -> String {
        let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        return "  " + title.padded(to: 11) + "  \(names.count)" + (names.isEmpty ? "" : ": \(shown)")
    }

    private static func json(_ result: LoadResult, _ report: ConnectReport?) -> JSONValue {
        var object = JSONObject()
        object.append("ok", .bool(result.snapshot != nil && report?.failures == nil))
        if let snapshot = result.snapshot {
            let configuration = snapshot.configuration
            object.append("gateway", .string(configuration.gateway.name))
            object.append("listeners", .array(configuration.listeners.map { .string($0.address.description) }))
            object.append("issuers", .array(configuration.issuers.map { .string($0.name) }))
            object.append("databases", .array(configuration.databases.map { .string($0.name) }))
            object.append("roles", .array(snapshot.policies.roles.map { .string($0.name) }))
            object.append("config_hash", .string(snapshot.configurationHash))
            object.append("policy_hash", .string(snapshot.policies.hash))
            object.append("notes", .array(notes(snapshot).map(JSONValue.string)))
        }
        object.append("diagnostics", DiagnosticRenderer.json(result.diagnostics))
        if let report { object.append("connect", report.json) }
        return .object(object)
    }
}

extension ListenerConfiguration {
    /// ` (TLS, client certificates, oauthbearer)`; empty where nothing is to be said.
    fileprivate var waysInWords: String {
        let words: [String?] = [
            tls == nil ? nil : "TLS", clientAuthorities == nil ? nil : "client certificates",
            authentication == .password ? nil : authentication.rawValue,
        ]
        let said = words.compactMap(\.self)
        return said.isEmpty ? "" : " (\(said.joined(separator: ", ")))"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
