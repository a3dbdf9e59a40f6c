internal import PosternCore
package import PosternJob
internal import PosternNet
internal import PosternTLS

/// Gets a token from wherever it comes, on a thread that may block.
package struct TokenFetcher: Sendable {
    /// A token service, or a program, that takes longer than this does not answer.
    private static let timeout = Duration.seconds(20)

    private let source: TokenSource
    private let system: CISystem
    private let audience: String?
    private let environment: JobEnvironment
    /// Authorities that are believed beside the system's.
    private let caFile: String?

    package init(
        _ source: TokenSource,
        system: CISystem,
        audience: String?,
        environment: JobEnvironment,
        caFile: String?
    ) {
        self.source = source
        self.system = system
        self.audience = audience
        self.environment = environment
        self.caFile = caFile
    }

    /// - Throws: `JobTrouble`.
    package func fetch() throws(JobTrouble) -> JobToken {
        let text: Redacted<[UInt8]>
        switch source {
        case .variable(_, let value), .once(_, let value): text = value
        case .file(let path): text = try Self.read(path)
        case .command(let words): text = try run(words)
        case .service(let request): text = try ask(request)
        }
        return try TokenCheck.check(text, from: source, system: system, audience: audience)
    }

    /// Reads a token's file that is a pipe or a terminal, as shells make of `--token-file <(…)`: it can be read once, and
    /// stands for the whole run.
    ///
    /// - Returns: the source with what was read; the source as it was when it is anything else.
    /// - Throws: `JobTrouble`, also when nobody writes into the pipe.
    package static func settled(_ source: TokenSource) throws(JobTrouble) -> TokenSource {
        guard case .file(let path) = source, SmallFile.isStream(path) else { return source }
        do throws(SmallFile.Failure) {
            return .once(path, Redacted(try SmallFile.readStream(path, limit: JobToken.lengthLimit + 1024, timeout)))
        } catch {
            throw failure(path, error)
        }
    }

    private static func failure(_ path: String, _ error: SmallFile.Failure) -> JobTrouble {
        JobTrouble("cannot read the token's file `\(path)`: \(error.reason)")
    }

    private static func read(_ path: String) throws(JobTrouble) -> Redacted<[UInt8]> {
        do throws(SmallFile.Failure) {
            return Redacted(try SmallFile.read(path, limit: JobToken.lengthLimit + 1024))
        } catch {
            throw failure(path, error)
        }
    }

    private func run(_ words: [String]) throws(JobTrouble) -> Redacted<[UInt8]> {
        let command = ProcessCommand(words[0], Array(words.dropFirst()), environment: environment.variables)
        let finished: ChildProcess.Finished
        do {
            finished = try ChildProcess.run(
                command,
                atMost: Self.timeout,
                outputLimit: JobToken.lengthLimit + 1024,
                options: [.endsGroup]
            )
        } catch {
            throw JobTrouble("cannot get a token: \(error)")
        }
        guard finished.exit.succeeded else {
            // What a program says on standard error may help. A line with the beginning of a JWT is not shown.
            let last = finished.errorText.split(whereSeparator: \.isNewline).last { !$0.contains("eyJ") }
            let line = last.map { ": " + TerminalText.escaped(String($0.prefix(200))) } ?? ""
            throw JobTrouble("cannot get a token: `\(words[0])` \(finished.exit)\(line)")
        }
        return Redacted(finished.output)
    }

    private func ask(_ request: TokenRequest) throws(JobTrouble) -> Redacted<[UInt8]> {
        let proxy = try HTTPProxy.choose(for: request.address, in: environment)
        let response: HTTPResponseReader.Response
        do {
            response = try exchange(request, through: proxy)
        } catch {
            let way = proxy.map { " through the proxy \($0.host):\($0.port)" } ?? ""
            throw JobTrouble("cannot get a token from \(request.address.origin)\(way): \(error)")
        }
        return try TokenReply.token(status: response.status, body: response.body, of: request, system: system)
    }

    private func exchange(
        _ request: TokenRequest,
        through proxy: HTTPProxy?
    ) throws -> HTTPResponseReader.Response {
        let deadline = MonotonicTime.now.advanced(by: Self.timeout)
        let address = request.address
        let (host, port) = proxy.map { ($0.host, $0.port) } ?? (address.host, address.port)
        let connection = try DeadlineConnection(
            to: try NameResolver.resolve(host: host, port: port),
            deadline: deadline
        )
        if let proxy {
            try connection.send(proxy.connect(to: address))
            let answer = try Self.response(of: connection, HTTPResponseReader(isTunnel: true, bodyLimit: 64 << 10))
            guard 200..<300 ~= answer.status else {
                throw DeadlineConnection.Failure(description: "the proxy answered \(answer.status)")
            }
        }
        try connection.secure(try TLSContext(systemAnd: caFile), host: address.host)
        try connection.send(request.bytes)
        return try Self.response(of: connection, HTTPResponseReader(bodyLimit: TokenReply.bodyLimit))
    }

    private static func response(
        of connection: DeadlineConnection,
        _ reader: HTTPResponseReader
    ) throws -> HTTPResponseReader.Response {
        var reader = reader
        while true {
            let bytes = try connection.receive()
            if let response = try reader.received(bytes ?? [], isEnd: bytes == nil) { return response }
            guard bytes != nil else { throw DeadlineConnection.Failure(description: "it ended without an answer") }
        }
    }
}
