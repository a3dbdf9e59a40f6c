internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet

/// `exec --diagnose`: every step that a run would take, without a command, and all that is wrong with them.
enum DiagnoseRun {
    /// - Returns: the exit code: 0 when a run would reach its database, 1 when it would not.
    static func run(_ options: JobOptions, in environment: JobEnvironment) async throws(JobTrouble) -> Int32 {
        let finder = TokenFinder(options.token, in: environment)
        var diagnosis = Diagnosis(options, in: environment, system: finder.system)
        var token: JobToken?
        do throws(JobTrouble) {
            let source = try TokenFetcher.settled(finder.find())
            // The audience is looked at afterwards: a token with another one is worth seeing.
            let fetcher = TokenFetcher(
                source,
                system: finder.system,
                audience: nil,
                environment: environment,
                caFile: options.caFile
            )
            let found = try fetcher.fetch()
            token = found
            diagnosis.note(found, from: source, date: .now)
        } catch {
            diagnosis.note(error)
        }
        await reach(options, token, &diagnosis)
        JobOutput.result(diagnosis.text)
        for trouble in diagnosis.troubles { JobOutput.error(trouble) }
        return diagnosis.isGood ? 0 : 1
    }

    private static func reach(_ options: JobOptions, _ token: JobToken?, _ diagnosis: inout Diagnosis) async {
        do {
            let route = try GatewayRoute(
                to: options.gateway,
                negotiation: options.negotiation,
                caFile: options.caFile
            )
            let loop = try EventLoop(name: "postern.diagnose")
            loop.start()
            let request = GatewayRequest(user: options.role, database: options.database)
            let finding = await GatewayProbe.run(route, request: request, token: token, on: loop)
            let login: Diagnosis.Login
            if let failure = finding.failure {
                login = .failed(failure)
            } else {
                login = token == nil ? .untried : .granted(serverVersion: finding.serverVersion)
            }
            diagnosis.note(address: finding.address, tls: finding.tlsVersion, login, token)
        } catch let failure as LinkFailure {
            diagnosis.note(address: nil, tls: nil, .failed(failure), token)
        } catch {
            diagnosis.note(address: nil, tls: nil, .failed(.unreachable("\(error)")), token)
        }
    }
}
