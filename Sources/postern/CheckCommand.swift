internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternPolicy

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the configuration and the policies, all mistakes at once.",
        discussion: "Exits 0 when they are sound, 1 when they are not, 2 when the configuration cannot be read."
    )

    @Option(name: .long, help: "The configuration file.")
    var config: String

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    func run() async throws {
        let result = ConfigurationLoader.load(path: config)
        if json {
            Output.result(Self.json(result).text + "\n")
        } else {
            Output.diagnostics(DiagnosticRenderer.pretty(result.diagnostics))
            if let snapshot = result.snapshot { Output.result(Self.summary(snapshot)) }
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
            line("listeners", configuration.listeners.map { "\($0.address)\($0.tls == nil ? "" : " (TLS)")" }),
            line("issuers", configuration.issuers.map(\.name)),
            line("databases", configuration.databases.map(\.name)),
            line("roles", roles.map(\.name)),
            "  policy hash  \(snapshot.policies.hash)",
            "note: limits.sessions is counted per gateway",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ title: String, _ names: [String]) -> String {
        let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        return "  " + title.padded(to: 11) + "  \(names.count)" + (names.isEmpty ? "" : ": \(shown)")
    }

    private static func json(_ result: LoadResult) -> JSONValue {
        var object = JSONObject()
        object.append("ok", .bool(result.snapshot != nil))
        if let snapshot = result.snapshot {
            let configuration = snapshot.configuration
            object.append("gateway", .string(configuration.gateway.name))
            object.append("listeners", .array(configuration.listeners.map { .string($0.address.description) }))
            object.append("issuers", .array(configuration.issuers.map { .string($0.name) }))
            object.append("databases", .array(configuration.databases.map { .string($0.name) }))
            object.append("roles", .array(snapshot.policies.roles.map { .string($0.name) }))
            object.append("config_hash", .string(snapshot.configurationHash))
            object.append("policy_hash", .string(snapshot.policies.hash))
            object.append("notes", .array([.string("limits.sessions is counted per gateway")]))
        }
        object.append("diagnostics", DiagnosticRenderer.json(result.diagnostics))
        return .object(object)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
