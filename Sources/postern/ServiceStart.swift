internal import ArgumentParser
internal import Logging
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
            Output.error("cannot start: \(error)")
            throw ExitCode.unusable
        }
        LoggingSystem.bootstrap { LineLogHandler(label: $0) }
        var logger = Logger(label: label)
        logger.logLevel = level.level
        return logger
    }
}
