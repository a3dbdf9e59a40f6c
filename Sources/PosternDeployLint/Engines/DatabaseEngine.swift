/// A database server that runs in a container: which images it has, and where they keep its data.
///
/// The paths and declared volumes are those of the images' own Dockerfiles.
struct DatabaseEngine: Sendable {
    let name: String
    /// Names of repositories, whole (`bitnami/postgresql`) or the last part (`postgres`).
    let repositories: Set<String>
    /// Where the data is, without a variable that says otherwise.
    let dataPath: @Sendable (ImageReference) -> String
    /// What the image declares with VOLUME: an anonymous volume wherever nothing is mounted at that very path or below.
    let imageVolumes: @Sendable (ImageReference) -> [String]
    /// The variable that moves the data.
    var dataVariable: String?
    /// Variables that hold a password.
    var passwordVariables: Set<String> = []
    /// The port that it listens on.
    let port: Int
    /// Often a cache, which may forget.
    var isOftenCache = false

    static func of(_ image: ImageReference) -> DatabaseEngine? {
        if let known = all.first(where: { $0.repositories.contains(image.repository) }) { return known }
        let vendor = image.repository.split(separator: "/").dropLast().last.map(String.init) ?? ""
        return ownPaths.contains(vendor) ? nil : all.first { $0.repositories.contains(image.name) }
    }

    /// Who builds images of the same names that keep their data elsewhere: nothing is said of where.
    private static let ownPaths: Set<String> = ["linuxserver", "kartoza"]

    /// Paths that are data whatever the image is called. `/data` is not: it is everybody's.
    static let wellKnownPaths: Set<String> = [
        "/var/lib/postgresql", "/var/lib/postgresql/data", "/bitnami/postgresql", "/var/lib/mysql", "/bitnami/mysql",
        "/bitnami/mariadb", "/data/db", "/var/opt/mssql", "/var/lib/clickhouse", "/var/lib/cassandra",
        "/var/lib/influxdb", "/var/lib/influxdb2", "/opt/couchdb/data",
    ]

    private init(
        _ name: String,
        _ repositories: Set<String>,
        port: Int,
        volumes: @escaping @Sendable (ImageReference) -> [String],
        data: @escaping @Sendable (ImageReference) -> String,
        variable: String? = nil,
        passwords: Set<String> = [],
        isOftenCache: Bool = false
    ) {
        self.name = name
        self.repositories = repositories
        self.port = port
        imageVolumes = volumes
        dataPath = data
        dataVariable = variable
        passwordVariables = passwords
        self.isOftenCache = isOftenCache
    }

    /// Data in one folder, which the image declares as its volume or does not.
    private init(
        _ name: String,
        _ repositories: Set<String>,
        port: Int,
        path: String,
        declares: [String]? = nil,
        variable: String? = nil,
        passwords: Set<String> = [],
        isOftenCache: Bool = false
    ) {
        self.init(
            name,
            repositories,
            port: port,
            volumes: { _ in declares ?? [path] },
            data: { _ in path },
            variable: variable,
            passwords: passwords,
            isOftenCache: isOftenCache
        )
    }

    private static let postgresPasswords: Set<String> = ["POSTGRES_PASSWORD", "PGPASSWORD"]
    private static let mysqlPasswords: Set<String> = [
        "MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD", "MARIADB_ROOT_PASSWORD", "MARIADB_PASSWORD",
    ]

    /// PostgreSQL's images put the data into a folder of the major version from 18 on, and declare the folder above.
    private static func isPostgres18(_ image: ImageReference) -> Bool {
        // Without a version it is today's.
        (image.version.first ?? 18) >= 18
    }

