internal import ArgumentParser
internal import Logging
internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternServer

/// What the commands that serve do before anything else.
enum ServiceStart {
    /// Keeps the process's memory to itself, and makes its log.
    ///
    /// - Throws: `ExitCode.unusable`, once the reason is told.
    static func logger(_ label: String, _ level: LogLevelArgument) throws -> Logger {
        do throws(SystemError) {
            // Keys, tokens and passwords pass through memory: a crash must not leave them in a file.
            try ProcessMemory.keepPrivate()
        } catch {
            throw failed("\(error)")
        }
        LoggingSystem.bootstrap { LineLogHandler(label: $0) }
        var logger = Logger(label: label)
        logger.logLevel = level.level
        return logger
    }

    /// Tells what is wrong with the configuration's files, and ends the command where nothing can be served with them.
    ///
    /// - Parameter check: the command that shows the mistakes.
    static func require(
        _ isSound: Bool,
        _ diagnostics: [Diagnostic],
        of config: String,
        check: String
    ) throws {
        if !diagnostics.isEmpty { Output.diagnostics(DiagnosticRenderer.pretty(diagnostics)) }
        guard isSound else {
            throw failed("`\(config)` has mistakes", hint: "`\(check) --config \(config)` shows them")
        }
    }

    /// Says why nothing is served.
    static func failed(_ reason: String, hint: String? = nil) -> ExitCode {
        Output.error("cannot start: \(reason)", hint: hint)
        return .unusable
    }
}
