internal import Glibc
internal import PosternNet

/// Runs a program for what it prints: no shell, PATH and HOME alone in its environment, nothing on its standard
/// input unless it is handed something, its standard error thrown away, a process group of its own that does not outlive
/// the call.
enum SecretCommand {
    /// - Throws: also when it prints more than `maximumSize`; it is ended then.
    static func run(
        _ arguments: [String],
        input: [UInt8] = [],
        timeout: Duration,
        maximumSize: Int
    ) throws(SecretError) -> [UInt8] {
        let program = arguments.first ?? ""
        let command = ProcessCommand(program, Array(arguments.dropFirst()), environment: environment, input: input)
        let finished: ChildProcess.Finished
        do {
            finished = try ChildProcess.run(
                command,
                atMost: timeout,
                outputLimit: maximumSize,
                options: [.discardsError, .stopsAtLimit, .endsGroup]
            )
        } catch let error as ProcessError {
            throw .notStarted(program: program, reason: SecretSource.words(error.code))
        } catch {
            // The one other error is the deadline's.
            throw .timedOut(program: program)
        }
        guard !finished.truncated else { throw .tooLarge(source: program) }
        switch finished.exit {
        case .code(0): return finished.output
        case .code(let code): throw .failed(program: program, code: code)
        case .signal(let signal): throw .failed(program: program, code: 128 + signal)
        }
    }

    private static var environment: [String: String] {
        var environment: [String: String] = [:]
        for name in ["PATH", "HOME"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }
}
