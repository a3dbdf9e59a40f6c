internal import Glibc
internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet
internal import Synchronization

/// What `exec` and `connect` share as processes: signals, the environment, exit codes.
enum JobProcess {
    /// exec itself failed, as `env` says it.
    static let failed: Int32 = 125
    private static let notExecutable: Int32 = 126
    private static let notFound: Int32 = 127
    private static let signalBase: Int32 = 128

    /// The payloads that GitHub writes are below this.
    private static let eventLimit = 32 << 20

    /// Runs `body` to its end and gives the exit code. What it throws is told.
    ///
    /// Signals are blocked before there is a second thread: a thread that does not block one would die of it. SIGPIPE as
    /// well: a log that nobody reads any more must not end the command.
    static func run(_ body: @escaping @Sendable (SignalDuty) async throws(JobTrouble) -> Int32) -> Int32 {
        let duty: SignalDuty
        do throws(SystemError) {
            duty = try SignalDuty(SignalIntake(ChildRun.signals, silencing: [SIGPIPE]))
            // The token is in this process's variables and its memory: children must not find it there.
            try ProcessMemory.hide()
        } catch {
            JobOutput.error(JobTrouble("cannot begin: \(error)"))
            return failed
        }
        let result = Mutex(failed)
        Task {
            do throws(JobTrouble) {
                let code = try await body(duty)
                result.withLock { $0 = code }
            } catch {
                JobOutput.error(error)
            }
            duty.finish()
        }
        if let signal = duty.wait() { return signalBase + signal }
        return result.withLock { $0 }
    }

    /// The variables, and the files that matter for finding a token.
    static func environment(_ entries: [[UInt8]]) -> JobEnvironment {
        let variables = ProcessEnvironment.variables(of: entries)
        let files = [TokenFinder.kubernetesFile].filter { (path: String) in access(path, R_OK) == 0 }
        // It tells a fork from a missing permission, and is wanted where there is no token only.
        let needsEvent = variables["ACTIONS_ID_TOKEN_REQUEST_URL"] == nil
        let event =
            needsEvent
            ? variables["GITHUB_EVENT_PATH"].flatMap { path in SmallFile.contents(of: path, limit: eventLimit) } : nil
        return JobEnvironment(variables: variables, files: Set(files), event: event)
    }

    /// The last arguments of this process, byte for byte.
    static func rawArguments(last count: Int) -> [[UInt8]] {
        let total = Int(CommandLine.argc)
        return ((total - count)..<total).map { index in
            guard let argument = CommandLine.unsafeArgv[index] else { return [] }
            return Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
        }
    }

    static func code(of exit: ProcessExit) -> Int32 {
        switch exit {
        case .code(let code): code
        case .signal(let number): signalBase + number
        }
    }

    /// The code for a child that could not be started, after it was told.
    ///
    /// - Throws: `JobTrouble` for anything else.
    static func code(of error: any Error) throws(JobTrouble) -> Int32 {
        if let trouble = error as? JobTrouble { throw trouble }
        JobOutput.error(JobTrouble("\(error)"))
        guard let error = error as? ProcessError else { return failed }
        return error.code == ENOENT ? notFound : notExecutable
    }
}
