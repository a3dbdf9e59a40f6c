package import ArgumentParser
internal import Glibc
internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet

package struct ExecCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command of a CI job with a way to its database, and no credential.",
        discussion: """
            Finds the CI system's token, opens a private local port, sets PGHOST, PGPORT, PGUSER, PGDATABASE, PGSSLMODE, \
            PGPASSWORD and DATABASE_URL for the command, and leads each of its connections to the gateway, with the token. \
            At the end it says what the run did, from the gateway's receipts.

            Exits with the command's own code, with 128 and the number of the signal that ended it, 125 when exec itself \
            fails, 126 when the command cannot be run and 127 when it is not there. With --guard, 1 when the command \
            succeeded and rows disappeared that were there before it.

            Examples:
              postern exec --gateway db-gateway.example.com:6432 --role orders_migrator --database orders -- alembic upgrade head
              postern exec --env 'JDBC_URL={jdbc_url}' -- mvn flyway:migrate
              postern exec --guard public.users,public.orders -- psql -f migrations/0042.sql
              postern exec --diagnose
            """
    )

    @OptionGroup(title: "The way to the database") var job: JobOptionGroup

    @Flag(name: .long, help: "Leave the CI system's token in the command's environment; POSTERN_KEEP_TOKEN=1.")
    var keepToken = false

    @Flag(name: .long, help: "Run nothing: show each step to the database, and what is wrong with it.")
    var diagnose = false

    @Option(
        name: .customLong("guard"),
        help: ArgumentHelp(
            "Count these tables before and after, and fail when rows are gone; POSTERN_GUARD.",
            valueName: "schema.table,…"
        )
    )
    var guardedTables: [String] = []

    @OptionGroup var limits: GuardLimitOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind `--`.", valueName: "command"))
    var command: [String] = []

    package init() {}

    package func run() throws {
        let code = JobProcess.run { duty throws(JobTrouble) in
            try await Self.perform(self, duty)
        }
        throw ExitCode(code)
    }

    private static func perform(_ command: ExecCommand, _ duty: SignalDuty) async throws(JobTrouble) -> Int32 {
        let inherited = ProcessEnvironment.entries
        let environment = JobProcess.environment(inherited)
        var options = try command.job.options(in: environment)
        options.keepsToken = try OptionReader(environment).flag(command.keepToken, "keep-token")
        if command.diagnose { return try await DiagnoseRun.run(options, in: environment) }
        guard !command.command.isEmpty else {
            throw JobTrouble("there is no command to run", hint: "it stands behind `--`: `postern exec … -- psql`")
        }
        let guarding = try command.limits.options(tables: command.guardedTables, "guard", in: environment)
        let arguments = JobProcess.rawArguments(last: command.command.count)
        let setup = try await JobSetup(options, in: environment)
        let intake = duty.take()
        let child = ChildEnvironment(
            removing: options.keepsToken ? [] : setup.finder.credentials,
            templates: options.templates
        )
        let port = try await setup.openPort(options, temporary: environment["TMPDIR"]) { JobOutput.warning($0) }
        let guardRun = guarding.map { GuardRun(guarding: $0, job: options, setup: setup, intake: intake) }
        let code: Int32
        let before: [GuardCount]?
        do {
            before = try await guardRun?.before()
            let entries = try child.entries(inherited: inherited, endpoints: port.endpoints)
            let command = ForegroundCommand(arguments: arguments, environment: entries)
            code = JobProcess.code(of: try await ChildRun.run(command, intake: intake, on: setup.settings.loop))
        } catch {
            _ = await port.close()
            return try JobProcess.code(of: error)
        }
        let tally = await port.close()
        // When all that the command began has ended with its sessions.
        var ending: GuardEnding?
        if let guardRun, let before { ending = await guardRun.after(before, exit: code, unsettled: tally.unsettled) }
        return RunEnding(options, environment).finish(tally, code: code, guarded: ending)
    }
}
