package import ArgumentParser
internal import Glibc
internal import PosternJob

/// The end of a command line that was about `exec`, `connect` or `guard`.
package enum JobMain {
    /// Whether the command line is about one of them: their own failures have codes of their own.
    package static var isAddressed: Bool {
        guard CommandLine.argc > 1, let verb = CommandLine.unsafeArgv[1] else { return false }
        return strcmp(verb, "exec") == 0 || strcmp(verb, "connect") == 0 || strcmp(verb, "guard") == 0
    }

    /// Says that the command line is not understood, and gives the exit code.
    package static func unusable(_ message: String) -> ExitCode {
        JobOutput.error(
            JobTrouble(message.prefix(1).lowercased() + message.dropFirst(), hint: "`--help` lists the options")
        )
        return ExitCode(JobProcess.failed)
    }
}
