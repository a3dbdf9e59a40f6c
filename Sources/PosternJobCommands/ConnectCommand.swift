package import ArgumentParser
internal import Glibc
internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet

package struct ConnectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract:
            "Keep a job's local port open in the foreground, for steps and sidecars that start several processes.",
        discussion: """
            The same port as `postern exec` opens, until SIGTERM or SIGINT. --env-file holds the variables that exec would \
            set; --ready-file is there while the port is open. At the end it says what the sessions did.

            A sidecar has a fixed --port, and either a --socket-folder that its neighbours share or the same \
            POSTERN_LOCAL_PASSWORD as they. Exits 0 after a signal, 125 when it cannot begin.

            Examples:
              postern connect --env-file postern.env --ready-file ready &
              postern connect --port 5432 --socket-folder /run/postern --wait 30s
            """
    )

    @OptionGroup(title: "The way to the database") var job: JobOptionGroup

    @Option(name: .long, help: "The port of 127.0.0.1, and the number in the socket's name; POSTERN_PORT.")
    var port: String?

    @Option(
        name: .long,
        help: ArgumentHelp("An existing folder for the Unix socket; POSTERN_SOCKET_FOLDER.", valueName: "folder"),
        completion: .directory
    )
    var socketFolder: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Write the variables here, `-` for standard output; POSTERN_ENV_FILE.", valueName: "file"),
        completion: .file()
    )
    var envFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Make this file when the port is open, remove it at the end; POSTERN_READY_FILE.",
            valueName: "file"
        ),
        completion: .file()
    )
    var readyFile: String?

    package init() {}

    package func run() throws {
        let code = JobProcess.run { duty throws(JobTrouble) in
            try await Self.perform(self, duty)
        }
        throw ExitCode(code)
    }

    private static func perform(_ command: ConnectCommand, _ duty: SignalDuty) async throws(JobTrouble) -> Int32 {
        let environment = JobProcess.environment(ProcessEnvironment.entries)
        let reader = OptionReader(environment)
        var options = try command.job.options(in: environment)
        if reader.value(command.port, "port") != nil {
            options.offer.number = try reader.parsed(command.port, "port", "a port from 1 to 65535") { text in
                UInt16(text).flatMap { $0 > 0 ? $0 : nil }
            }
        }
        options.offer.folder = reader.value(command.socketFolder, "socket-folder")
        let files = ConnectFiles(
            variables: reader.value(command.envFile, "env-file"),
            ready: reader.value(command.readyFile, "ready-file")
        )
        files.forget()
        let setup = try await JobSetup(options, in: environment)
        let intake = duty.take()
        let port = try await setup.openPort(options, temporary: environment["TMPDIR"]) { JobOutput.warning($0) }
        do throws(JobTrouble) {
            try files.write(
                try ChildEnvironment(removing: [], templates: options.templates).variables(for: port.endpoints)
            )
        } catch {
            _ = await port.close()
            throw error
        }
        if !options.isQuiet {
            JobOutput.notes(["listening for \(options.role) on \(options.database) at \(port.endpoints.place)"])
        }
        await SignalWait.run(intake, on: setup.settings.loop)
        files.remove()
        return RunEnding(options, environment).finish(await port.close(), code: 0)
    }
}
