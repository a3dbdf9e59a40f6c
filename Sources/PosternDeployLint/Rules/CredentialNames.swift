/// Names of variables that hold what opens a database.
enum CredentialNames {
    private static let passwords: Set<String> = [
        "PGPASSWORD", "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "DB_PASSWORD", "DB_PASS", "DBPASSWORD",
        "DATABASE_PASSWORD", "MYSQL_PWD", "FLYWAY_PASSWORD", "LIQUIBASE_COMMAND_PASSWORD", "SPRING_DATASOURCE_PASSWORD",
        "TYPEORM_PASSWORD", "SQITCH_PASSWORD", "PG_PASSWORD",
    ]
    private static let addresses: Set<String> = [
        "DATABASE_URL", "DATABASE_URI", "DB_URL", "DB_URI", "POSTGRES_URL", "POSTGRESQL_URL", "PG_URL",
        "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_URL", "DATABASE_DSN", "DB_DSN",
    ]
    private static let suffixes = [
        "_DB_PASSWORD", "_DB_PASS", "_DATABASE_PASSWORD", "_PGPASSWORD", "_POSTGRES_PASSWORD", "_POSTGRESDB_PASSWORD",
        "_MYSQL_PASSWORD",
    ]
    private static let engines: Set<String> = Set(DatabaseEngine.all.flatMap(\.passwordVariables))

    /// A password of any database, whatever stands before the name: `ORDERS_DB_PASSWORD`.
    static func isPassword(_ name: String) -> Bool {
        let name = name.uppercased()
        return passwords.contains(name) || engines.contains(name)
            || suffixes.contains { name.hasSuffix($0) }
    }

    /// What opens a PostgreSQL, where Postern can stand: an address with its password, or the password.
    static func opensPostgres(_ name: String) -> Bool {
        let name = name.uppercased()
        let others = ["MYSQL", "MARIADB", "MONGO", "REDIS", "MSSQL", "CLICKHOUSE"]
        guard !others.contains(where: name.contains) else { return false }
        return passwords.contains(name) || addresses.contains(name)
            || (passwords.union(addresses)).contains { name.hasSuffix("_" + $0) }
    }
}
