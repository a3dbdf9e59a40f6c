internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import PosternCore
internal import PosternCrypto
internal import PosternNet

/// The issuer for Drone: this same executable, as `postern issuer serve`, on a Unix socket in the demo's folder.
struct DroneIssuerProcess: Sendable {
    private static let startLimit = Duration.seconds(20)

    let runner: DroneRunner
    private let process: ChildProcess
    private let logFile: String

    /// Writes the issuer's files and starts it.
    ///
    /// - Parameters:
    ///   - url: where the gateway finds it.
    ///   - variables: what jobs need to reach the gateway, besides the token.
    init(
        folder: String,
        url: String,
        executable: String,
        variables: [(name: String, value: String)]
    ) throws {
        let secret = Redacted(Hex.encode(SecureRandom.bytes(24)))
        try Files.writePrivate(secret.reveal(), to: "\(folder)/\(DroneNames.secretName)")
        try Files.makeFolder("\(folder)/issuer")
        let socketPath = "\(folder)/\(DroneNames.socketName)"
        let environment = variables.map { "\($0.name): \"\($0.value)\"" }.joined(separator: ", ")
        let configuration = """
            issuer: \(url)
            listen: {address: "unix:\(socketPath)"}
            audience: \(DemoNames.audience)
            keys: {directory: issuer/keys}
            journal: {directory: \(DroneNames.journalName), min_free: 1MiB}
            drone:
              host: \(DroneNames.host)
              secrets: [{file: \(DroneNames.secretName)}]
              environment: {\(environment)}

            """
        try Files.writePrivate(configuration, to: "\(folder)/\(DroneNames.configurationName)")
        logFile = folder + "/issuer.log"
        runner = DroneRunner(socketPath: socketPath, secret: secret)
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let command = ProcessCommand(
            executable,
            ["issuer", "serve", "--config", DroneNames.configurationName],
            environment: ["PATH": path, "TMPDIR": folder],
            directory: folder
        )
        process = try ChildProcess(command, output: .file(logFile), error: .file(logFile))
    }

    /// Suspends until it has keys and can write its journal.
    func waitUntilReady(on pool: BlockingPool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.startLimit
        while clock.now < deadline {
            // While it starts there is nobody to ask.
            if let status = try? await health(), status == .ok { return }
            if let exit = try await pool.run({ try process.wait(atMost: .milliseconds(20)) }) {
                throw DemoError("the issuer for Drone \(exit) at its start:\n\(logTail)")
            }
        }
        throw DemoError("the issuer for Drone is not ready within \(Self.startLimit)\n\(logTail)")
    }

    func stop() throws {
        try process.stop(grace: .seconds(5))
    }

    private func health() async throws -> HTTPStatusCode {
        var client = HTTPClient()
        let request = HTTPRequest(
            method: .GET,
            version: .http11,
            path: "/healthz",
            query: [],
            headers: [.host: "localhost"],
            body: Data()
        )
        return try await client.sendHTTPRequest(request, to: .unix(path: runner.socketPath)).statusCode
    }

    private var logTail: String {
        let text = Files.read(logFile).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return String(text.suffix(2000))
    }
}
