internal import PosternCore
internal import PosternCrypto

/// The names that the demo's files and jobs share.
enum DemoNames {
    static let database = "orders"
    static let role = "orders_migrator"
    static let issuer = "ci"
    static let audience = "postern.demo"
    static let repository = "acme/orders"
    static let branch = "refs/heads/main"
    static let run = "4711"
}

/// Everything that an operator of Postern would write, in one folder: configuration, policy, certificates, a password.
struct DemoSite: Sendable {
    static let configurationName = "postern.yaml"
    /// Where the policy is, seen from the folder.
    static let policyName = "policies/orders.yaml"
    static let journalName = "journal"
    /// The key for checkpoints, copied from the journal's folder when the gateway started.
    static let publicKeyName = "checkpoint.pub"
    static let changedJournalName = "changed"

    let folder: String
    let gatewayPort: UInt16
    let adminPort: UInt16
    let issuerURL: String
    /// Of the database's login. It is in one file here and in PostgreSQL; no job ever has it.
    let loginPassword: Redacted<String>

    var configurationFile: String { "\(folder)/\(Self.configurationName)" }
    var authorityFile: String { folder + "/ca.crt" }
    var journalFolder: String { "\(folder)/\(Self.journalName)" }
    var publicKeyFile: String { "\(folder)/\(Self.publicKeyName)" }

    /// Of the issuer for Drone.
    let droneURL: String

    init(folder: String, gatewayPort: UInt16, adminPort: UInt16, issuerURL: String, droneURL: String) {
        self.folder = folder
        self.gatewayPort = gatewayPort
        self.adminPort = adminPort
        self.issuerURL = issuerURL
        self.droneURL = droneURL
        loginPassword = Redacted(Hex.encode(SecureRandom.bytes(16)))
    }

    /// Writes the files.
    ///
    /// - Parameter postgresPort: where the database is.
    func write(certificates: DemoCertificates, postgresPort: UInt16) throws(DemoError) {
        try Files.writePrivate(certificates.authorityPEM, to: authorityFile)
        _ = try certificates.writeServer("gateway", in: folder)
        try Files.makeFolder(folder + "/secrets")
        try Files.writePrivate(loginPassword.reveal() + "\n", to: folder + "/secrets/orders_migrator")
        try Files.makeFolder(folder + "/policies")
        try Files.writePrivate(Self.policy, to: "\(folder)/\(Self.policyName)")
        try Files.makeFolder(journalFolder)
        try Files.writePrivate(configuration(postgresPort: postgresPort), to: configurationFile)
    }

    /// Keeps the journal's public key where the journal is not.
    func keepPublicKey() throws(DemoError) {
        let path = "\(journalFolder)/\(Self.publicKeyName)"
        guard let key = Files.read(path) else { throw Files.failure("cannot read `\(path)`") }
        try Files.writePrivate(key, to: publicKeyFile)
    }

    private func configuration(postgresPort: UInt16) -> String {
        """
        gateway: {name: demo}
        listeners:
          - address: 127.0.0.1:\(gatewayPort)
            tls: {certificate: gateway.crt, key: gateway.key}
        issuers:
          \(DemoNames.issuer):
            profile: generic
            issuer: \(issuerURL)
            audience: \(DemoNames.audience)
            ca_file: ca.crt
            allow_private: true
            trust: all
          \(DroneNames.issuer):
            profile: drone
            issuer: \(droneURL)
            audience: \(DemoNames.audience)
            ca_file: ca.crt
            allow_private: true
        databases:
          \(DemoNames.database):
            hosts: [localhost:\(postgresPort)]
            dbname: \(DemoNames.database)
            tls: {mode: verify-full, ca_file: ca.crt}
            search_path: [public]
            logins:
              \(DemoNames.role): {password: {file: secrets/orders_migrator}}
        policies: policies/
        audit: {directory: \(Self.journalName)}
        admin: {address: 127.0.0.1:\(adminPort)}

        """
    }

    /// The role's policy, as it is written and shown.
    static let policy = """
        roles:
          \(DemoNames.role):
            description: Schema migrations of the orders service from its main branch
            database: \(DemoNames.database)
            login: \(DemoNames.role)
            who:
              - issuer: \(DemoNames.issuer)
                claims: {repository: \(DemoNames.repository), ref: \(DemoNames.branch)}
              - issuer: \(DroneNames.issuer)
                claims: {drone_host: \(DroneNames.host), repository_uid: "\(DroneNames.repositoryUID)", event: push,
                  ref: \(DemoNames.branch)}
            rules:
              - {id: read, allow: read, on: ["public.*"]}
              - {id: write, allow: [INSERT, UPDATE, DELETE], on: ["public.*"], require_where: true}
              - {id: migrate, allow: ddl, on: ["public.*"]}
              - {id: no-drop, deny: [DROP TABLE, TRUNCATE], message: a reviewer drops tables}

        """

    /// The tables that the example jobs work with, owned by their login.
    func createDatabase(in postgres: PrivatePostgres) throws {
        let role = DemoNames.role
        try postgres.execute("create role \(role) login password '\(loginPassword.reveal())'", database: "postgres")
        try postgres.execute("create database \(DemoNames.database) owner \(role)", database: "postgres")
        let tables = """
            set role \(role);
            create table orders (id int primary key, customer text not null, placed date not null);
            create table order_lines (
                order_id int not null references orders, article text not null, quantity int not null,
                primary key (order_id, article)
            );
            insert into orders values (1, 'Ada', '2026-11-02'), (2, 'Grace', '2026-11-09'), (3, 'Edsger', '2026-11-16');
            insert into order_lines values
                (1, 'brass key', 2), (1, 'padlock', 1), (2, 'door hinge', 4), (3, 'latch', 1), (3, 'brass key', 6);
            """
        try postgres.execute(tables, database: DemoNames.database)
    }
}
