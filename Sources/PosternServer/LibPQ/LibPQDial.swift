internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternUpstream
internal import PostgresWire

/// The way to a server over libpq. Blocks: for a thread of its own.
struct LibPQDial: Sendable {
    private let database: DatabaseConfiguration
    private let login: DatabaseConfiguration.Login
    private let application: String

    /// - Parameter application: what the server calls the session.
    init(_ database: DatabaseConfiguration, login: DatabaseConfiguration.Login, application: String) {
        self.database = database
        self.login = login
        self.application = application
    }

    /// Goes through the hosts as a session does, until one gives a session of the right kind.
    ///
    /// - Throws: also when the login is a superuser and the configuration does not say that it may be.
    func connect(
        _ material: UpstreamMaterial,
        _ isStopped: @escaping @Sendable () -> Bool
    ) throws(LibPQFailure) -> LibPQConnection {
        var attempts = HostAttempts(hosts: material.hosts.map(\.upstreamHost), attributes: database.sessionAttributes)
        var found: LibPQConnection?
        var action = attempts.start()
        while true {
            guard !isStopped() else { throw .stopped }
            switch action {
            case .attempt(let wanted):
                do throws(LibPQFailure) {
                    guard let host = material.hosts.first(where: { $0.upstreamHost == wanted }) else {
                        throw LibPQFailure("unknown host")
                    }
                    let connection = try connect(material, host, isStopped)
                    found = connection
                    action = attempts.loggedIn(connection.loginResult)
                } catch {
                    // libpq does not say why a login was refused but in words: the next host may know better.
                    action = attempts.failed(UpstreamFailure(.unreachable, error.description))
                }
            case .use:
                guard let found else { throw LibPQFailure("no session is there to use") }
                guard database.superuser || found.parameter("is_superuser") != "on" else {
                    throw LibPQFailure("`\(login.name)` is a superuser, and `superuser` is not set")
                }
                return found
            case .fail(let failure): throw LibPQFailure(failure.log)
            }
        }
    }

    private func connect(
        _ material: UpstreamMaterial,
        _ host: UpstreamMaterial.Host,
        _ isStopped: @escaping @Sendable () -> Bool
    ) throws(LibPQFailure) -> LibPQConnection {
        let deadline = MonotonicTime.now.advanced(by: database.connectTimeout)
        var last = LibPQFailure(host.failure ?? "no address")
        for address in host.addresses {
            let parameters = try LibPQOption.closed(
                LibPQParameters.make(database, login: login, application: application, host: host, address: address)
            )
            do throws(LibPQFailure) {
                return try LibPQConnection(
                    parameters,
                    password: material.password ?? Redacted(Array(LibPQParameters.noPassword.utf8)),
                    deadline: deadline,
                    isStopped: isStopped
                )
            } catch {
                last = error
            }
        }
        throw last
    }
}

extension LibPQConnection {
    /// What the machine that goes through the hosts decides by.
    fileprivate var loginResult: LoginResult {
        LoginResult(
            parameters: ["in_hot_standby", "default_transaction_read_only"].compactMap { name in
                parameter(name).map { ParameterStatus(name: name, value: $0) }
            }
        )
    }
}
