/// Containers that take a database's image for the client in it: they keep no data.
enum DatabaseClient {
    private static let programs: Set<String> = [
        "psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_isready", "pg_basebackup", "createdb", "mysqldump", "mysql",
        "mysqladmin", "mariadb", "mariadb-dump", "mongosh", "mongo", "mongodump", "mongorestore", "redis-cli", "cqlsh",
        "clickhouse-client", "elasticsearch-certutil",
    ]
    private static let shells: Set<String> = ["sh", "bash", "ash", "dash"]
    /// What a shell may end in that is a server after all.
    private static let servers = [
        "docker-entrypoint", "postgres -", "exec postgres", "mysqld", "mariadbd", "mongod", "redis-server", "run.sh",
        "eswrapper",
    ]

    /// Whether a service's command, or its entrypoint, is such a client.
    ///
    /// - Parameter layers: the service's mapping and those that it extends, nearest first.
    static func isRun(by layers: [DeployNode]) -> Bool {
        for key in ["entrypoint", "command"] {
            guard let node = layers.lazy.compactMap({ $0[key] }).first else { continue }
            let words = node.text.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) } ?? node.texts
            let name = words.first?.split(separator: "/").last.map(String.init) ?? ""
            if programs.contains(name) { return true }
            let text = words.dropFirst().joined(separator: " ")
            if shells.contains(name), programs.contains(where: text.contains), !servers.contains(where: text.contains) {
                return true
            }
        }
        return false
    }
}
