internal import ArgumentParser
internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway.",
        discussion: """
            Serves until SIGTERM or SIGINT, then drains: load balancers are told first, idle sessions end, busy ones \
            have until the drain timeout. SIGHUP and changed files reload the configuration.

            Example: postern serve --config /etc/postern/postern.yaml --drain-timeout 60s
            """
    )

    @Option(name: .long, help: "The configuration file.", completion: .file())
    var config: String

    @Option(name: .long, help: "How long busy sessions may go on after SIGTERM: `30s`, `5m`.")
    var drainTimeout: DurationArgument = DurationArgument(duration: .seconds(30))

    @Option(name: .long, help: "What is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevelArgument = LogLevelArgument(level: .info)

    func run() async throws {
        let logger = try ServiceStart.logger("postern", logLevel)
        let load = ConfigurationLoader.load(path: config)
        try ServiceStart.require(load.snapshot != nil, load.diagnostics, of: config, check: "postern check")
        let options = Gateway.Options(
            configuration: config,
            drainTimeout: drainTimeout.duration,
            version: Version.text
        )
        do throws(Gateway.StartFailure) {
            try await Gateway(options: options, load: load, logger: logger).run()
        } catch {
            throw ServiceStart.failed("\(error)", hint: error.hint)
        }
    }
}

/// A duration as the configuration writes it.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    var description: String { "\(duration.components.seconds)s" }
    var defaultValueDescription: String { description }
}

struct LogLevelArgument: ExpressibleByArgument {
    let level: Logger.Level

    init(level: Logger.Level) {
        self.level = level
    }

    init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument) else { return nil }
        self.level = level
    }

    var defaultValueDescription: String { level.rawValue }
    static var allValueStrings: [String] { Logger.Level.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
