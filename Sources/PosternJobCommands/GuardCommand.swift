package import ArgumentParser
internal import Glibc
internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet

package struct GuardCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "guard",
        abstract: "Run a deployment command, and fail when rows disappeared that were there before.",
        discussion: """
            Counts the rows of the tables through the gateway, runs the command in the environment as it is, counts again, \
            prints what became of each table, and has the result recorded in the gateway's journal. The command gets no \
            way to the database: `postern exec --guard` is for one that wants it.

            Exits with the command's own code when that is not 0, 1 when more disappeared than --max-loss allows or a \
            table is gone, 125 when the guard cannot say (a command whose tables cannot be counted before it is not run), \
            126 when the command cannot be run and 127 when it is not there.

            Examples:
              postern guard --tables public.users,public.orders -- docker compose up -d --wait
              postern guard --tables public.sessions --max-loss 5% -- ./deploy.sh
              postern exec --guard public.users,public.orders -- alembic upgrade head
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The tables, with their schemas; may be given again; POSTERN_TABLES.",
            valueName: "schema.table,…"
        )
    )
    var tables: [String] = []

    @OptionGroup var limits: GuardLimitOptions

    @OptionGroup(title: "The way to the database") var job: JobOptionGroup

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind `--`.", valueName: "command"))
    var command: [String] = []

    package init() {}

    package func run() throws {
        let code = JobProcess.run { duty throws(JobTrouble) in
            try await Self.perform(self, duty)
        }
        throw ExitCode(code)
    }

    private static func perform(_ command: GuardCommand, _ duty: SignalDuty) async throws(JobTrouble) -> Int32 {
        let inherited = ProcessEnvironment.entries
        let environment = JobProcess.environment(inherited)
        guard let guarding = try command.limits.options(tables: command.tables, "tables", in: environment) else {
            throw JobTrouble("`--tables` is missing", hint: "name what must not disappear: `--tables public.users`")
        }
        let options = try command.job.options(in: environment)
        guard !command.job.tcp, !command.job.socket else {
            throw JobTrouble(
                "`guard` opens no local port: `--tcp` and `--socket` mean nothing to it",
                hint: "`postern exec --guard \(guarding.tables[0]) … -- \(command.command.first ?? "psql")` opens one"
            )
        }
        guard !command.command.isEmpty else {
            throw JobTrouble(
                "there is no command to run",
                hint: "it stands behind `--`: `postern guard … -- ./deploy.sh`"
            )
        }
        let arguments = JobProcess.rawArguments(last: command.command.count)
        let setup = try await JobSetup(options, in: environment)
        let intake = duty.take()
        let run = GuardRun(guarding: guarding, job: options, setup: setup, intake: intake)
        let before = try await run.before()
        let code: Int32
        do {
            let child = ForegroundCommand(arguments: arguments, environment: inherited)
            code = JobProcess.code(of: try await ChildRun.run(child, intake: intake, on: setup.settings.loop))
        } catch {
            return try JobProcess.code(of: error)
        }
        let ending = await run.after(before, exit: code)
        return RunEnding(options, environment).finish(nil, code: code, guarded: ending)
    }
}
