internal import PosternPolicy

/// Rules about who reaches a database.
extension DeployRule {
    static let access = [trustAuthentication, publishedPort]

    static let trustAuthentication = ofDatabases(
        "access/trust-authentication",
        .error,
        "A database asks for no password",
        reason: """
            Every container of the network, and whoever reaches the port, is its superuser. Rules and journal of a gateway in \
            front of it mean nothing then.
            """
    ) { service in
        service.environment.compactMap { entry in
            let value = entry.value?.lowercased() ?? ""
            let isOpen: Bool
            switch entry.name {
            case "POSTGRES_HOST_AUTH_METHOD": isOpen = value == "trust"
            case "MYSQL_ALLOW_EMPTY_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD":
                isOpen = ["yes", "true", "1"].contains(value)
            default: isOpen = false
            }
            guard isOpen else { return nil }
            return Complaint(
                entry.location,
                "`\(entry.name)` lets everybody into `\(service.name)` who reaches it",
                hint: "use `scram-sha-256`, with the password in a file: `POSTGRES_PASSWORD_FILE`"
            )
        }
    }

    static let publishedPort = ofDatabases(
        "access/published-port",
        .warning,
        "A database's port is open to every network of the host",
        reason: """
            Docker opens the port past the host's firewall. Jobs that reach the database itself need neither Postern nor its \
            rules, and no journal knows of them.
            """
    ) { service in
        guard service.engine != nil else { return [] }
        return service.ports.compactMap { port in
            guard let text = Interpolation.resolved(port.text) else { return nil }
            let isLocal = ["127.", "localhost:", "[::1]", "::1"].contains { text.hasPrefix($0) }
            guard !isLocal else { return nil }
            return Complaint(
                port.location,
                "the port of `\(service.name)` is published on every address of the host",
                hint: "leave it out, since the other services have the network; or publish it on 127.0.0.1"
            )
        }
    }
}
