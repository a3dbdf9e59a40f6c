package import PosternCore

/// The local port's addresses, as a child is told of them.
package struct LocalEndpoints: Sendable {
    /// The folder of the Unix socket `.s.PGSQL.PORT`; nil when there is none.
    package let folder: String?
    /// The port of 127.0.0.1; nil when there is none.
    package let port: UInt16?
    /// The number in the socket's name, which is the port's where both are there.
    package let number: UInt16
    /// What a driver says on the port of 127.0.0.1.
    package let password: Redacted<String>
    /// The role, and the database as the gateway names it.
    package let user: String
    package let database: String

    /// - Precondition: one of folder and port is there.
    package init(
        folder: String?,
        port: UInt16?,
        number: UInt16,
        password: Redacted<String>,
        user: String,
        database: String
    ) {
        precondition(folder != nil || port != nil, "a local port is somewhere")
        self.folder = folder
        self.port = port
        self.number = number
        self.password = password
        self.user = user
        self.database = database
    }

    /// For people.
    package var place: String {
        let socket = folder.map { "\($0)/.s.PGSQL.\(number)" }
        return [socket, port.map { "127.0.0.1:\($0)" }].compactMap(\.self).joined(separator: " and ")
    }

    /// For libpq and what reads its variables: the socket where there is one.
    package var host: String { folder ?? "127.0.0.1" }

    /// For what reads one URL. Every driver knows a host and a port, few a socket.
    ///
    /// The URL has no `&`: it is often put into a shell's line or a file of variables without quotes.
    package func url(scheme: String = "postgresql") -> Redacted<String> {
        Redacted("\(scheme)://\(authority)/\(PercentText.encode(database))?sslmode=disable")
    }

    private var authority: String {
        let user = PercentText.encode(user)
        if let port { return "\(user):\(password.reveal())@127.0.0.1:\(port)" }
        return "\(user)@\(PercentText.encode(folder ?? "")):\(number)"
    }

    /// For pgJDBC, which has no sockets: nil without a port.
    package var jdbc: Redacted<String>? {
        port.map { port in
            let login = "user=\(PercentText.encode(user))&password=\(password.reveal())"
            return Redacted(
                "jdbc:postgresql://127.0.0.1:\(port)/\(PercentText.encode(database))?\(login)&sslmode=disable"
            )
        }
    }
}
