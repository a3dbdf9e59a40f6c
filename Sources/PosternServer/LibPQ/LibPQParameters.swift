internal import Glibc
internal import PosternConfiguration
internal import PosternCore
internal import PosternNet

/// What libpq is told for one address of one host: everything, so that it asks neither the environment nor a home.
enum LibPQParameters {
    /// A path that never exists, below what is no folder: libpq passes over a missing file in silence, and takes an
    /// empty name for none.
    static let noFile = "/dev/null/none"

    /// A value for a login without a password: with none libpq would take `PGPASSWORD`.
    static let noPassword = "none"

    /// Every option but the password.
    ///
    /// - Parameter application: what the server calls the session.
    /// - Throws: for what this libpq cannot do as the configuration asks.
    static func make(
        _ database: DatabaseConfiguration,
        login: DatabaseConfiguration.Login,
        application: String,
        host: UpstreamMaterial.Host,
        address: SocketAddress,
        version: Int32 = LibPQOption.version
    ) throws(LibPQFailure) -> [String: String] {
        var parameters = [
            "user": login.name, "dbname": database.databaseName, "application_name": application,
            "client_encoding": "UTF8", "target_session_attrs": "any", "gssencmode": "disable", "passfile": noFile,
            "connect_timeout": String(max(2, database.connectTimeout.components.seconds)),
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            "tcp_user_timeout": "30000",
        ]
        switch host.endpoint {
        case .network(let name, let port):
            parameters["host"] = name
            parameters["hostaddr"] = address.host
            parameters["port"] = String(port)
        case .unix(let path):
            parameters.merge(try socket(path)) { _, new in new }
        }
        parameters.merge(try encryption(database, host.endpoint, version)) { _, new in new }
        try checkMethods(database, login, address, version)
        parameters["require_auth"] = methods(database)
        return parameters
    }

    /// libpq makes the socket's path itself, from a folder and a number.
    private static func socket(_ path: String) throws(LibPQFailure) -> [String: String] {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        let name = path[slash...].dropFirst()
        guard name.hasPrefix(".s.PGSQL."), let port = UInt16(name.dropFirst(".s.PGSQL.".count)) else {
            throw LibPQFailure("libpq connects to sockets named `.s.PGSQL.PORT` only, not to `\(path)`")
        }
        return ["host": slash == path.startIndex ? "/" : String(path[..<slash]), "port": String(port)]
    }

    private static func encryption(
        _ database: DatabaseConfiguration,
        _ endpoint: Endpoint,
        _ version: Int32
    ) throws(LibPQFailure) -> [String: String] {
        var parameters = [
            "sslmode": database.tls.mode.rawValue, "sslcert": database.clientCertificate?.certificate ?? noFile,
            "sslkey": database.clientCertificate?.key ?? noFile, "sslcrl": noFile, "sslcrldir": noFile,
            "sslrootcert": noFile, "sslcompression": "0", "sslsni": "1", "ssl_min_protocol_version": "TLSv1.2",
            "ssl_max_protocol_version": "TLSv1.3", "channel_binding": "prefer", "sslnegotiation": "postgres",
        ]
        guard database.tls.mode != .disable else {
            parameters["channel_binding"] = "disable"
            return parameters
        }
        if case .unix = endpoint {
            throw LibPQFailure(
                "libpq does no TLS over a Unix socket, and `tls.mode` is `\(database.tls.mode.rawValue)`"
            )
        }
        if let file = database.tls.certificateAuthorities {
            parameters["sslrootcert"] = file
        } else {
            parameters["sslrootcert"] = try systemAuthorities()
        }
        switch database.tls.negotiation {
        case .postgres: break
        case .direct:
            guard version >= 170_000 else {
                throw LibPQFailure("libpq \(version / 10_000) cannot do `negotiation: direct`, which needs libpq 17")
            }
            parameters["sslnegotiation"] = "direct"
        }
        return parameters
    }

    /// Before libpq 16 there is no word for the system's authorities; where Debian and Red Hat keep them as one file.
    private static func systemAuthorities() throws(LibPQFailure) -> String {
        let files = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        guard let file = files.first(where: { access($0, R_OK) == 0 }) else {
            throw LibPQFailure("the system has no file of certificate authorities; set `tls.ca_file`")
        }
        return file
    }

    /// Before libpq 16 a server may ask for the password in clear and gets it. Behind TLS it is the right server; without
    /// it may be anybody, unless it is on this machine.
    private static func checkMethods(
        _ database: DatabaseConfiguration,
        _ login: DatabaseConfiguration.Login,
        _ address: SocketAddress,
        _ version: Int32
    ) throws(LibPQFailure) {
        guard database.tls.mode == .disable, login.password != nil, version < 160_000 else { return }
        guard !address.isLocal else { return }
        throw LibPQFailure(
            "without TLS libpq \(version / 10_000) would give the password to any server that asks; "
                + "use TLS, or libpq 16"
        )
    }

    private static func methods(_ database: DatabaseConfiguration) -> String {
        // As for sessions: never in clear without TLS.
        let allowed = database.authenticationMethods.filter { $0 != .password || database.tls.mode != .disable }
        // libpq takes an empty list for no demand.
        return allowed.isEmpty ? "none" : allowed.map(\.rawValue).joined(separator: ",")
    }
}

extension SocketAddress {
    /// Whether the other end is on this machine.
    fileprivate var isLocal: Bool {
        switch family {
        case .unix: true
        case .ipv4: ipBytes.first == 127
        case .ipv6:
            ipBytes.count == 4 ? ipBytes.first == 127 : ipBytes.dropLast().allSatisfy { $0 == 0 } && ipBytes.last == 1
        }
    }
}