    static let all: [DatabaseEngine] = [
        DatabaseEngine(
            "PostgreSQL",
            [
                "postgres", "postgis", "postgis/postgis", "pgvector/pgvector", "timescale/timescaledb",
                "citusdata/citus",
            ],
            port: 5432,
            volumes: { [isPostgres18($0) ? "/var/lib/postgresql" : "/var/lib/postgresql/data"] },
            data: { image in
                guard isPostgres18(image) else { return "/var/lib/postgresql/data" }
                return "/var/lib/postgresql/\(image.version.first ?? 18)/docker"
            },
            variable: "PGDATA",
            passwords: postgresPasswords
        ),
        DatabaseEngine(
            "PostgreSQL",
            ["supabase/postgres"],
            port: 5432,
            path: "/var/lib/postgresql/data",
            variable: "PGDATA",
            passwords: postgresPasswords
        ),
        DatabaseEngine(
            "PostgreSQL",
            ["timescale/timescaledb-ha"],
            port: 5432,
            path: "/home/postgres/pgdata/data",
            declares: [],
            variable: "PGDATA",
            passwords: postgresPasswords
        ),
        DatabaseEngine(
            "PostgreSQL",
            ["bitnami/postgresql", "bitnamilegacy/postgresql", "bitnami/postgresql-repmgr"],
            port: 5432,
            path: "/bitnami/postgresql",
            passwords: postgresPasswords.union(["POSTGRESQL_PASSWORD", "POSTGRESQL_POSTGRES_PASSWORD"])
        ),
        DatabaseEngine(
            "MySQL",
            ["mysql", "mysql/mysql-server", "percona", "percona/percona-server"],
            port: 3306,
            path: "/var/lib/mysql",
            passwords: mysqlPasswords
        ),
        DatabaseEngine("MariaDB", ["mariadb"], port: 3306, path: "/var/lib/mysql", passwords: mysqlPasswords),
        DatabaseEngine(
            "MySQL",
            ["bitnami/mysql", "bitnamilegacy/mysql"],
            port: 3306,
            path: "/bitnami/mysql",
            passwords: mysqlPasswords
        ),
        DatabaseEngine(
            "MariaDB",
            ["bitnami/mariadb", "bitnamilegacy/mariadb"],
            port: 3306,
            path: "/bitnami/mariadb",
            passwords: mysqlPasswords
        ),
        DatabaseEngine(
            "MongoDB",
            ["mongo"],
            port: 27017,
            path: "/data/db",
            declares: ["/data/db", "/data/configdb"],
            passwords: ["MONGO_INITDB_ROOT_PASSWORD"]
        ),
        DatabaseEngine(
            "Redis",
            ["redis", "valkey/valkey", "valkey", "redis/redis-stack-server"],
            port: 6379,
            path: "/data",
            passwords: ["REDIS_PASSWORD", "VALKEY_PASSWORD"],
            isOftenCache: true
        ),
        DatabaseEngine(
            "SQL Server",
            ["mssql/server"],
            port: 1433,
            path: "/var/opt/mssql",
            declares: [],
            passwords: ["SA_PASSWORD", "MSSQL_SA_PASSWORD"]
        ),
        DatabaseEngine(
            "ClickHouse",
            ["clickhouse/clickhouse-server", "clickhouse", "yandex/clickhouse-server"],
            port: 8123,
            path: "/var/lib/clickhouse",
            passwords: ["CLICKHOUSE_PASSWORD"]
        ),
        DatabaseEngine("Cassandra", ["cassandra"], port: 9042, path: "/var/lib/cassandra"),
        DatabaseEngine(
            "CouchDB",
            ["couchdb"],
            port: 5984,
            path: "/opt/couchdb/data",
            passwords: ["COUCHDB_PASSWORD"]
        ),
        DatabaseEngine(
            "InfluxDB",
            ["influxdb"],
            port: 8086,
            volumes: { [($0.version.first ?? 2) >= 2 ? "/var/lib/influxdb2" : "/var/lib/influxdb"] },
            data: { ($0.version.first ?? 2) >= 2 ? "/var/lib/influxdb2" : "/var/lib/influxdb" },
            passwords: ["DOCKER_INFLUXDB_INIT_PASSWORD"]
        ),
        DatabaseEngine(
            "Elasticsearch",
            ["elasticsearch/elasticsearch", "elasticsearch"],
            port: 9200,
            path: "/usr/share/elasticsearch/data",
            declares: [],
            passwords: ["ELASTIC_PASSWORD"]
        ),
        DatabaseEngine("Neo4j", ["neo4j"], port: 7687, path: "/data", passwords: ["NEO4J_AUTH"]),
        DatabaseEngine(
            "CockroachDB",
            ["cockroachdb/cockroach"],
            port: 26257,
            path: "/cockroach/cockroach-data",
            declares: []
        ),
    ]
}
