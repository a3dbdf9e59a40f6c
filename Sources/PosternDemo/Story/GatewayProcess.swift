internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import PosternNet

/// The gateway of the demo: this same executable, as `postern serve`.
struct GatewayProcess: Sendable {
    private static let startLimit = Duration.seconds(20)
    private static let stopLimit = Duration.seconds(8)

    let process: ChildProcess
    private let logFile: String

    /// - Parameter executable: the `postern` to run.
    init(_ site: DemoSite, executable: String) throws {
        logFile = site.folder + "/gateway.log"
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let command = ProcessCommand(
            executable,
            // Seen from the folder, so that denials name the policy as its writers know it.
            ["serve", "--config", DemoSite.configurationName],
            environment: ["PATH": path],
            directory: site.folder
        )
        process = try ChildProcess(command, output: .file(logFile), error: .file(logFile))
    }

    /// Suspends until the gateway takes jobs and has the issuer's keys: until /readyz says `ready` and nothing else.
    func waitUntilReady(adminPort: UInt16, on pool: BlockingPool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.startLimit
        var last = "no answer"
        while clock.now < deadline {
            if let answer = try? await Self.readiness(adminPort) {
                if answer == "ready\n" { return }
                last = answer.trimmingCharacters(in: .newlines)
            }
            // Between two looks we wait for the only event that there is: the gateway's end.
            if let exit = try await pool.run({ try process.wait(atMost: .milliseconds(20)) }) {
                throw DemoError("the gateway \(exit) at its start:\n\(logTail)")
            }
        }
        throw DemoError("the gateway is not ready within \(Self.startLimit): \(last)\n\(logTail)")
    }

    /// Ends the gateway in good order. The first SIGTERM begins the drain; a further one says that no load balancer has
    /// to be waited for.
    func stop() throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.stopLimit
        while clock.now < deadline {
            process.signal(SIGTERM)
            if try process.wait(atMost: .milliseconds(200)) != nil { return }
        }
        try process.stop(with: SIGKILL, grace: .seconds(1))
    }

    /// The end of what the gateway logged.
    var logTail: String {
        let text = Files.read(logFile).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return String(text.suffix(2000))
    }

    private static func readiness(_ port: UInt16) async throws -> String {
        var client = HTTPClient()
        let request = HTTPRequest(
            method: .GET,
            version: .http11,
            path: "/readyz",
            query: [],
            headers: [HTTPHeader.host: "127.0.0.1", .connection: "close"],
            body: Data()
        )
        let response = try await client.sendHTTPRequest(request, to: .inet(ip4: "127.0.0.1", port: port))
        return String(decoding: try await response.bodyData, as: UTF8.self)
    }
}
